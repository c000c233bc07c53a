import { INCIDENT_NODES_MOST } from '../../record/bounds.ts';
import type { IncidentHead, IncidentNode } from '../../record/incident.ts';
import { isClosed } from '../../record/transitions.ts';
import { counted } from '../../words.ts';
import { decideUnattended, pendingDecision } from '../decide.ts';

/** When an incident takes in the alarm of another one. */
export interface JoinRules {
  /** Alarms whose firings are so many seconds apart at most stand for the same trouble; 0 keeps each alarm by itself. */
  readonly windowSeconds: number;
  /** After so many seconds an incident takes none in any more. */
  readonly ageSeconds: number;
}

/** Sentences on nodes that could not be asked, of all alarms together. */
const GAPS_MOST = 30;

/** An incident that looks for another one to join. */
export interface Joiner {
  readonly incidentId: string;
  readonly nodes: readonly IncidentNode[];
  /** Sentences on nodes of its alarm that could not be asked: nobody else says them. */
  readonly nodeGaps: readonly string[];
  /** Newest firing of its alarm. */
  readonly firedAt: string;
}

/**
 * Takes the alarm of another incident in, with its nodes. Nodes that are new are to be read: where a click is waited for, that is
 * decided at once, so that no button stands which was made without them. A repeat changes nothing.
 * @param now milliseconds since the Unix epoch
 * @returns one sentence on why it is not taken in, instead
 */
export function takeIn(
  head: IncidentHead,
  joiner: Joiner,
  now: number,
  rules: JoinRules,
): IncidentHead | string {
  const { incidentId: newest, firedAt } = joiner;
  const added = newNodes(head, joiner);
  // Who died before it ended itself was taken in, whatever was decided about its nodes since.
  if (added.length === 0 && head.joined?.newest === newest && !isClosed(head.state)) return head;
  const refusal = refuseJoin(head, joiner, now, rules);
  if (refusal !== undefined) return refusal;
  // It fires, so they are not all OK.
  const { alarmOkAt: _fires, ...rest } = head;
  const nodeGaps = [...new Set([...head.nodeGaps, ...joiner.nodeGaps])].slice(0, GAPS_MOST);
  const taken: IncidentHead = {
    ...rest,
    nodeGaps,
    joined: { newest, firedAt: later(firedAt, head.joined?.firedAt) },
  };
  return withNodes(taken, added, now);
}

/**
 * Takes nodes in that are to be read: where a click is waited for, that is decided at once, so that no button stands which was made
 * without them. Those that it has already change nothing, and of more than it may have a sentence says so.
 * @param now milliseconds since the Unix epoch
 */
export function withNodes(head: IncidentHead, nodes: readonly IncidentNode[], now: number): IncidentHead {
  const { added, gaps } = withRoom(head, newNodes(head, { nodes }));
  const nodeGaps = [...new Set([...head.nodeGaps, ...gaps])];
  if (added.length === 0) return nodeGaps.length === head.nodeGaps.length ? head : { ...head, nodeGaps };
  const grown: IncidentHead = {
    ...head,
    nodeGaps,
    nodes: [...head.nodes, ...added],
    unread: [...(head.unread ?? []), ...added.map(({ instanceId }) => instanceId)],
  };
  // Where nothing is waited for, they are seen to before anything is.
  const decided = decideUnattended(grown, 'new-nodes', now);
  return typeof decided === 'string' ? grown : decided;
}

/** Those of the nodes that an incident has room for, and one sentence on the others. */
export function withRoom(
  { nodes: before }: Pick<IncidentHead, 'nodes'>,
  nodes: readonly IncidentNode[],
): { readonly added: readonly IncidentNode[]; readonly gaps: readonly string[] } {
  const added = nodes.slice(0, Math.max(0, INCIDENT_NODES_MOST - before.length));
  const left = nodes.length - added.length;
  const sentence = `${counted(left, 'more node was', 'more nodes were')} left out: one incident has at most ${INCIDENT_NODES_MOST}; have them looked at with npx medic incident.`;
  return { added, gaps: left === 0 ? [] : [sentence] };
}

/** States in which nobody has clicked yet. */
export const BEFORE_A_CLICK: ReadonlySet<IncidentHead['state']> = new Set([
  'collecting',
  'diagnosed',
  'awaiting-approval',
]);

function refuseJoin(
  head: IncidentHead,
  { firedAt, ...joiner }: Joiner,
  now: number,
  { windowSeconds, ageSeconds }: JoinRules,
): string | undefined {
  const { id, state, callback } = head;
  if (isClosed(state)) return `${id} has ended.`;
  if (head.leads === undefined) return `${id} has not found its own nodes yet.`;
  if (!BEFORE_A_CLICK.has(state) || head.remediations.length > 0) return `${id} is changing nodes.`;
  const decided = pendingDecision(head);
  if (decided !== undefined && decided.kind !== 'new-nodes') return `${id} is decided.`;
  if (callback !== undefined && now >= Date.parse(callback.expiresAt)) return `${id} is about to expire.`;
  if (now - Date.parse(head.openedAt) > ageSeconds * 1000) return `${id} is too old.`;
  const newest = later(head.seen.lastAt, head.joined?.firedAt);
  if (windowSeconds === 0 || Math.abs(Date.parse(firedAt) - Date.parse(newest)) > windowSeconds * 1000)
    return `${id} fired at another time.`;
  const added = newNodes(head, joiner).length;
  return added > 0 && head.nodes.length + added > INCIDENT_NODES_MOST ? `${id} has enough nodes.` : undefined;
}

function newNodes({ nodes }: IncidentHead, joiner: Pick<Joiner, 'nodes'>): readonly IncidentNode[] {
  const known = new Set(nodes.map(({ instanceId }) => instanceId));
  return joiner.nodes.filter(({ instanceId }) => !known.has(instanceId));
}

/** The later one of two times. */
export const later = (one: string, other = ''): string => (one > other ? one : other);

/** These nodes were judged by now. */
export function withoutUnread(head: IncidentHead, instanceIds: readonly string[]): IncidentHead {
  const { unread = [], ...rest } = head;
  const judged = new Set(instanceIds);
  const left = unread.filter((id) => !judged.has(id));
  if (left.length === unread.length) return head;
  return left.length === 0 ? rest : { ...rest, unread: left };
}
