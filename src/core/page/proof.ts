import type { RankedNode } from '../card/nodes.ts';
import { type FactTwice, factsTwice } from '../diagnosis/told-again.ts';
import type { Diagnosed } from '../record/collection.ts';
import type { Evidence } from '../record/diagnosis.ts';
import type { Reading } from './series.ts';

/** Facts of the verdict that stand on top of the page. */
const FACTS_ON_TOP = 4;

/** What the verdict rests on. */
export interface Proof {
  readonly instanceId: string;
  /** When it was read, ISO 8601. */
  readonly at: string;
  readonly verdict: string;
  readonly headline: string;
  readonly confidence: Diagnosed['diagnosis']['confidence'];
  readonly contributing: readonly string[];
  /** The most telling first. */
  readonly facts: readonly Evidence[];
  /** On how many of the nodes the verdict is the same. */
  readonly nodes: number;
}

/** The verdict of the first node that could be read, with its numbers; nothing before one was. */
export function proofOf(ranked: readonly RankedNode[]): Proof | undefined {
  const first = ranked.find(({ basis }) => basis !== undefined);
  if (first?.basis === undefined || first.basisAt === undefined) return undefined;
  const { verdict, headline, confidence, contributing, findings } = first.basis.diagnosis;
  const finding = findings.find(({ mode }) => mode === verdict);
  return {
    instanceId: first.node.instanceId,
    at: first.basisAt,
    verdict,
    headline,
    confidence,
    contributing,
    facts: (finding?.because ?? []).slice(0, FACTS_ON_TOP),
    nodes: ranked.filter(({ basis }) => basis?.diagnosis.verdict === verdict).length,
  };
}

/** What a node showed before anything was ordered on it, and what it shows now. */
export interface BeforeAfter {
  readonly instanceId: string;
  readonly before: Reading & { readonly verdict: string };
  readonly after: Reading & { readonly verdict: string };
  /** What the verdict rested on, then and now; empty where that is the table's own use and drops. */
  readonly facts: readonly FactTwice[];
}

/**
 * The nodes on which something was ordered and that were read before and since.
 * @param readings of each node, oldest first
 */
export function beforeAfter(
  ranked: readonly RankedNode[],
  readings: ReadonlyMap<string, readonly Reading[]>,
  touched: ReadonlySet<string>,
): readonly BeforeAfter[] {
  return ranked.flatMap(({ node: { instanceId }, basis, basisAt, seen, collection }) => {
    if (!touched.has(instanceId) || basis === undefined || seen === undefined) return [];
    const all = readings.get(instanceId) ?? [];
    const before = all.find(({ at }) => at === basisAt);
    const after = all.find((one) => one.collection === collection?.collection);
    if (before === undefined || after === undefined || before === after) return [];
    return [
      {
        instanceId,
        before: { ...before, verdict: basis.diagnosis.verdict },
        after: { ...after, verdict: seen.diagnosis.verdict },
        facts: basis.diagnosis.offer.raise ? [] : factsTwice(basis.diagnosis, seen.diagnosis),
      },
    ];
  });
}
