import { nodeCount } from '../words.ts';
import { isArguing } from './evidence.ts';
import type { CardFacts } from './facts.ts';
import { nodesWithVerdict, type RankedNode } from './nodes.ts';

/**
 * The line that a phone shows: `table-full on 3 of 41 nodes · checkout-p99 · fix ready`. Once somebody clicked, the
 * state of the fix takes the verdict's place.
 */
export function bannerOf(
  { head, diagnosis }: CardFacts,
  ranked: readonly RankedNode[],
  header: string,
): string {
  if (!isArguing(head.state) || diagnosis === undefined) return `${header} · ${head.alarm.name}`;
  const { verdict } = diagnosis;
  const same = nodesWithVerdict(ranked, verdict);
  const where = `${verdict} on ${ranked.length > 1 ? `${same} of ` : ''}${nodeCount(ranked.length)}`;
  const closed = head.state === 'dismissed' || head.state === 'expired';
  const readiness = closed ? head.state : head.plan === undefined ? 'no fix offered' : 'fix ready';
  return [where, head.alarm.name, readiness].join(' · ');
}
