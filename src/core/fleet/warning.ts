import { WARNING_HOURS, type WarningHours } from './hours.ts';
import type { Outlook } from './outlook.ts';

/** Whether a node is warned of, and since when. */
export interface Warning {
  readonly isWarned: boolean;
  /** Milliseconds since 1970 when that began; absent where it was never otherwise. */
  readonly since?: number | undefined;
  /** Since when nothing speaks for the warning any more; absent where something does. */
  readonly calmSince?: number | undefined;
  /** Since when every look has spoken for a warning that has not begun; absent where the newest one does not. */
  readonly likelySince?: number | undefined;
  /** The reason in numbers, for the warning and against it. */
  readonly why: string;
}

/**
 * How long nothing may speak for a warning before it ends, in ms: an hour, the time in which most tables have gone through their
 * lifetimes. A series that stands still for a few readings has not been mended.
 */
const CALM_FOR = 3_600_000;

/**
 * For how long every look has to foresee a fill before a warning begins, by the hours that are left, in ms: the further it is off, the
 * longer it can wait, and a deploy or a busy half of an hour foretells one for as long as it goes on. What is two hours off is told at
 * once: there a wait costs fills that are told too late.
 */
const HAS_TO_LAST: readonly { readonly fromHours: number; readonly lasts: number }[] = [
  { fromHours: 3, lasts: 55 * 60_000 },
  { fromHours: 2, lasts: 25 * 60_000 },
  { fromHours: 0, lasts: 0 },
];

/**
 * The warning of a node after one more look. It begins with a full table, or with a likely fill within the hours of a warning that
 * looks have foretold for as long as {@link HAS_TO_LAST} says. It ends
 * after an hour in which no growth would fill the table within the hours of a release. A node that is not seen stays as it was.
 *
 * @param before as the look before left it; `undefined` at the first
 * @param now milliseconds since 1970
 */
export function warningAfter(
  before: Warning | undefined,
  outlook: Outlook,
  now: number,
  hours: WarningHours = WARNING_HOURS,
): Warning {
  const { why } = outlook;
  const isBad =
    outlook.state === 'full' || (outlook.state === 'fills' && outlook.in.likely < hours.warnUnder * 3_600);
  const since = before?.since === undefined ? {} : { since: before.since };
  if (before?.isWarned !== true) {
    const pending = before?.likelySince === undefined ? {} : { likelySince: before.likelySince };
    if (outlook.state === 'unknown') return { isWarned: false, ...since, ...pending, why };
    if (!isBad) return { isWarned: false, ...since, why };
    const likelySince = before?.likelySince ?? now;
    return now - likelySince >= lastsFor(outlook)
      ? { isWarned: true, since: now, why }
      : { isWarned: false, ...since, likelySince, why };
  }
  if (isBad) return { isWarned: true, ...since, why };
  if (outlook.state === 'unknown') return { ...before, why };
  const mayFill =
    'in' in outlook && outlook.in !== undefined && outlook.in.likely <= hours.releaseAbove * 3_600;
  if (mayFill) return { isWarned: true, ...since, why };
  const calmSince = before.calmSince ?? now;
  return now - calmSince >= CALM_FOR
    ? { isWarned: false, since: now, why }
    : { isWarned: true, ...since, calmSince, why };
}

function lastsFor(outlook: Outlook): number {
  if (outlook.state !== 'fills') return 0;
  const hours = outlook.in.likely / 3_600;
  return HAS_TO_LAST.find(({ fromHours }) => hours >= fromHours)?.lasts ?? 0;
}
