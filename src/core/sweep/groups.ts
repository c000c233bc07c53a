import { secondsToFull } from '../fleet/outlook.ts';
import type { LossRates } from '../fleet/rates.ts';
import { tableUse } from '../fleet/reading.ts';
import { UNSEEN, type Unseen } from '../fleet/unseen.ts';
import type { JudgedSweep, SweepGroup } from './found.ts';

/** Value of both dimensions for the whole fleet. */
export const ALL = 'all';
/** Of a node whose tags do not say it. */
const NOT_KNOWN = 'not-known';

/** The whole fleet first, then each group of each cluster by name. */
export function sweepGroups(nodes: readonly JudgedSweep[], untagged: number): readonly SweepGroup[] {
  const byGroup = new Map<string, { cluster: string; nodeGroup: string; nodes: JudgedSweep[] }>();
  for (const one of nodes) {
    const { cluster = NOT_KNOWN, nodeGroup = NOT_KNOWN } = one.node;
    const key = JSON.stringify([cluster, nodeGroup]);
    const group = byGroup.get(key) ?? { cluster, nodeGroup, nodes: [] };
    group.nodes.push(one);
    byGroup.set(key, group);
  }
  const groups = [...byGroup].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  return [
    groupOf({ cluster: ALL, nodeGroup: ALL, nodes }, untagged),
    ...groups.map((group) => groupOf(group, 0)),
  ];
}

function groupOf(
  {
    cluster,
    nodeGroup,
    nodes,
  }: { readonly cluster: string; readonly nodeGroup: string; readonly nodes: readonly JudgedSweep[] },
  untagged: number,
): SweepGroup {
  const unseen = unseenCounts(nodes, untagged);
  const worst = nodes.filter(isSeen).toSorted((a, b) => fullIn(a) - fullIn(b) || useOf(b) - useOf(a))[0];
  const uses = nodes.filter(isSeen).map(useOf).filter(Number.isFinite);
  const first = Math.min(...nodes.map(fullIn));
  return {
    cluster,
    nodeGroup,
    nodes: nodes.length,
    unseen,
    ...driftedOf(nodes.map(({ readings }) => readings.at(-1)?.drift)),
    ...(uses.length === 0 ? {} : { use: Math.max(...uses) }),
    ...sumOf(nodes, 'fullDrops'),
    ...sumOf(nodes, 'insertFailed'),
    ...(Number.isFinite(first) ? { fullInSeconds: first } : {}),
    ...(worst === undefined ? {} : { worstNode: worst.node.instanceId }),
  };
}

/** How many nodes have drifted, of those of which that was seen; nothing where it was seen of none. */
export function driftedOf(drifts: readonly (readonly string[] | undefined)[]): { readonly drifted?: number } {
  const known = drifts.filter((drift) => drift !== undefined);
  return known.length === 0 ? {} : { drifted: known.filter(({ length }) => length > 0).length };
}

/** How many nodes were not seen, by reason. */
export function unseenCounts(nodes: readonly JudgedSweep[], untagged: number): SweepGroup['unseen'] {
  const counts = Object.fromEntries(UNSEEN.map((reason) => [reason, 0])) as Record<Unseen, number>;
  for (const { unseen } of nodes) if (unseen !== undefined) counts[unseen]++;
  counts.untagged += untagged;
  return counts;
}

/** How many nodes of a group were not seen, for whatever reason. */
export const unseenNodes = ({ unseen }: SweepGroup): number =>
  UNSEEN.reduce((sum, reason) => sum + unseen[reason], 0);

const isSeen = ({ unseen }: JudgedSweep): boolean => unseen === undefined;

const useOf = ({ readings }: JudgedSweep): number =>
  tableUse(readings.at(-1) ?? {}) ?? Number.NEGATIVE_INFINITY;

const fullIn = ({ outlook }: JudgedSweep): number => secondsToFull(outlook) ?? Number.POSITIVE_INFINITY;

function sumOf(
  nodes: readonly JudgedSweep[],
  rate: keyof LossRates,
): Partial<Record<keyof LossRates, number>> {
  const known = nodes.flatMap(({ rates }) => rates[rate] ?? []);
  return known.length === 0 ? {} : { [rate]: known.reduce((sum, one) => sum + one, 0) };
}
