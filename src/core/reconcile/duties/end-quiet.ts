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
 * worse, nor when a dismissal is over and it still fires.
 */
export const endQuietTime: Duty = {
  name: 'end-quiet',
  run: async (tick, head) => {
    const { quiet } = head;
    if (quiet?.firedAt === undefined || !isOwedAfterQuiet(head)) return undefined;
    const { firedAt, look } = quiet;
    const isWorse = look?.worse !== undefined;
    const held = await heldBack(tick, head, firedAt);
    const firing = held.filter(({ isOk }) => !isOk);
    if (!isWorse && tick.clock.now() < Date.parse(quiet.until))
      return firing.length > 0 && (await lookIfDue(tick, head)) ? 'looked' : undefined;
    // What got worse is said even where the alarm is OK by now: it has flapped before.
    const news = isNewsAfterQuiet(head) ? firing : [];
    const toOpen = (isWorse ? held : news).filter(({ isNewest }) => isNewest);
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
  /** Whether it is OK since. */
  readonly isOk: boolean;
  /** Whether nothing was opened for it since. */
  readonly isNewest: boolean;
}

/** The alarms that fired while it was kept quiet: its own, and those that had joined before. */
async function heldBack(
  { store }: Pick<Tick, 'store'>,
  head: IncidentHead,
  firedAt: string,
): Promise<readonly HeldBack[]> {
  const own = head.quiet?.joined === undefined ? firedAt : head.seen.lastAt;
  const all = hasFiredItself(head) ? [{ from: head, at: own }] : [];
  for (const id of head.quiet?.joined ?? []) {
    const from = await store.head(id);
    if (from !== undefined) all.push({ from, at: from.seen.lastAt });
  }
  const held: HeldBack[] = [];
  for (const { from, at } of all) {
    const { arn } = from.alarm;
    const why = heldBackAlarm(head, at);
    // What has fired once only is named by that firing already.
    const isNamed = incidentId({ arn, changedAt: at }) === from.id;
    const changedAt = isNamed ? new Date(Date.parse(at) + 1).toISOString() : at;
    held.push({
      alarm: { ...why, ...from.alarm, state: 'ALARM', changedAt, reason: why.reason },
      isOk: ((await store.lastOkOf(arn)) ?? '') > at,
      isNewest: (await store.newestIncidentOf(arn))?.id === from.id,
    });
  }
  return held;
}
