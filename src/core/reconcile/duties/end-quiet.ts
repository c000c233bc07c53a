import { endQuiet, heldBackAlarm, isOwedAfterQuiet } from '../../incident/quiet.ts';
import { receiveAlarm } from '../../incident/receive-alarm.ts';
import type { Duty } from '../duty.ts';

/** An alarm that fired while its dismissal held, and still does when that is over, is not kept from anybody. */
export const endQuietTime: Duty = {
  name: 'end-quiet',
  run: async (tick, head) => {
    const { quiet, alarm } = head;
    if (quiet?.firedAt === undefined || !isOwedAfterQuiet(head)) return undefined;
    if (tick.clock.now() < Date.parse(quiet.until)) return undefined;
    const { firedAt } = quiet;
    const isOver = ((await tick.store.lastOkOf(alarm.arn)) ?? '') > firedAt;
    const isNewest = (await tick.store.newestIncidentOf(alarm.arn))?.id === head.id;
    const isToOpen = !isOver && isNewest;
    if (isToOpen) await receiveAlarm(tick, heldBackAlarm(head, firedAt), { isHeld: false });
    // A firing that came after the look stays owed.
    await tick.store.update(head.id, (now) => (now.quiet?.firedAt === firedAt ? endQuiet(now) : now));
    return isToOpen ? 'opened' : 'over';
  },
};
