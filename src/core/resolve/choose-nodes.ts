import { carriesNodeTag, type NodeTags, nodeTagsPhrase } from '../node-tags.ts';
import type { IncidentNode } from '../record/incident.ts';
import { counted } from '../words.ts';
import { byZone, type Candidate } from './candidates.ts';
import { listPhrase } from './gap-words.ts';
import { identityOf } from './node-identity.ts';
import type { ManagedNode, ManagedNodes } from './node-lookups.ts';

/** Instances that one lookup in Systems Manager is given. */
const LOOKED_UP_AT_ONCE = 50;
/** Candidates that are looked at, at most, to find as many as may be asked. */
const LOOKED_AT_MAX = 400;

const REASONS = ['unmanaged', 'offline', 'auto-mode', 'windows', 'not-running', 'gone', 'untagged'] as const;
/** Why a candidate is not asked. */
type Reason = (typeof REASONS)[number];

/** What decides about the candidates besides themselves. */
export interface Limits {
  /** Whether EC2 was asked for the instances. */
  readonly isEc2Known: boolean;
  /** Most nodes that are chosen. */
  readonly maxNodes: number;
  /** Tags of which a node has to carry one; undefined where nothing is known of them. */
  readonly nodeTags?: NodeTags | undefined;
}

/**
 * Takes the first candidates that can be asked, and says of each that was looked at why it cannot be, and how many were
 * left out.
 * @param ranked worst first
 */
export async function chooseNodes(
  managed: ManagedNodes,
  ranked: readonly Candidate[],
  limits: Limits,
): Promise<{ readonly nodes: readonly IncidentNode[]; readonly gaps: readonly string[] }> {
  const { maxNodes, nodeTags = [] } = limits;
  const nodes: IncidentNode[] = [];
  const refused = new Map<Reason, string[]>();
  const within = ranked.slice(0, LOOKED_AT_MAX);
  let lookedAt = 0;
  while (nodes.length < maxNodes && lookedAt < within.length) {
    const batch = within.slice(lookedAt, lookedAt + LOOKED_UP_AT_ONCE);
    const known = new Map(
      (await managed.byIds(batch.map(({ instanceId }) => instanceId))).map((node) => [node.instanceId, node]),
    );
    const isTagged = await tagTest(managed, batch, [...known.keys()], nodeTags);
    for (const candidate of batch) {
      if (nodes.length === maxNodes) break;
      lookedAt += 1;
      const { instanceId, instance } = candidate;
      const node = known.get(instanceId);
      const reason =
        reasonAgainst(candidate, node, limits.isEc2Known) ?? (isTagged(candidate) ? undefined : 'untagged');
      if (reason === undefined && node !== undefined)
        nodes.push({ instanceId, ...identityOf(instance, node) });
      else if (reason !== undefined) refused.set(reason, [...(refused.get(reason) ?? []), instanceId]);
    }
  }
  const gaps = REASONS.flatMap((reason) => {
    const ids = refused.get(reason);
    return ids === undefined ? [] : [sentenceOn(reason, ids, nodeTags)];
  });
  return { nodes, gaps: [...gaps, ...leftOut(ranked.slice(lookedAt), maxNodes)] };
}

/**
 * Whether a node carries one of the tags: EC2's where the instance was looked up, those of Systems Manager otherwise. Where
 * nobody knows the tags, IAM decides when a command is sent.
 */
async function tagTest(
  managed: ManagedNodes,
  batch: readonly Candidate[],
  managedIds: readonly string[],
  nodeTags: NodeTags,
): Promise<(candidate: Candidate) => boolean> {
  if (nodeTags.length === 0) return () => true;
  const described = new Set(batch.flatMap(({ instance }) => instance?.instanceId ?? []));
  const others = managedIds.filter((id) => !described.has(id));
  const carriers = others.length === 0 ? new Set<string>() : await managed.carriersOf(nodeTags, others);
  return ({ instanceId, instance }) =>
    instance === undefined ? carriers.has(instanceId) : carriesNodeTag(instance.tags, nodeTags);
}

function reasonAgainst(
  { instanceId, instance }: Candidate,
  node: ManagedNode | undefined,
  isEc2Known: boolean,
): Reason | undefined {
  if (isEc2Known && instanceId.startsWith('i-')) {
    if (instance === undefined || instance.state === 'terminated' || instance.state === 'shutting-down')
      return 'gone';
    if (instance.state !== 'running') return 'not-running';
    if (instance.operator?.includes('eks') === true) return 'auto-mode';
    if (instance.isWindows) return 'windows';
  }
  if (node === undefined) return 'unmanaged';
  if (!node.isLinux) return 'windows';
  return node.ping === 'Online' ? undefined : 'offline';
}

/** What is the matter and what to do about it. */
const SENTENCES: Readonly<Record<Exclude<Reason, 'untagged'>, string>> = {
  unmanaged:
    'Systems Manager does not manage it; give the node role AmazonSSMManagedInstanceCore and see that the SSM agent runs and reaches its endpoints.',
  offline:
    'its SSM agent is offline, which a node in trouble can be; reach it over the EC2 serial console, or drain and replace it.',
  'auto-mode':
    'EKS Auto Mode lets nobody in over Systems Manager; collect with a NodeDiagnostic resource or a debug pod.',
  windows: 'Windows has no nf_conntrack; look at it by hand.',
  'not-running': 'the instance is not running; look at why in EC2.',
  gone: 'EC2 has no such instance any more: it was replaced; nothing is left to ask.',
};

function sentenceOn(reason: Reason, ids: readonly string[], nodeTags: NodeTags): string {
  const isOne = ids.length === 1;
  const what =
    reason === 'untagged'
      ? `${isOne ? 'it lacks' : 'they lack'} the tag ${nodeTagsPhrase(nodeTags)}, without which IAM lets the service send no command; tag ${isOne ? 'it' : 'them'}, or name a tag that such nodes carry in nodeTags of the configuration.`
      : SENTENCES[reason];
  return `${listPhrase(ids)} ${isOne ? 'was' : 'were'} not asked: ${what}`;
}

function leftOut(rest: readonly Candidate[], maxNodes: number): readonly string[] {
  if (rest.length === 0) return [];
  const zones = [...byZone(rest)]
    .filter(([zone]) => zone !== '')
    .map(([zone, { length }]) => `${length} in ${zone}`);
  const where = zones.length === 0 ? '' : ` (${zones.join(', ')})`;
  return [
    `${counted(rest.length, 'more node was', 'more nodes were')} left out${where}: one incident asks at most ${maxNodes}, worst first (MEDIC_MAX_NODES).`,
  ];
}
