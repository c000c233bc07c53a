import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { percent } from '../words.ts';

/** Share of half-open TCP entries from which they, not real connections, fill a table under pressure. Our choice; it never decides without pressure and spread. */
export const HALF_OPEN_SHARE = 0.4;

/** Half-open entries that fill a table, whoever sends them. */
export interface ManyHalfOpen {
  /** Of all entries. */
  readonly share: number;
  /** Whether it was read from how many senders they come, which alone tells a flood from the clients of a dead backend. */
  readonly isSpreadKnown: boolean;
  /** What they are, as a sentence with a full stop. */
  readonly says: string;
}

/** The half-open entries of a table, where they are so many that they fill it; `undefined` where they are not, or not read. */
export function manyHalfOpen({ entries }: Snapshot): ManyHalfOpen | undefined {
  const facts = valueOf(entries);
  if (facts === undefined || facts.halfOpen.share - facts.stateError <= HALF_OPEN_SHARE) return undefined;
  const { share, busiestSource, busiestDestination } = facts.halfOpen;
  const spread =
    busiestSource === undefined
      ? ' (from how many senders, was not read)'
      : ` (${percent(busiestSource)} of them from one sender, ${percent(busiestDestination ?? 0)} to one destination)`;
  return {
    share,
    isSpreadKnown: busiestSource !== undefined,
    says: `${percent(share)} of the table are half-open connections${spread}: a flood, or clients of something that does not answer.`,
  };
}

/** Why a raise may not rest on a table of half-open entries of which nobody knows whose they are. */
export const UNKNOWN_SENDERS =
  'Most entries are half-open and from how many senders they come was not read: a flood fills any size, so find that out first.';
