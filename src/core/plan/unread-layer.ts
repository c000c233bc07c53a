import type { PersistenceLayer } from '../record/plan.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** How the words of a layer say that what decides was not read, or that nothing is known of it. */
const UNREAD = /\bnot read\b|\bnot known\b|\bof unknown version\b|\bmay write\b/;

/**
 * The layers of a raise as they may be shown: one of which the deciding file or process was not read is neither survived
 * nor lost. Hash size counts as covered by our own file alone, so that too is a question where no other file was read.
 */
export function withUnread(
  { persistence }: Pick<Snapshot, 'persistence'>,
  layers: readonly PersistenceLayer[],
): PersistenceLayer[] {
  const hasFiles = valueOf(persistence) !== undefined;
  return layers.map((one) => {
    if (one.state === 'not-applicable') return one;
    if (!hasFiles && one.layer === 'hashsize')
      return { ...one, state: 'unknown', how: `${one.how}; whether another file sets it too was not read` };
    return UNREAD.test(one.how) ? { ...one, state: 'unknown' } : one;
  });
}
