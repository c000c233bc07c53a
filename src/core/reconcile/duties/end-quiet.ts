import { endQuiet, heldBackAlarm, isOwedAfterQuiet } from '../../incident/quiet.ts';
import { lookIfDue, receiveAlarm } from '../../incident/receive-alarm.ts';
import type { Duty } from '../duty.ts';

/**
 * An alarm that fired while its dismissal held is not kept from anybody: neither when a look at its nodes found that it got
 * worse, nor when that is over and it still fires.
 */
export const endQuietTime: Duty = {
  name: 'end-quiet',
  run: async (tick, head) => {
    const { quiet, alarm } = head;
    if (quiet?.firedAt === undefined || !isOwedAfterQuiet(head)) return undefined;
    const { firedAt, look } = quiet;
    const isWorse = look?.worse !== undefined;
    const isOk = ((await tick.store.lastOkOf(alarm.arn)) ?? '') > firedAt;
    if (!isWorse && tick.clock.now() < Date.parse(quiet.until))
      return !isOk && (await lookIfDue(tick, head)) ? 'looked' : undefined;
    const isNewest = (await tick.store.newestIncidentOf(alarm.arn))?.id === head.id;
    // What got worse is said even where the alarm is OK by now: it has flapped before.
    const isToOpen = isNewest && (isWorse || !isOk);
    if (isToOpen) await receiveAlarm(tick, heldBackAlarm(head, firedAt), { isHeld: false });
    // A firing that came after the look stays owed.
    await tick.store.update(head.id, (now) => (now.quiet?.firedAt === firedAt ? endQuiet(now) : now));
    return isToOpen ? 'opened' : 'over';
  },
};
