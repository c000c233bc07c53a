import { incidentId } from '../../incident/open-incident.ts';
import {
  endQuiet,
  hasFiredItself,
  heldBackAlarm,
  isNewsAfterQuiet,
  isOwedAfterQuiet,
} from '../../incident/quiet.ts';
import { lookIfDue, receiveAlarm } from '../../incident/receive-alarm.ts';
import type { Alarm } from '../../record/alarm.ts';
import type { IncidentHead } from '../../record/incident.ts';
import type { Duty, Tick } from '../duty.ts';

/**
 * An alarm that fired while its incident was kept quiet is not kept from anybody: neither when a look at its nodes found that it got
 * worse, nor when a dismissal is over and it still fires. When a snooze is over, neither is one that fires since before it.
 */
export const endQuietTime: Duty = {
  name: 'end-quiet',
  run: async (tick, head) => {
    const { quiet } = head;
    if (quiet === undefined || !isOwedAfterQuiet(head)) return undefined;
    const { firedAt, look, until } = quiet;
    const isWorse = look?.worse !== undefined;
    const isOver = tick.clock.now() >= Date.parse(until);
    if (firedAt === undefined && !isOver) return undefined;
    const held = await heldBack(tick, head, firedAt);
    const firing = held.filter(({ isOk }) => !isOk);
    if (!isWorse && !isOver) return firing.length > 0 && (await lookIfDue(tick, head)) ? 'looked' : undefined;
    const isNews = isNewsAfterQuiet(head);
    const toOpen = held.filter(
      ({ isNewest, hasFired, isOk }) =>
        // What got worse is said even where the alarm is OK by now: it has flapped before.
        isNewest && ((isWorse && hasFired) || (isNews && !isOk)),
    );
    for (const one of toOpen) await receiveAlarm(tick, one.alarm, { isHeld: false });
    // A firing that came after the look stays owed.
    await tick.store.update(head.id, (now) => (now.quiet?.firedAt === firedAt ? endQuiet(now) : now));
    return toOpen.length > 0 ? 'opened' : 'over';
  },
};

/** An alarm that was kept back. */
interface HeldBack {
  /** As it fired last. */
  readonly alarm: Alarm;
  /** Whether it fired while it was kept back, and not only before. */
  readonly hasFired: boolean;
  /** Whether it is OK since. */
  readonly isOk: boolean;
  /** Whether nothing was opened for it since. */
  readonly isNewest: boolean;
}

/** The alarms that fired while it was kept quiet, its own and those that had joined before; where it was snoozed all of them. */
async function heldBack(
  { store }: Pick<Tick, 'store'>,
  head: IncidentHead,
  firedAt: string | undefined,
): Promise<readonly HeldBack[]> {
  const { quiet, seen, joined } = head;
  const isSnoozed = quiet?.snoozed === true;
  const hasFired = firedAt !== undefined && hasFiredItself(head);
  const own = quiet?.joined === undefined ? (firedAt ?? seen.lastAt) : seen.lastAt;
  const all = hasFired || isSnoozed ? [{ from: head, at: own, hasFired }] : [];
  const fired = new Set(quiet?.joined);
  const others =
    isSnoozed && joined !== undefined
      ? (await store.joins.alarmsOf(head.id)).map(({ incidentId: of }) => of)
      : [];
  for (const id of new Set([...fired, ...others])) {
    const from = await store.head(id);
    if (from !== undefined) all.push({ from, at: from.seen.lastAt, hasFired: fired.has(id) });
  }
  const held: HeldBack[] = [];
  for (const { from, at, hasFired: isFired } of all) {
    const { arn } = from.alarm;
    const why = heldBackAlarm(head, at, isFired);
    // What has fired once only is named by that firing already.
    const isNamed = incidentId({ arn, changedAt: at }) === from.id;
    const changedAt = isNamed ? new Date(Date.parse(at) + 1).toISOString() : at;
    held.push({
      alarm: { ...why, ...from.alarm, state: 'ALARM', changedAt, reason: why.reason },
      hasFired: isFired,
      isOk: ((await store.lastOkOf(arn)) ?? '') > at,
      isNewest: (await store.newestIncidentOf(arn))?.id === from.id,
    });
  }
  return held;
}
