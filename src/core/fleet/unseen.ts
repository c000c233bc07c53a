import { readProbe } from './probe-output.ts';
import type { ProbeReading } from './reading.ts';

/**
 * Why a sweep did not see a node. `offline`: its agent does not answer. `untagged`: Systems Manager manages it and it carries no tag
 * of the configuration, so nothing may be sent to it. `refused`: Systems Manager or its agent took the command not. `late`: it had
 * not finished when the sweep ended, or was not reached. `cut`: its output ended before the table was told. `forged`: what came is no
 * answer to this command. `failed`: the probe ended with an error or wrote nothing. `no-series`: the samples come from series that
 * others keep, and none of the last minutes is this node's, or two machines' are. `unread`: those series could not be read.
 */
export const UNSEEN = [
  'offline',
  'untagged',
  'refused',
  'late',
  'cut',
  'forged',
  'failed',
  'no-series',
  'unread',
] as const;
export type Unseen = (typeof UNSEEN)[number];

/** What came of one node for one command. */
export interface ProbeAnswer {
  readonly instanceId: string;
  /** `answered`: the probe ran to its end; the others as in {@link Unseen}. */
  readonly outcome: 'answered' | 'offline' | 'refused' | 'late' | 'failed';
  /** When the probe ended there by what Systems Manager says, in milliseconds since 1970; absent where it says nothing. */
  readonly endedAt?: number;
  /** What it printed, as far as Systems Manager returns it. */
  readonly text: string;
}

/** A node as one sweep saw it, or why it did not. Of an output that was cut the values before stay a reading. */
export interface Sight {
  readonly reading?: ProbeReading;
  readonly unseen?: Unseen;
}

/**
 * Judges an answer. The time of a reading is what Systems Manager says if it lies within the sweep: an agent whose clock is an hour
 * off tells another one, and then it is the time of the sending.
 *
 * @param sentAt milliseconds since 1970 at which the command was sent
 */
export function sightOf(
  { outcome, endedAt, text }: ProbeAnswer,
  { nonce, sentAt, now }: { readonly nonce: string; readonly sentAt: number; readonly now: number },
): Sight {
  if (outcome !== 'answered') return { unseen: outcome };
  const at = endedAt !== undefined && endedAt >= sentAt && endedAt <= now ? endedAt : sentAt;
  const read = readProbe(text, { nonce, at });
  if (!read.isRead) return { unseen: read.kind === 'silent' ? 'failed' : 'forged' };
  const { reading } = read;
  if (reading.count !== undefined && reading.max !== undefined) return { reading };
  return reading.gaps.count === 'cut' || reading.gaps.max === 'cut'
    ? { reading, unseen: 'cut' }
    : { reading };
}
