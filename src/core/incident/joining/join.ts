import { RecordRefusedError } from '../../errors.ts';
import type { Clock, IncidentStore } from '../../ports.ts';
import type { Alarm } from '../../record/alarm.ts';
import { type IncidentHead, type IncidentNode, WORKFLOW } from '../../record/incident.ts';
import type { JoinedAlarm } from '../../record/joined/alarm.ts';
import { isClosed, transition } from '../../record/transitions.ts';
import { isByHand } from '../manual-alarm.ts';
import { isWarning } from '../warning-alarm.ts';
import { type JoinRules, later, takeIn } from './rules.ts';

/** What finding an incident to join needs. */
export interface JoinPorts {
  readonly store: IncidentStore;
  readonly clock: Clock;
}

/**
 * Whether an alarm has an incident of its own whatever others are about: what a person asks for by hand is answered by itself, and
 * a warning is quiet, so it neither hides an alarm on its card nor keeps one open that is OK.
 */
export const standsAlone = (alarm: Alarm): boolean => isByHand(alarm) || isWarning(alarm);

/** Whose nodes an incident's nodes are. */
export type Place =
  /** Its own: it goes its way, and others may join it. */
  | { readonly kind: 'leads' }
  /** Another one's, which has its alarm from now on. */
  | { readonly kind: 'joined'; readonly to: string }
  /** Of one that does not know yet whether it goes its own way. */
  | { readonly kind: 'unsettled'; readonly other: string };

/** How often it is tried when others keep being first. */
const ATTEMPTS = 20;
/** An incident that joined one that joined another one: more in a row are a record that nobody wrote. */
const HOPS_MOST = 8;

/**
 * Takes the nodes of an incident for it, or has it join the open one that has one of them. Nodes are taken in the order of their
 * ids, and only who has them all is joined by others, so no two incidents ever join each other. Each write may be repeated: who
 * dies in between does it again from the start.
 * @param isPatient whether to wait for one that holds a node and is not that far
 */
export async function findPlace(
  ports: JoinPorts,
  id: string,
  rules: JoinRules,
  { isPatient }: { readonly isPatient: boolean },
): Promise<Place> {
  const { store } = ports;
  const head = await store.head(id);
  if (head === undefined) throw new RecordRefusedError(`${id} is not in the table any more.`);
  if (head.joinedTo !== undefined) return { kind: 'joined', to: head.joinedTo };
  // What it has changed is taken back on its own card.
  const isBound = head.remediations.length > 0 || standsAlone(head.alarm);
  if (head.leads === true || isBound || rules.windowSeconds === 0) return { kind: 'leads' };
  const refusing = new Set<string>();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const met = await takeNodes(ports, head, refusing, isPatient);
    if (met === undefined) {
      const updated = await store.update(id, (now) => (isClosed(now.state) ? now : { ...now, leads: true }));
      if (!updated.ok) throw new RecordRefusedError(updated.refusal);
      return { kind: 'leads' };
    }
    if (met.leads === undefined) return { kind: 'unsettled', other: met.id };
    const why = `Its nodes were those of ${met.id} before, which follows its alarm ${head.alarm.name} from now on.`;
    if (await join(ports, id, met, rules, why)) return { kind: 'joined', to: met.id };
    refusing.add(met.id);
  }
  throw new RecordRefusedError(`${id} was turned away by one incident after the other; try again.`);
}

/**
 * Takes the nodes one after the other, up to the first that an open incident has which may be joined.
 * @param refusing incidents that have turned this one away
 * @returns that incident; nothing once all nodes are its own
 */
async function takeNodes(
  { store }: JoinPorts,
  head: IncidentHead,
  refusing: ReadonlySet<string>,
  isPatient: boolean,
): Promise<IncidentHead | undefined> {
  for (const instanceId of idsOf(head)) {
    let over: string | undefined;
    for (;;) {
      const holder = await store.joins.claimNode(instanceId, head.id, over);
      if (holder === undefined) break;
      over = holder;
      const leader = await leaderOf(store, holder);
      if (leader === undefined || leader.id === head.id || isClosed(leader.state)) continue;
      if (refusing.has(leader.id) || (leader.leads === undefined && !isPatient)) continue;
      return leader;
    }
  }
  return undefined;
}

const idsOf = ({ nodes }: Pick<IncidentHead, 'nodes'>): readonly string[] =>
  nodes.map(({ instanceId }) => instanceId).toSorted();

/**
 * First the nodes become the other one's and the alarms are listed there, then the other one takes them in, which fails once that
 * has ended, and only then this one ends, which fails where another alarm has joined it meanwhile: that is taken along. At each
 * moment one of the two drives what the alarms stand for.
 * @param why one sentence for the record on why it is that one
 * @returns whether it was taken in
 */
export async function join(
  { store, clock }: JoinPorts,
  id: string,
  leader: IncidentHead,
  rules: JoinRules,
  why: string,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const head = await store.head(id);
    if (head === undefined || isClosed(head.state)) return head?.joinedTo === leader.id;
    const now = clock.now();
    const at = new Date(now).toISOString();
    const firedAt = later(head.seen.lastAt, head.joined?.firedAt);
    const { nodeGaps } = head;
    const joiner = { incidentId: id, nodes: head.nodes, nodeGaps, firedAt };
    const listed = await alarmsOf(store, head, at);
    const unlist = async () => {
      for (const alarm of listed) await store.joins.unlist(leader.id, alarm);
    };
    if (typeof takeIn(leader, joiner, now, rules) === 'string') {
      // Whoever listed them at an earlier try may have died before it was turned away.
      await unlist();
      return false;
    }
    const nodes = await nodesFor(store, leader.id, head);
    for (const alarm of listed) await store.joins.list(leader.id, alarm);
    const taken = await store.update(leader.id, (other) => takeIn(other, { ...joiner, nodes }, now, rules));
    if (!taken.ok) {
      await unlist();
      return false;
    }
    const ended = await store.update(id, (own) =>
      isClosed(own.state) || own.joined?.newest !== head.joined?.newest
        ? own
        : { ...transition(own, 'joined', WORKFLOW, at, why), joinedTo: leader.id },
    );
    if (!ended.ok) throw new RecordRefusedError(ended.refusal);
    if (isClosed(ended.head.state)) return ended.head.joinedTo === leader.id;
  }
  throw new RecordRefusedError(`Others kept joining ${id} while it joined ${leader.id}; try again.`);
}

/** Its own alarm and those that have joined it, as the other one lists them. */
async function alarmsOf(
  store: IncidentStore,
  { id, alarm: { arn, name }, seen, joined }: IncidentHead,
  joinedAt: string,
): Promise<readonly JoinedAlarm[]> {
  const own = { incidentId: id, arn, name, joinedAt, firedAt: seen.lastAt };
  return [own, ...(joined === undefined ? [] : await store.joins.alarmsOf(id))];
}

/** The nodes of one that joins which no third incident has: those become the other one's. */
export async function nodesFor(
  store: IncidentStore,
  leaderId: string,
  { id, nodes }: Pick<IncidentHead, 'id' | 'nodes'>,
): Promise<readonly IncidentNode[]> {
  const brought: IncidentNode[] = [];
  for (const node of nodes) {
    let over = id;
    for (;;) {
      const holder = await store.joins.claimNode(node.instanceId, leaderId, over);
      if (holder === undefined) {
        brought.push(node);
        break;
      }
      over = holder;
      const third = await leaderOf(store, holder);
      if (third !== undefined && third.id !== leaderId && third.id !== id && !isClosed(third.state)) break;
    }
  }
  return brought;
}

/**
 * What the alarms of an incident that has joined said while it joined: whoever took it found the one or the other of the two.
 */
export async function bringWords({ store }: Pick<JoinPorts, 'store'>, id: string): Promise<void> {
  const head = await store.head(id);
  if (head?.joinedTo === undefined) return;
  const okAt = await store.lastOkOf(head.alarm.arn);
  const [own, ...others] = await alarmsOf(store, head, head.openedAt);
  const said = own === undefined ? others : [okAt === undefined ? own : { ...own, okAt }, ...others];
  for (const { arn, firedAt, ...alarm } of said) {
    await store.joins.note(head.joinedTo, arn, { firedAt });
    if (alarm.okAt !== undefined) await store.joins.note(head.joinedTo, arn, { okAt: alarm.okAt });
  }
  await store.close(head);
}

/** The incident that has what this one had: itself, or the one that it has joined. Nothing where the record is gone. */
export async function leaderOf(
  store: Pick<IncidentStore, 'head'>,
  id: string,
): Promise<IncidentHead | undefined> {
  let head = await store.head(id);
  for (let hop = 0; hop < HOPS_MOST && head?.joinedTo !== undefined; hop++)
    head = await store.head(head.joinedTo);
  return head;
}
