import { UNSEEN, type Unseen } from '../../../src/core/fleet/unseen.ts';

/** How many nodes were not seen, by reason: none but those given. */
export const unseenBut = (given: Partial<Record<Unseen, number>>): Record<Unseen, number> =>
  Object.assign(Object.fromEntries(UNSEEN.map((why) => [why, 0])) as Record<Unseen, number>, given);
