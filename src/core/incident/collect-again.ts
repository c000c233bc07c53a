import type { IncidentStore } from '../ports.ts';
import type { Alarm } from '../record/alarm.ts';
import type { Incident, IncidentNode } from '../record/incident.ts';
import { isClosed } from '../record/transitions.ts';
import { changedNodes, leftNodes } from '../remediation/steps.ts';
import { closedPlatformAdvice } from '../runbook/closed-platforms.ts';
import { refuseStranger } from './approvers.ts';
import { withRoom } from './joining/rules.ts';

/** Who asks for it, and what it is judged with. */
export interface CollectAgain {
  /** Slack user id. */
  readonly user: string;
  /** Slack user ids that may ask; nobody when empty. */
  readonly approvers: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** What of an incident says whether there is something left to look at. */
type Ended = Pick<Incident, 'head' | 'collections'>;

/**
 * Whether an ended incident leaves something to look at: any but one that joined another, and one whose changes all stand and were
 * all that was wanted.
 */
export function canCollectAgain(incident: Ended): boolean {
  const { head } = incident;
  // What joined another incident goes on on the card of that one.
  if (!isClosed(head.state) || head.state === 'joined') return false;
  return head.state !== 'resolved' || changedNodes(head).length === 0 || hasOthers(incident);
}

/** Whether some nodes stand changed and others, which were to be or of which nobody knows, do not. */
export function hasOthers({ head, collections }: Ended): boolean {
  const changed = new Set(changedNodes(head));
  if (changed.size === 0) return false;
  // A platform that nobody can ask answers no better the next time.
  const isUnasked = head.nodeGaps.some((gap) => closedPlatformAdvice([gap]) === undefined);
  const isUnread = collections.some(
    ({ instanceId, outcome }) => outcome.kind === 'failed' && !changed.has(instanceId),
  );
  return isUnasked || isUnread || leftNodes(head).length > 0;
}

/**
 * The nodes that an incident is to look at which goes on after another one: those that its alarm means now, and those that alarms
 * had brought which had joined that one, because it stood for them, too.
 */
export async function withNodesOfBefore(
  found: readonly IncidentNode[],
  { again }: Pick<Alarm, 'again'>,
  store: Pick<IncidentStore, 'head'>,
): Promise<{ readonly nodes: readonly IncidentNode[]; readonly gaps: readonly string[] }> {
  const before = again === undefined ? undefined : await store.head(again);
  if (before?.joined === undefined) return { nodes: found, gaps: [] };
  const known = new Set(found.map(({ instanceId }) => instanceId));
  const others = before.nodes.filter(({ instanceId }) => !known.has(instanceId));
  const { added, gaps } = withRoom({ nodes: [...found] }, others);
  return { nodes: [...found, ...added], gaps };
}

/**
 * The alarm of an ended incident as if it fired now, so that its nodes are found and read anew under an incident of their
 * own. Reading changes nothing; who may ask is who may open an incident by hand.
 * @returns one sentence on why it is not done, instead
 */
export async function alarmToCollectAgain(
  incident: Ended,
  { user, approvers, now }: CollectAgain,
  store: Pick<IncidentStore, 'openIncidentOf'>,
): Promise<Alarm | string> {
  const { head } = incident;
  const stranger = refuseStranger(user, approvers, 'nothing was collected');
  if (stranger !== undefined) return stranger;
  if (head.joinedTo !== undefined)
    return `${head.alarm.name} is followed on the card of ${head.joinedTo}; nothing was collected again.`;
  if (!canCollectAgain(incident))
    return `The incident is ${head.state}, so its own card goes on; nothing was collected again.`;
  const open = await store.openIncidentOf(head.alarm.arn);
  if (open !== undefined)
    return `${head.alarm.name} has a newer incident that is open (${open.id}); look at its card. Nothing was collected again.`;
  return {
    ...head.alarm,
    state: 'ALARM',
    changedAt: new Date(now).toISOString(),
    reason: `Collected again after ${head.id}, asked for by <@${user}>.`,
    again: head.id,
  };
}
