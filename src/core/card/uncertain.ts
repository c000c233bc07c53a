import { nodeCount } from '../words.ts';

/** Behind a number of changed nodes: `, of 1 it is not known`, or nothing. */
export const unknownOf = (uncertain: number): string =>
  uncertain === 0 ? '' : `, of ${uncertain} it is not known`;

/**
 * How many nodes a stopped rollout has changed, as a heading.
 * @param changed nodes that stand changed, or may
 * @param uncertain those of them of which nobody knows
 */
export function stoppedWords(changed: number, uncertain: number): string {
  if (changed > uncertain) return `Stopped: ${nodeCount(changed - uncertain)} changed${unknownOf(uncertain)}`;
  return `Stopped: it is not known whether ${nodeCount(uncertain)} ${uncertain === 1 ? 'was' : 'were'} changed`;
}
