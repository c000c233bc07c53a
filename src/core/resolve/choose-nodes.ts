import type { IncidentNode } from '../record/incident.ts';
import { byZone, type Candidate } from './candidates.ts';
import { listPhrase } from './gap-words.ts';
import { identityOf } from './node-identity.ts';
import type { ManagedNode, ManagedNodes } from './node-lookups.ts';

/** Instances that one lookup in Systems Manager is given. */
const LOOKED_UP_AT_ONCE = 50;
/** Candidates that are looked at, at most, to find as many as may be asked. */
const LOOKED_AT_MAX = 200;

const REASONS = ['unmanaged', 'offline', 'auto-mode', 'windows', 'not-running', 'gone'] as const;
/** Why a candidate is not asked. */
type Reason = (typeof REASONS)[number];

/**
 * Takes the first candidates that can be asked, and says of each that was looked at why it cannot be, and how many were
 * left out.
 * @param ranked worst first
 */
export async function chooseNodes(
  managed: ManagedNodes,
  ranked: readonly Candidate[],
  isEc2Known: boolean,
  maxNodes: number,
): Promise<{ readonly nodes: readonly IncidentNode[]; readonly gaps: readonly string[] }> {
  const nodes: IncidentNode[] = [];
  const refused = new Map<Reason, string[]>();
  const within = ranked.slice(0, LOOKED_AT_MAX);
  let lookedAt = 0;
  while (nodes.length < maxNodes && lookedAt < within.length) {
    const batch = within.slice(lookedAt, lookedAt + LOOKED_UP_AT_ONCE);
    const known = new Map(
      (await managed.byIds(batch.map(({ instanceId }) => instanceId))).map((node) => [node.instanceId, node]),
    );
    for (const candidate of batch) {
      if (nodes.length === maxNodes) break;
      lookedAt += 1;
      const { instanceId, instance } = candidate;
      const node = known.get(instanceId);
      const reason = reasonAgainst(candidate, node, isEc2Known);
      if (reason === undefined && node !== undefined)
        nodes.push({ instanceId, ...identityOf(instance, node) });
      else if (reason !== undefined) refused.set(reason, [...(refused.get(reason) ?? []), instanceId]);
    }
  }
  const gaps = REASONS.flatMap((reason) => {
    const ids = refused.get(reason);
    return ids === undefined ? [] : [sentenceOn(reason, ids)];
  });
  return { nodes, gaps: [...gaps, ...leftOut(ranked.slice(lookedAt), maxNodes)] };
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
const SENTENCES: Readonly<Record<Reason, string>> = {
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

function sentenceOn(reason: Reason, ids: readonly string[]): string {
  return `${listPhrase(ids)} ${ids.length === 1 ? 'was' : 'were'} not asked: ${SENTENCES[reason]}`;
}

function leftOut(rest: readonly Candidate[], maxNodes: number): readonly string[] {
  if (rest.length === 0) return [];
  const zones = [...byZone(rest)]
    .filter(([zone]) => zone !== '')
    .map(([zone, { length }]) => `${length} in ${zone}`);
  const where = zones.length === 0 ? '' : ` (${zones.join(', ')})`;
  const were = rest.length === 1 ? 'more node was' : 'more nodes were';
  return [
    `${rest.length} ${were} left out${where}: one incident asks at most ${maxNodes}, worst first (MEDIC_MAX_NODES).`,
  ];
}
