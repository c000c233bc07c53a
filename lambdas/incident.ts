import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { withPatience } from '../src/adapters/waiting/patience.ts';
import { messageOf, RecordRefusedError } from '../src/core/errors.ts';
import { pendingDecision } from '../src/core/incident/decide.ts';
import { firstExecution, isRollbackAfterTheEnd } from '../src/core/incident/execution.ts';
import { END_KEYS } from '../src/core/incident/shown/end-words.ts';
import type { Outlook } from '../src/core/plan/plan-incident.ts';
import type { Decision, IncidentHead, IncidentState } from '../src/core/record/incident.ts';
import { isClosed } from '../src/core/record/transitions.ts';
import type { LifeOver } from '../src/core/remediation/decision-life.ts';
import { changedNodes, plannedNodes } from '../src/core/remediation/steps.ts';
import { closedPlatformAdvice } from '../src/core/runbook/closed-platforms.ts';
import { IncidentAftermath } from './incident/aftermath.ts';
import { apply, offerRest } from './incident/applying.ts';
import { finishBegun } from './incident/begun.ts';
import { IncidentDecisions } from './incident/decision.ts';
import { IncidentEvidence } from './incident/evidence.ts';
import { IncidentOrders } from './incident/orders.ts';
import { type IncidentParts, openIncidentParts } from './incident/parts.ts';
import { lookWhileQuiet } from './incident/quiet-look.ts';
import { IncidentRecord } from './incident/record.ts';
import { rollBack, rollBackAfterwards } from './incident/rolling-back.ts';
import { IncidentTracing } from './incident/tracing.ts';
import type { Outcome, Workflow } from './incident/workflow.ts';

/**
 * A new incident, or a rollback of one that has ended or keeping its raise, by the number of the decision; the place of an
 * execution that stopped; or a look at the nodes of one that was dismissed, or where SYNs are lost.
 */
const IncidentEvent = z.strictObject({
  incidentId: z.string().regex(/^[a-z0-9-]{8,64}$/),
  rollback: z.number().int().min(1).optional(),
  keep: z.number().int().min(1).optional(),
  takeUp: z.number().int().min(1).optional(),
  look: z.number().int().min(1).optional(),
  trace: z.number().int().min(1).optional(),
});

/**
 * The life of one incident as a durable function: it may wait for hours and keeps its place. Its steps are kept with a client of
 * ours: that of the SDK waits for minutes where Lambda stays silent.
 */
export const incidentWorkflow = (parts: IncidentParts) =>
  withDurableExecution(lifeOf(parts), { client: new LambdaClient(withPatience({})) });

const lifeOf =
  (parts: IncidentParts) =>
  async (event: unknown, ctx: DurableContext): Promise<IncidentState> => {
    const { incidentId, rollback, keep, takeUp, look, trace } = IncidentEvent.parse(event);
    const workflow = workflowOn(ctx, parts, incidentId);
    if (trace !== undefined) return await workflow.tracing.run(trace);
    try {
      if (keep !== undefined) return await workflow.aftermath.keepOnGroup(keep);
      if (look !== undefined) return await lookWhileQuiet(workflow, look);
      if (takeUp !== undefined) return await goOn(workflow);
      return rollback === undefined ? await heal(workflow) : await rollBackAfterwards(workflow, rollback);
    } catch (error) {
      return await workflow.record.end('failed', `Stopped by an error of the service: ${messageOf(error)}`);
    }
  };

/** The incident function. */
export const handler = incidentWorkflow(openIncidentParts());

function workflowOn(ctx: DurableContext, parts: IncidentParts, incidentId: string): Workflow {
  const record = new IncidentRecord(ctx, parts, incidentId);
  const evidence = new IncidentEvidence(ctx, parts, record);
  return {
    record,
    evidence,
    decisions: new IncidentDecisions(ctx, parts, record),
    orders: new IncidentOrders(ctx, parts, record, evidence),
    aftermath: new IncidentAftermath(ctx, parts, record, evidence),
    tracing: new IncidentTracing(ctx, parts, record, evidence),
  };
}

/** From the alarm to the end. */
async function heal(workflow: Workflow): Promise<IncidentState> {
  const { record, evidence } = workflow;
  const { instanceIds, gaps } = await evidence.resolveNodes();
  if (instanceIds.length === 0) {
    const ended = await record.end('failed', gaps.join(' '));
    if (closedPlatformAdvice(gaps) !== undefined) await evidence.postRunbook(END_KEYS.runbook);
    return ended;
  }
  return await lead(workflow);
}

/** From its nodes to the end, unless another incident has them: then that one goes on with its alarm. */
async function lead(workflow: Workflow): Promise<IncidentState> {
  const { record, evidence } = workflow;
  if ((await evidence.findPlace()) === 'joined') {
    await record.show();
    return 'joined';
  }
  // Where others of the cluster are being looked at, it has a card once it is known not to be the same trouble.
  if (await evidence.isAlone()) await record.show();
  return await follow(workflow, await examine(workflow, await openNodesOf(workflow)));
}

/** Decision after decision to the end, and what comes after it. */
async function follow(workflow: Workflow, first: Outcome): Promise<IncidentState> {
  const { evidence, decisions } = workflow;
  let outcome = first;
  while (!('ended' in outcome)) {
    const { waits, hasRunbook } = outcome;
    const decision = await decisions.waitForDecision(
      waits,
      hasRunbook === true ? () => evidence.postRunbook() : undefined,
    );
    if (typeof decision === 'string') outcome = { ended: decision };
    else if (decision !== undefined) outcome = await carryOut(workflow, decision);
  }
  if (outcome.ended !== 'joined') await followUp(workflow);
  return outcome.ended;
}

/** What comes after the end. */
async function followUp({ aftermath }: Workflow): Promise<void> {
  await aftermath.postLasting();
  await aftermath.watchForDrift();
}

/** Goes on where an execution stopped: what it had begun is brought to its end, and nothing is sent twice. */
async function goOn(workflow: Workflow): Promise<IncidentState> {
  const { record } = workflow;
  const { state, decision, isDecided, isAfterTheEnd, nodes, keeps, undone, isFollowedUp } = await record.read(
    'look where it stands',
    (head) => ({
      state: head.state,
      decision: head.decisions.at(-1) ?? null,
      isDecided: pendingDecision(head) !== undefined,
      isAfterTheEnd: isRollbackAfterTheEnd(head),
      nodes: openNodes(head),
      keeps: keptBy(head),
      undone: head.undone ?? null,
      isFollowedUp: head.aftermath === undefined,
    }),
  );
  if (state !== 'collecting') await record.show();
  switch (state) {
    case 'collecting':
    case 'diagnosed':
      return nodes.length === 0 ? await heal(workflow) : await lead(workflow);
    case 'awaiting-approval':
    case 'applied-one':
      return await follow(
        workflow,
        decision !== null && isDecided ? await carryOut(workflow, decision) : { waits: undefined },
      );
    case 'applying-canary':
    case 'applying-rest':
    case 'verifying':
      if (decision === null) throw new RecordRefusedError(`${record.id} is ${state} without a decision.`);
      return await follow(workflow, await finish(workflow, decision));
    case 'rolling-back':
      if (isAfterTheEnd && decision !== null) return await rollBackAfterwards(workflow, decision.number);
      if (decision === null) throw new RecordRefusedError(`${record.id} is ${state} without a decision.`);
      return await follow(workflow, await rollBack(workflow, decision));
    case 'resolved':
    case 'partially-applied':
    case 'failed':
    case 'dismissed':
    case 'expired':
    case 'rolled-back':
    case 'no-fix-offered':
    case 'joined':
      if (keeps !== null) return await workflow.aftermath.keepOnGroup(keeps);
      if (undone !== null) await workflow.aftermath.postUndone(undone);
      else if (!isFollowedUp) await followUp(workflow);
      return state;
  }
}

/** The decision that ordered an association which is not settled. */
function keptBy(head: IncidentHead): number | null {
  const first = firstExecution(head);
  return first?.kind === 'keep' ? first.decision : null;
}

/** What was sent is verified; what was not sent wants another click. */
async function finish(workflow: Workflow, decision: Decision): Promise<Outcome> {
  const { record } = workflow;
  const finished = await finishBegun(workflow, decision);
  if (finished.kind === 'nothing-sent')
    return await examineAgain(workflow, 'The workflow stopped before any node was changed.');
  if (finished.kind === 'failed')
    return { ended: await record.end(finished.changed ? 'partially-applied' : 'failed', finished.why) };
  return finished.left.length === 0
    ? { ended: await record.end('resolved') }
    : await offerRest(workflow, finished.left);
}

/** Collects, diagnoses and plans; without anything to decide the incident ends here. */
async function examine(
  workflow: Workflow,
  instanceIds: readonly string[],
  why?: string,
  { hasOwn } = { hasOwn: false },
): Promise<Outcome> {
  const { record, evidence } = workflow;
  for (let asked = instanceIds; ; asked = await openNodesOf(workflow)) {
    await evidence.collect(asked, { hasOwn: hasOwn || asked !== instanceIds });
    const outlook = await evidence.diagnose(asked);
    if (outlook.kind !== 'no-evidence' && (await evidence.gather()) === 'joined') {
      await record.show();
      return { ended: 'joined' };
    }
    if (outlook.kind === 'planned') return { waits: why, hasRunbook: true };
    const ended = await endWithout(workflow, outlook);
    if (isClosed(ended)) return { ended };
    // Another alarm has brought nodes meanwhile: nothing ends before they were looked at.
    await record.move('collecting');
  }
}

/** Ends an incident in which there is nothing to decide, unless it has nodes that were not looked at yet. */
async function endWithout(
  { record, evidence }: Workflow,
  { kind, why }: Exclude<Outlook, { readonly kind: 'planned' }>,
): Promise<IncidentState> {
  if (kind === 'no-evidence') return await record.end('failed', why, { unlessGrown: true });
  const changed = await record.read('look for changes', changedNodes);
  if (changed.length > 0) {
    const ended = await record.end('resolved', `The other nodes need no change: ${why}`);
    await evidence.postRunbook();
    return ended;
  }
  const kept = await evidence.whatKeepsFlaps();
  const ended = await record.end('no-fix-offered', why, { unlessGrown: true, kept });
  if (isClosed(ended)) await evidence.postRunbook(END_KEYS.runbook);
  return ended;
}

async function carryOut(workflow: Workflow, decision: Decision): Promise<Outcome> {
  const { record } = workflow;
  const { kind, actor } = decision;
  switch (kind) {
    case 'apply-one':
    case 'apply-all':
    case 'rollback':
      return await carryOutInTime(workflow, decision);
    case 'dismiss':
      return { ended: await record.dismiss(actor) };
    case 'timeout':
      return { ended: await record.end('expired', 'Nobody decided in time.') };
    case 'alarm-ok':
      await workflow.evidence.judgeAlarms();
      return (await record.endIfAlarmIsOk()) ? { ended: 'resolved' } : await examineAgain(workflow);
    case 'refresh':
      return await examineAgain(workflow);
    case 'new-nodes':
      await workflow.aftermath.postNewNodes();
      return await examineAgain(workflow, undefined, { hasOwn: true });
    case 'keep':
      return { waits: 'Keeping the raise on the group is possible once it is verified.' };
  }
}

/** Nothing is sent on a decision that came too late: it wants another click on what is true now. */
async function carryOutInTime(workflow: Workflow, decision: Decision): Promise<Outcome> {
  const over = await workflow.decisions.lifeOver(decision);
  if (over !== null) return await askAgain(workflow, over);
  if (decision.kind === 'rollback') return await rollBack(workflow, decision);
  const applied = await apply(workflow, decision);
  return 'over' in applied ? await askAgain(workflow, applied.over) : applied;
}

/** Where nothing was changed and the alarm is OK there is nothing left to ask; the card offers to collect again. */
async function askAgain(workflow: Workflow, { kind, why }: LifeOver): Promise<Outcome> {
  const { record } = workflow;
  const isUntouched = await record.read('look for steps', ({ remediations }) => remediations.length === 0);
  if (kind === 'alarm-ok' && isUntouched) return { ended: await record.end('resolved', why) };
  return await examineAgain(workflow, why);
}

/** @param why what led to it, for the card that asks again */
async function examineAgain(workflow: Workflow, why?: string, how = { hasOwn: false }): Promise<Outcome> {
  const instanceIds = await openNodesOf(workflow);
  await workflow.record.move('collecting');
  return await examine(workflow, instanceIds, why, how);
}

const openNodesOf = async ({ record }: Workflow): Promise<string[]> =>
  await record.read('look for open nodes', openNodes);

/** The nodes that are still to be decided about. */
const openNodes = (head: IncidentHead): string[] =>
  head.remediations.length > 0 ? [...plannedNodes(head)] : head.nodes.map(({ instanceId }) => instanceId);
