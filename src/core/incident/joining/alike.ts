import type { NodeCollection } from '../../record/collection.ts';
import type { IncidentNode } from '../../record/incident.ts';

/** What nodes of one cluster may share beside a verdict, so that it is one trouble. */
const TRAITS = ['zone', 'instanceType', 'nodeGroup', 'nodePool', 'autoScalingGroup'] as const;

/** Nodes that were launched no further apart are of one age: a rollout, or a group that scaled out. Our choice. */
const AGE_MS = 60 * 60_000;

/** Whether all nodes of both are asked in one account and region, as those of an incident are. */
export function isOnePlace(some: readonly IncidentNode[], others: readonly IncidentNode[]): boolean {
  const placeOf = ({ account, region }: IncidentNode) => `${account} ${region}`;
  const [one, other] = [some[0], others[0]];
  return one !== undefined && other !== undefined && placeOf(one) === placeOf(other);
}

/** Whether some node of the one shares a trait or its age with some node of the other; what is not known is shared with nobody. */
export function areNodesAlike(some: readonly IncidentNode[], others: readonly IncidentNode[]): boolean {
  if (!isOnePlace(some, others)) return false;
  const isShared = TRAITS.some((trait) => {
    const values = new Set(some.flatMap((node) => node[trait] ?? []));
    return others.some((node) => node[trait] !== undefined && values.has(node[trait]));
  });
  if (isShared) return true;
  const launches = launchesOf(some);
  return launchesOf(others).some((at) => launches.some((theirs) => Math.abs(at - theirs) <= AGE_MS));
}

const launchesOf = (nodes: readonly IncidentNode[]): readonly number[] =>
  nodes.flatMap(({ launchedAt }) => (launchedAt === undefined ? [] : [Date.parse(launchedAt)]));

/** The kernels' releases that were read of nodes. */
export const kernelsOf = (collections: readonly NodeCollection[]): ReadonlySet<string> =>
  new Set(
    collections.flatMap(({ outcome }) =>
      outcome.kind === 'diagnosed' && outcome.figures.kernel !== undefined ? [outcome.figures.kernel] : [],
    ),
  );
