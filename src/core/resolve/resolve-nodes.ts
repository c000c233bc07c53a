import type { NodeTags } from '../node-tags.ts';
import type { Alarm } from '../record/alarm.ts';
import type { IncidentNode } from '../record/incident.ts';
import { isSamePlace, type Place, placeOf, placePhrase } from '../record/place.ts';
import { type AlarmTarget, targetOf } from './alarm-target.ts';
import { type AccountSelector, selectorsOfAlarm } from './alarm-tree.ts';
import { type ConfiguredBandwidth, withBandwidths } from './bandwidths.ts';
import { type Candidate, rankCandidates } from './candidates.ts';
import { chooseNodes } from './choose-nodes.ts';
import { findCandidates } from './find-candidates.ts';
import { failureOf } from './gap-words.ts';
import type { LookupsAt, NodeLookups } from './node-lookups.ts';
import { distinctSelectors } from './node-selector.ts';

/** What finding nodes needs to know. */
export interface ResolveSettings {
  /** Where the service itself runs. */
  readonly home: Place;
  readonly targets: readonly AlarmTarget[];
  /** Most nodes that one incident asks. */
  readonly maxNodes: number;
  /** Tags of which a node has to carry one to be sent a command; undefined where nothing is known of them. */
  readonly nodeTags?: NodeTags | undefined;
  /** What the network of a node may carry of which EC2 says nothing; undefined where nobody knows. */
  readonly nodeBandwidth?: ConfiguredBandwidth | undefined;
}

/** Nodes to ask, worst first, and one sentence for everything that cannot be asked or was left out. */
export interface ResolvedNodes {
  readonly nodes: IncidentNode[];
  readonly gaps: string[];
}

/** From an alarm to the nodes behind it, in the alarm's own account and region. */
export async function resolveNodes(
  lookupsAt: LookupsAt,
  { home, targets, ...limits }: ResolveSettings,
  alarm: Alarm,
): Promise<ResolvedNodes> {
  const own = placeOf(alarm);
  try {
    const selection = await selectorsOfAlarm(lookupsAt(own).aws?.alarms, alarm, targets);
    const { place, selectors, gaps } = inOnePlace(own, selection.selectors);
    const found =
      selectors.length === 0 ? { nodes: [], gaps: [] } : await nodesAt(lookupsAt(place), selectors, limits);
    const identity = isSamePlace(place, home) ? {} : { account: place.account, region: place.region };
    return {
      nodes: found.nodes.map((node) => ({ ...targetOf(targets, alarm)?.group, ...node, ...identity })),
      gaps: [...selection.gaps, ...gaps, ...found.gaps],
    };
  } catch (error) {
    return { nodes: [], gaps: [failureOf(`Nodes in ${placePhrase(own)}`, error)] };
  }
}

/** An incident asks nodes of one account: the alarm's own where it has some there, otherwise the first one's. */
function inOnePlace(
  own: Place,
  selectors: readonly AccountSelector[],
): {
  readonly place: Place;
  readonly selectors: readonly AccountSelector[];
  readonly gaps: readonly string[];
} {
  const accountOf = ({ account = own.account }: AccountSelector) => account;
  const accounts = [...new Set(selectors.map(accountOf))];
  const account = accounts.includes(own.account) ? own.account : (accounts[0] ?? own.account);
  const others = accounts.filter((one) => one !== account);
  return {
    place: { ...own, account },
    selectors: selectors.filter((selector) => accountOf(selector) === account),
    gaps:
      others.length === 0
        ? []
        : [
            `Metrics of account ${others.join(', ')} were not followed: one incident asks the nodes of one account; give that account an alarm of its own.`,
          ],
  };
}

async function nodesAt(
  lookups: NodeLookups,
  selectors: readonly AccountSelector[],
  limits: Pick<ResolveSettings, 'maxNodes' | 'nodeTags' | 'nodeBandwidth'>,
): Promise<{ readonly nodes: readonly IncidentNode[]; readonly gaps: readonly string[] }> {
  const { candidates, gaps } = await findCandidates(lookups, distinctSelectors(selectors));
  const described = await describeAll(lookups, candidates);
  const ranked = rankCandidates(described.candidates);
  const chosen = await chooseNodes(lookups.managed, ranked, { ...limits, isEc2Known: described.isEc2Known });
  const { nodes, gaps: unread } = await withBandwidths(
    lookups.aws?.instances,
    chosen.nodes,
    limits.nodeBandwidth,
  );
  return { nodes, gaps: [...gaps, ...described.gaps, ...chosen.gaps, ...unread] };
}

/** Looks up those instances that the search did not see. Without EC2 nodes are asked all the same, with less known of them. */
async function describeAll(
  { aws }: NodeLookups,
  candidates: readonly Candidate[],
): Promise<{
  readonly candidates: readonly Candidate[];
  readonly isEc2Known: boolean;
  readonly gaps: readonly string[];
}> {
  const missing = candidates
    .filter(({ instance, instanceId }) => instance === undefined && instanceId.startsWith('i-'))
    .map(({ instanceId }) => instanceId);
  if (aws === undefined) return { candidates, isEc2Known: false, gaps: [] };
  try {
    const found = missing.length === 0 ? [] : await aws.instances.byIds(missing);
    const byId = new Map(found.map((instance) => [instance.instanceId, instance]));
    const described = candidates.map((candidate) => {
      const instance = candidate.instance ?? byId.get(candidate.instanceId);
      return instance === undefined ? candidate : { ...candidate, instance };
    });
    return { candidates: described, isEc2Known: true, gaps: [] };
  } catch (error) {
    return {
      candidates,
      isEc2Known: false,
      gaps: [failureOf('Zones, types and clusters of the nodes', error)],
    };
  }
}
