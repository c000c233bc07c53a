import { RecordRefusedError } from '../../errors.ts';
import { type IncidentHead, WORKFLOW } from '../../record/incident.ts';
import { isClosed, transition } from '../../record/transitions.ts';
import { holdJoined, isHeldQuiet } from '../quiet.ts';
import { ownAlarm } from './alarms-ok.ts';
import { type JoinPorts, leaderOf, standsAlone } from './join.ts';
import { type JoinRules, later } from './rules.ts';

/**
 * Has an incident join one that ended without a fix a short while ago and has all of its nodes: there is nothing to say of them that
 * its card does not say. What fires is kept back there as that one's own alarms are, so the nodes are looked at, and what got worse
 * has a card. A repeat changes nothing.
 * @returns the incident that it has joined; nothing where there is none
 */
export async function joinQuiet(
  { store, clock }: JoinPorts,
  head: IncidentHead,
  { windowSeconds }: JoinRules,
): Promise<string | undefined> {
  const { id, alarm, nodes, leads, joinedTo, remediations, seen } = head;
  const isSettled = leads === true || joinedTo !== undefined || remediations.length > 0;
  // Who asks for the nodes to be read again wants them read.
  const isAsked = standsAlone(alarm) || alarm.again !== undefined;
  const [first] = nodes;
  if (isSettled || isAsked || windowSeconds === 0 || first === undefined) return undefined;
  const holder = await store.joins.holderOf(first.instanceId);
  const ended = holder === undefined ? undefined : await leaderOf(store, holder);
  const now = clock.now();
  if (ended === undefined || ended.id === id || !hasAllOf(ended, head, now)) return undefined;
  await store.joins.list(ended.id, ownAlarm(head, undefined));
  const held = await store.update(ended.id, (other) => {
    const kept = holdJoined(other, id, seen.lastAt);
    return kept === other
      ? other
      : { ...kept, joined: { newest: id, firedAt: later(seen.lastAt, other.joined?.firedAt) } };
  });
  if (!held.ok || held.head.quiet?.joined?.includes(id) !== true) {
    await store.joins.unlist(ended.id, { arn: alarm.arn, incidentId: id });
    return undefined;
  }
  const at = new Date(now).toISOString();
  const why = `Its nodes are those of ${ended.id}, which ended without a fix and counts the alarm ${alarm.name} from now on.`;
  const joined = await store.update(id, (own) =>
    isClosed(own.state) ? own : { ...transition(own, 'joined', WORKFLOW, at, why), joinedTo: ended.id },
  );
  if (!joined.ok) throw new RecordRefusedError(joined.refusal);
  await store.noteNews(ended.id);
  return joined.head.joinedTo;
}

/** Whether an incident keeps alarms back that flap, and this one is about none but its nodes. */
function hasAllOf(ended: IncidentHead, { nodes, seen }: IncidentHead, now: number): boolean {
  if (ended.quiet?.flaps === undefined || !isHeldQuiet(ended, seen.lastAt)) return false;
  if (now >= Date.parse(ended.quiet.until)) return false;
  const known = new Set(ended.nodes.map(({ instanceId }) => instanceId));
  return nodes.every(({ instanceId }) => known.has(instanceId));
}
