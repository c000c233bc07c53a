import type { Catalogue } from '../../diagnosis/signature.ts';
import { RecordRefusedError } from '../../errors.ts';
import type { IncidentStore } from '../../ports.ts';
import type { Incident, IncidentHead } from '../../record/incident.ts';
import { isClosed } from '../../record/transitions.ts';
import { areNodesAlike, isOnePlace, kernelsOf } from './alike.ts';
import { type JoinPorts, join, leaderOf, nodesFor, type Place, standsAlone } from './join.ts';
import type { JoinRules } from './rules.ts';

/** How often it is tried when others keep being first. */
const ATTEMPTS = 10;

/**
 * Has an incident whose nodes were judged join the one that gathers the same trouble: the same verdict in the same cluster, on nodes
 * that share zone, type, group, age or kernel with its own. Where nobody gathers it yet, it does from now on, and joins nobody any more: so no two
 * of them ever join each other.
 * @param isPatient whether to wait for one that is about to gather it
 */
export async function gather(
  ports: JoinPorts & { readonly catalogue: Catalogue },
  id: string,
  rules: JoinRules,
  { isPatient }: { readonly isPatient: boolean },
): Promise<Place> {
  const { store } = ports;
  const incident = await store.load(id);
  if (incident === undefined) throw new RecordRefusedError(`${id} is not in the table any more.`);
  const { head } = incident;
  if (head.joinedTo !== undefined) return { kind: 'joined', to: head.joinedTo };
  const trouble = troubleOf(incident, ports.catalogue);
  if (trouble === undefined || head.gathers === true || rules.windowSeconds === 0) return { kind: 'leads' };
  let over: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const holder = await store.joins.claimTrouble(trouble, id, over);
    if (holder === undefined) {
      await store.update(id, (now) => (isClosed(now.state) ? now : { ...now, gathers: true }));
      return { kind: 'leads' };
    }
    over = holder;
    const leader = await leaderOf(store, holder);
    if (leader === undefined || leader.id === id) continue;
    if (isClosed(leader.state)) {
      await takeBack(store, head, leader);
      continue;
    }
    if (!(await isAlike(store, leader, incident))) return { kind: 'leads' };
    if (leader.gathers === undefined) {
      if (isPatient) return { kind: 'unsettled', other: leader.id };
      continue;
    }
    const why = `${leader.id} has the same verdict on nodes of the same cluster and follows its alarm ${head.alarm.name} from now on.`;
    if (await join(ports, id, leader, rules, why)) return { kind: 'joined', to: leader.id };
    await takeBack(store, head, leader);
  }
  return { kind: 'leads' };
}

/** What was handed over to one that then turned it away, also at a try that died, is its own again: an alarm of its nodes finds it. */
async function takeBack(
  store: JoinPorts['store'],
  { id, nodes }: IncidentHead,
  from: IncidentHead,
): Promise<void> {
  await nodesFor(store, id, { id: from.id, nodes });
}

/** Stands in the place of a verdict for all incidents of a cluster. */
const ANY = 'any';

/** Whether no other incident of the cluster fired within the window: only then it is another trouble than theirs for sure. */
export async function isAloneInCluster(
  { store }: Pick<JoinPorts, 'store'>,
  id: string,
  { windowSeconds }: JoinRules,
): Promise<boolean> {
  const head = await store.head(id);
  const cluster = head === undefined ? undefined : clusterOf(head);
  if (head === undefined || cluster === undefined || windowSeconds === 0 || standsAlone(head.alarm))
    return true;
  // A person has clicked for it and looks for its card.
  if (head.alarm.again !== undefined) return true;
  let over: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const holder = await store.joins.claimTrouble({ cluster, verdict: ANY }, id, over);
    if (holder === undefined) return true;
    over = holder;
    const other = await leaderOf(store, holder);
    const apartMs = Math.abs(
      Date.parse(head.seen.lastAt) - Date.parse(other?.seen.lastAt ?? head.seen.lastAt),
    );
    // One that has ended by now tells nothing of others that are open.
    if (other !== undefined && other.id !== id && apartMs <= windowSeconds * 1000) return false;
  }
  return true;
}

/** The one cluster that all nodes of an incident are of. */
function clusterOf({ nodes }: IncidentHead): string | undefined {
  const clusters = new Set(nodes.map((node) => node.cluster));
  return clusters.size === 1 ? [...clusters][0] : undefined;
}

/** A verdict in a cluster. */
export interface Trouble {
  readonly cluster: string;
  readonly verdict: string;
}

/**
 * What an incident is about; nothing where its nodes are of several clusters or were changed, or where the verdict is none of a
 * node's own but a conclusion from all others.
 */
function troubleOf({ head, collections }: Incident, catalogue: Catalogue): Trouble | undefined {
  const cluster = clusterOf(head);
  if (cluster === undefined || head.remediations.length > 0 || standsAlone(head.alarm)) return undefined;
  const first = head.plan?.nodes[0]?.instanceId;
  const read = collections.flatMap(({ instanceId, outcome }) =>
    outcome.kind === 'diagnosed' ? [{ instanceId, verdict: outcome.diagnosis.verdict }] : [],
  );
  const { verdict } = read.find(({ instanceId }) => instanceId === first) ?? read[0] ?? {};
  const stage = catalogue.find((mode) => mode.id === verdict)?.order.stage ?? 'conclusion';
  return verdict === undefined || stage === 'conclusion' ? undefined : { cluster, verdict };
}

/** What is known of the leader's nodes is in its head but for what was read of them, which is loaded where the head does not decide. */
async function isAlike(
  store: Pick<IncidentStore, 'load'>,
  leader: IncidentHead,
  { head, collections }: Incident,
): Promise<boolean> {
  if (areNodesAlike(leader.nodes, head.nodes)) return true;
  const own = kernelsOf(collections);
  if (own.size === 0 || !isOnePlace(leader.nodes, head.nodes)) return false;
  const theirs = kernelsOf((await store.load(leader.id))?.collections ?? []);
  return [...own].some((release) => theirs.has(release));
}
