import * as z from 'zod';
import { stored } from '../stored.ts';

const TIME = z.iso.datetime({ precision: 3 });

/** A look at the nodes of an incident that stays quiet and whose alarm fired again. */
export const QuietLook = stored({
  /** 1, 2, … within the incident; also the number of its execution. */
  number: z.number().int().min(1),
  /** The firing that it was ordered for. */
  firedAt: TIME,
  endedAt: TIME.optional(),
  /** How many nodes the alarm means by now, and how many of them could be read. */
  asked: z.number().int().min(0).optional(),
  read: z.number().int().min(0).optional(),
  /** One sentence on what is worse than when it ended, or why nobody can tell; absent where nothing is. */
  worse: z.string().optional(),
});
export type QuietLook = z.infer<typeof QuietLook>;

/** An end after which firings of its alarm only count for a while, unless a look finds that it got worse. */
export const Quiet = stored({
  until: TIME,
  /** Number of the newest collection when it ended: what was read since is held against that. */
  collection: z.number().int().min(0),
  /**
   * Where nobody dismissed it, but nothing that a click could do helps: each firing keeps it quiet for so many seconds more, up to
   * this time. Absent after a click.
   */
  flaps: stored({ seconds: z.number().int().min(1), most: TIME }).optional(),
  /** A person wants to hear of it again when the time is over, also of an alarm that fires all along; absent once that was seen to. */
  snoozed: z.literal(true).optional(),
  /** The newest firing that was counted and kept back, while it is still to be seen to. */
  firedAt: TIME.optional(),
  /** Incidents that have joined and whose alarms are kept back, too; absent without any. */
  joined: z.array(z.string()).min(1).optional(),
  /** The newest look. */
  look: QuietLook.optional(),
});
export type Quiet = z.infer<typeof Quiet>;
