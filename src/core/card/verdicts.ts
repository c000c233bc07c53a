import { type BandwidthStory, bandwidthOf } from '../bandwidth.ts';
import type { Catalogue } from '../diagnosis/signature.ts';
import type { Evidence, Finding } from '../record/diagnosis.ts';
import type { IncidentHead } from '../record/incident.ts';
import { firstOf, measured, nodeCount, utcTime } from '../words.ts';
import type { CardField, CardVerdict } from './model.ts';
import type { RankedNode } from './nodes.ts';

/** Every verdict of an incident whose nodes do not all have the same, in the order of its worst node. */
export function verdictsOf(
  { plan }: IncidentHead,
  ranked: readonly RankedNode[],
  now: number,
): readonly CardVerdict[] {
  const kind = plan?.nodes[0]?.kind;
  const verdicts = new Map<string, { says: string; at: string; instanceIds: string[] }>();
  for (const { node, basis, basisAt } of ranked) {
    if (basis === undefined || basisAt === undefined) continue;
    const { verdict, headline } = basis.diagnosis;
    const isOther = kind !== undefined && basis.plan !== undefined && basis.plan.kind !== kind;
    const says = isOther ? `${headline} The change against it is not part of this plan.` : headline;
    const known = verdicts.get(verdict);
    if (known === undefined)
      verdicts.set(verdict, { says, at: utcTime(basisAt, now), instanceIds: [node.instanceId] });
    else known.instanceIds.push(node.instanceId);
  }
  return verdicts.size < 2 ? [] : [...verdicts].map(([verdict, rest]) => ({ verdict, ...rest }));
}

/** Which verdicts stand beside the leading one, and on how many nodes: a button for one of them mends nothing of these. */
export function otherVerdicts(ranked: readonly RankedNode[]): readonly CardField[] {
  const counts = new Map<string, string[]>();
  for (const { node, basis } of ranked) {
    if (basis === undefined) continue;
    const { verdict } = basis.diagnosis;
    counts.set(verdict, [...(counts.get(verdict) ?? []), node.instanceId]);
  }
  const [, ...others] = counts;
  if (others.length === 0) return [];
  const told = others.map(
    ([verdict, ids]) => `${verdict} on ${ids.length === 1 ? ids.join('') : nodeCount(ids.length)}`,
  );
  return [{ label: 'Also', value: firstOf(told, OTHERS_TOLD).join(' · ') }];
}

/** Verdicts beside the leading one that a line has room for. */
const OTHERS_TOLD = 3;

/** What one node found of one failure mode. */
interface NodeFinding {
  readonly instanceId: string;
  readonly finding: Finding;
}

/**
 * One number for each failure mode that is ruled out on every node that was read, the usual suspects first: the first fact
 * that speaks against it. Where nodes have other numbers, it is told whose it is: the worst node's.
 */
export function ruledOutOn(ranked: readonly RankedNode[], catalogue: Catalogue): string[] {
  const byMode = new Map<string, NodeFinding[]>();
  let read = 0;
  for (const { node, basis } of ranked) {
    if (basis === undefined) continue;
    read++;
    for (const finding of basis.diagnosis.findings) {
      const found = byMode.get(finding.mode) ?? [];
      found.push({ instanceId: node.instanceId, finding });
      byMode.set(finding.mode, found);
    }
  }
  const ranks = new Map(catalogue.map(({ id, usualSuspect }) => [id, usualSuspect]));
  const judges = bandwidthMode(catalogue);
  const rank = ([mode]: readonly [string, unknown]) => ranks.get(mode) ?? Number.MAX_SAFE_INTEGER;
  return [...byMode]
    .toSorted((a, b) => rank(a) - rank(b))
    .flatMap(([mode, found]) => {
      const isEverywhere = found.length === read && found.every(({ finding }) => finding.state === 'absent');
      const [first] = found;
      const fact = first && speakingAgainst(first.finding.because);
      const told = mode === judges && isEverywhere ? busiestBandwidth(ranked, catalogue) : undefined;
      if (told !== undefined) return [told];
      if (!isEverywhere || first === undefined || fact === undefined) return [];
      const isSame = found.every(({ finding }) => isAlike(speakingAgainst(finding.because), fact));
      return [`${mode}: ${factLine(fact)}${isSame ? '' : ` on ${first.instanceId}`}`];
    });
}

const bandwidthMode = (catalogue: Catalogue): string | undefined =>
  catalogue.find(({ judgesBandwidth }) => judgesBandwidth === true)?.id;

/** What is said of the bandwidth of one node, from the reading that its verdict rests on. */
export function bandwidthOn({ node, basis }: RankedNode, catalogue: Catalogue): BandwidthStory | undefined {
  const mode = bandwidthMode(catalogue);
  const judged = basis?.diagnosis.findings.find((one) => one.mode === mode);
  return bandwidthOf(basis?.figures.traffic, node.bandwidth, judged);
}

/** The same of the busiest node, where bandwidth is ruled out on each that was read. */
function busiestBandwidth(ranked: readonly RankedNode[], catalogue: Catalogue): string | undefined {
  const read = ranked.filter(({ basis }) => basis !== undefined);
  const told = read.flatMap((one) => {
    const story = bandwidthOn(one, catalogue);
    return story?.verdict === 'not-it' ? [{ one, story }] : [];
  });
  const [busiest] = told.toSorted((a, b) => trafficOf(b.one) - trafficOf(a.one));
  if (busiest === undefined || told.length < read.length) return undefined;
  const { one, story } = busiest;
  return told.length === 1 ? story.line : `${story.line} (${one.node.instanceId}, the busiest)`;
}

function trafficOf({ node, basis }: RankedNode): number {
  const { receivedBits = 0, sentBits = 0 } = basis?.figures.traffic ?? {};
  // Of nodes of several types the one that is nearest to what it may carry is the busiest.
  return Math.max(receivedBits, sentBits) / ((node.bandwidth?.baselineGbps ?? 1) * 1e9);
}

/**
 * The fact that rules a mode out: the first, unless that alone would speak for it, as lost packets do that another mode
 * explains. Then it is the next that is held against something.
 */
function speakingAgainst(because: readonly Evidence[]): Evidence | undefined {
  const [first, ...others] = because;
  if (first === undefined || !isBeyond(first)) return first;
  return others.find((one) => !isBeyond(one) && one.threshold !== '–') ?? others.find(isBeyond) ?? first;
}

/** Whether a value is above what it is held against; a share is compared with a share. */
function isBeyond({ value, threshold }: Evidence): boolean {
  const pattern = threshold.includes('%') ? /([\d.,]+) %/ : /([\d.,]+)/;
  const numberIn = (text: string) =>
    Number((pattern.exec(text)?.[1] ?? '').replaceAll(',', '') || Number.NaN);
  return numberIn(value) > numberIn(threshold);
}

function isAlike(one: Evidence | undefined, { fact, value }: Evidence): boolean {
  return one?.fact === fact && one.value === value;
}

const factLine = (fact: Evidence): string => `${fact.fact} ${measured(fact)}`;
