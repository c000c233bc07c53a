import { messageOf, RecordRefusedError } from '../errors.ts';
import type {
  Clock,
  DecisionProof,
  IncidentStore,
  Log,
  NodeReadings,
  RemediateCommands,
  SentPart,
} from '../ports.ts';
import type { IncidentHead } from '../record/incident.ts';
import { type NodePlace, placeOfNodes } from '../record/place.ts';
import type { NodePlan } from '../record/plan.ts';
import { newsFromOutput } from './answer.ts';
import { orderedPlans, type RemediationOrder, refuseRemediation } from './authorise.ts';
import { claimRemediation, type RemediationNews, stepsOf, updateRemediation } from './claim.ts';
import { decisionLifeOver } from './decision-life.ts';
import { lockHolder, unlockNodes } from './locks.ts';
import { refuseOtherDecision, refuseUnproven } from './proven.ts';

/** What changing nodes needs. */
export interface RemediatePorts {
  readonly store: IncidentStore;
  readonly readings: Pick<NodeReadings, 'outdate'>;
  readonly commands: RemediateCommands;
  readonly proof: DecisionProof;
  readonly clock: Clock;
  readonly log: Log;
  readonly pause: (seconds: number) => Promise<void>;
  readonly approvers: readonly string[];
  /** For how long after a click its first command may be sent. */
  readonly decisionLifeSeconds: number;
  readonly pollSeconds: number;
  /** After this a command counts as lost: longer than delivery and script together may take. */
  readonly patienceSeconds: number;
}

/** Outcomes are in the record; this only says whether the order was carried out at all. */
export type RemediateAnswer =
  | { readonly kind: 'carried-out' }
  | { readonly kind: 'refused'; readonly why: string };

/** The first looks come quickly, because a script takes a second or two. */
const FIRST_LOOK_SECONDS = 0.25;

/**
 * Changes nodes on a stored approval, at most once: locks them, claims the steps, sends to those that can be sent to and
 * records what came back. What it is asked is not believed: every number and the permission come from the record, and that a
 * person decided so comes from what Slack signed, not from who wrote the record.
 */
export async function remediateNodes(
  ports: RemediatePorts,
  id: string,
  order: RemediationOrder,
  nonce: string,
): Promise<RemediateAnswer> {
  const { store, clock, approvers } = ports;
  const head = await store.head(id);
  if (head === undefined)
    return { kind: 'refused', why: `${id} is not in the table, so nothing was sent to any node.` };
  const refuseOld = (now: IncidentHead) =>
    decisionLifeOver(now, order.decision, { now: clock.now(), lifeSeconds: ports.decisionLifeSeconds })?.why;
  const why =
    refuseRemediation(head, order, approvers) ??
    (await refuseUnproven(ports.proof, id, head, order.decision)) ??
    refuseOld(head);
  if (why !== undefined) return { kind: 'refused', why };
  const { locked, busy } = await lockAll(ports, id, order);
  const claimed = await store.update(
    id,
    (now) =>
      refuseRemediation(now, order, approvers) ??
      refuseOtherDecision(head, now, order.decision) ??
      refuseOld(now) ??
      claimRemediation(now, order, new Date(clock.now()).toISOString()),
  );
  if (!claimed.ok) {
    // A step that was claimed before may still run: then its lock stays until it expires or the node was read.
    if (stepsOf(head, order).length === 0) await unlockNodes(ports, id, order.decision, locked);
    return { kind: 'refused', why: claimed.refusal };
  }
  const plans = order.kind === 'rollback' ? [] : orderedPlans(claimed.head, order);
  const [plan] = plans;
  const place = placeOfNodes(claimed.head, order.instanceIds);
  const request = { instanceIds: locked, nonce, incidentId: id, place };
  const change = async (what: NodePlan | undefined): Promise<readonly SentPart[]> =>
    what === undefined
      ? [{ kind: 'not-sent', why: 'the record holds no plan for it', instanceIds: locked }]
      : await ports.commands.change({ ...request, plan: what });
  const send = () => (order.kind === 'rollback' ? ports.commands.rollback(request) : change(plan));
  // A node that another change holds is set aside like any other: it is on record, and the next one goes in its place.
  const parts = locked.length === 0 ? [] : await send();
  const news = await outcomes(ports, id, order, parts, { nonce, place, plans });
  const finished = await store.update(id, ({ progress: _over, ...now }) =>
    updateRemediation(now, order, ({ instanceId }) => ({
      ...(news.get(instanceId) ?? ofBusy(busy.get(instanceId))),
      finishedAt: new Date(clock.now()).toISOString(),
    })),
  );
  if (!finished.ok) throw new RecordRefusedError(finished.refusal);
  // An answer that is not the plan's is one all the same: nothing runs on the node any more.
  const known = stepsOf(finished.head, order).filter(
    ({ outcome, differs, instanceId }) =>
      !busy.has(instanceId) && (outcome !== 'unknown' || differs === true),
  );
  await unlockNodes(
    ports,
    id,
    order.decision,
    known.map(({ instanceId }) => instanceId),
  );
  return { kind: 'carried-out' };
}

/** What belongs to one command: the mark of its answers, where its nodes are and what each was told to do. */
interface Sending {
  readonly nonce: string;
  readonly place: NodePlace | undefined;
  readonly plans: readonly NodePlan[];
}

async function outcomes(
  ports: RemediatePorts,
  id: string,
  order: RemediationOrder,
  parts: readonly SentPart[],
  { nonce, place, plans }: Sending,
): Promise<ReadonlyMap<string, RemediationNews>> {
  const news = new Map<string, RemediationNews>();
  for (const part of parts)
    for (const instanceId of part.instanceIds) news.set(instanceId, newsFromSending(instanceId, part));
  const commands = parts.filter((part) => part.kind === 'sent');
  if (commands.length === 0) return news;
  // With the outcome it is stored once more; until then it only helps to find a command whose answer is lost.
  await tried(ports, id, 'command-not-noted', () =>
    ports.store.update(id, (now) => updateRemediation(now, order, (step) => news.get(step.instanceId) ?? {})),
  );
  await waitForAll(ports, id, order, commands, place);
  const planOf = new Map(plans.map((plan) => [plan.instanceId, plan]));
  for (const { commandId, instanceIds } of commands)
    for (const output of await ports.commands.outputs(commandId, instanceIds, place)) {
      const { instanceId } = output;
      const answer = newsFromOutput(order.kind, planOf.get(instanceId), output, nonce);
      news.set(instanceId, { ...news.get(instanceId), ...answer });
    }
  return news;
}

/** What the attempt to send tells of a node: which command it was, or why there is none. */
function newsFromSending(instanceId: string, part: SentPart): RemediationNews {
  if (part.kind === 'sent') return { commandId: part.commandId, documentHash: part.documentHash };
  const detail = part.why.startsWith(instanceId) ? part.why : `${instanceId}: ${part.why}`;
  if (part.kind === 'unknown') return { outcome: 'unknown', detail };
  return { outcome: 'refused', detail, ...(part.isOfNode && { setAside: 'not-reached' }) };
}

/** Waits for the commands of an order, and of several nodes notes how many have ended theirs, for the card. */
async function waitForAll(
  ports: RemediatePorts,
  id: string,
  { decision }: RemediationOrder,
  sent: readonly Extract<SentPart, { readonly kind: 'sent' }>[],
  place: NodePlace | undefined,
): Promise<void> {
  const { store, commands, clock, pause, pollSeconds, patienceSeconds } = ports;
  const deadline = clock.now() + patienceSeconds * 1000;
  let noted = -1;
  for (
    let seconds = FIRST_LOOK_SECONDS;
    clock.now() < deadline;
    seconds = Math.min(pollSeconds, seconds * 2)
  ) {
    await pause(seconds);
    let [finished, total] = [0, 0];
    for (const { commandId, instanceIds } of sent) {
      const seen = await commands.progress(commandId, instanceIds, place);
      finished += seen.finished;
      total += seen.total;
    }
    if (finished === total) return;
    if (total > 1 && finished !== noted) {
      await tried(ports, id, 'progress-not-noted', () =>
        store.update(id, (head) => ({ ...head, progress: { decision, finished, total } })),
      );
      noted = finished;
    }
  }
}

/** Locks the nodes of an order; `busy` says of each that another change holds why nothing is sent to it. */
async function lockAll(
  ports: RemediatePorts,
  id: string,
  order: RemediationOrder,
): Promise<{ readonly locked: readonly string[]; readonly busy: ReadonlyMap<string, string> }> {
  const { store } = ports;
  const locked: string[] = [];
  const busy = new Map<string, string>();
  for (const instanceId of order.instanceIds) {
    if (await store.lockNode(instanceId, lockHolder(id, order.decision))) {
      locked.push(instanceId);
      // Who takes it all the same has a plan whose numbers the node refuses.
      await tried(ports, id, 'reading-not-outdated', () => ports.readings.outdate(instanceId));
      continue;
    }
    busy.set(
      instanceId,
      `${instanceId}: another change of this node is under way or was lost, so nothing was sent to it; try again in some minutes.`,
    );
  }
  return { locked, busy };
}

const ofBusy = (detail: string | undefined): RemediationNews =>
  detail === undefined ? {} : { outcome: 'refused', setAside: 'not-reached', detail };

/** Does what a change goes on without: once a command is on its way its answer matters more. */
async function tried(
  { log }: RemediatePorts,
  incidentId: string,
  event: string,
  body: () => Promise<unknown>,
): Promise<void> {
  try {
    await body();
  } catch (error) {
    log(event, { incidentId, error: messageOf(error) });
  }
}
