import { WARNING_HOURS, type WarningHours } from './hours.ts';
import type { Outlook } from './outlook.ts';

/** Whether a node is warned of, and since when. */
export interface Warning {
  readonly isWarned: boolean;
  /** Milliseconds since 1970 when that began; absent where it was never otherwise. */
  readonly since?: number | undefined;
  /** Since when nothing speaks for the warning any more; absent where something does. */
  readonly calmSince?: number | undefined;
  /** The reason in numbers, for the warning and against it. */
  readonly why: string;
}

/**
 * How long nothing may speak for a warning before it ends, in ms: an hour, the time in which most tables have gone through their
 * lifetimes. A series that stands still for a few readings has not been mended.
 */
const CALM_FOR = 3_600_000;

/**
 * The warning of a node after one more look. It begins with a likely fill within the hours of a warning, or a full table. It ends
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
  if (before?.isWarned !== true)
    return isBad ? { isWarned: true, since: now, why } : { isWarned: false, ...since, why };
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
