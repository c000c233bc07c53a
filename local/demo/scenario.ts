import type { IncidentHead } from '../../src/core/record/incident.ts';
import type { CanaryEvidence, DemoNodes, HealingEvidence, RollbackEvidence } from '../demo-nodes.ts';
import { pressButton } from './auto-clicks.ts';
import { DEMO_FAULTS, type DemoFault, type Strikeable } from './faults.ts';
import type { IncidentFollower } from './follow.ts';
import type { LocalService } from './service.ts';
import type { Terminal } from './terminal.ts';

/** Collection, raise, settling and second collection of one round; a busy machine takes its time. */
const STEP_TIMEOUT_MS = 180_000;

/** The parts of a running demo. */
export interface Stage {
  readonly service: LocalService;
  readonly nodes: DemoNodes;
  readonly follower: IncidentFollower;
  readonly terminal: Terminal;
}

/**
 * Clicks as an approver would: first one node, then the rest; then asks the nodes.
 * @throws one sentence when the incident takes another way
 */
export async function clickThrough(stage: Stage): Promise<HealingEvidence> {
  const { nodes, follower, terminal } = stage;
  const offered = await follower.rest(STEP_TIMEOUT_MS);
  expectState(offered, 'awaiting-approval');
  const clickedAt = await press(stage, 'medic.apply-one');
  let head = await follower.rest(STEP_TIMEOUT_MS, offered.transitions.length);
  if (head.state === 'applied-one') {
    await press(stage, 'medic.apply-all');
    head = await follower.rest(STEP_TIMEOUT_MS, head.transitions.length);
  }
  expectState(head, 'resolved');
  terminal.at('the workflow is done; now the nodes are asked');
  return await nodes.evidenceOfHealing(clickedAt);
}

/**
 * Clicks for all nodes at once where the first one is not healed by it: the workflow has to stop there.
 * @throws one sentence when the incident takes another way
 */
export async function clickIntoFailure(stage: Stage): Promise<CanaryEvidence> {
  const { nodes, follower, terminal } = stage;
  if (nodes.evidenceOfCanary === undefined) throw new Error('These nodes know no load without an end.');
  const offered = await follower.rest(STEP_TIMEOUT_MS);
  expectState(offered, 'awaiting-approval');
  await press(stage, 'medic.apply-all');
  const head = await follower.rest(STEP_TIMEOUT_MS, offered.transitions.length);
  expectState(head, 'failed');
  terminal.at('the workflow has stopped; now the nodes are asked');
  return await nodes.evidenceOfCanary();
}

/**
 * Clicks for all nodes while one of them cannot be sent to: the others have to be healed, and that one left as it is.
 * @throws one sentence when the incident takes another way
 */
export async function clickAround(
  stage: Stage,
  fault: DemoFault,
  { instanceId, strike }: Pick<Strikeable, 'instanceId' | 'strike'>,
): Promise<HealingEvidence> {
  const { nodes, follower, terminal } = stage;
  if (nodes.evidenceAround === undefined) throw new Error('These nodes do not tell of one of them alone.');
  const offered = await follower.rest(STEP_TIMEOUT_MS);
  expectState(offered, 'awaiting-approval');
  const isAtClick = DEMO_FAULTS[fault].at === 'click';
  if (isAtClick) {
    strike();
    terminal.at(`${instanceId} is gone`);
  }
  await press(stage, isAtClick ? 'medic.apply-all' : 'medic.apply-one');
  const head = await follower.rest(STEP_TIMEOUT_MS, offered.transitions.length);
  expectState(head, isAtClick ? 'partially-applied' : 'resolved');
  const told = [...head.nodeGaps, ...head.remediations.map(({ detail = '' }) => detail)];
  if (!told.some((sentence) => sentence.includes(instanceId)))
    throw new Error(`The record does not say why ${instanceId} was set aside.`);
  terminal.at('the workflow is done; now the nodes are asked');
  return await nodes.evidenceAround(instanceId);
}

/**
 * Rolls back as an approver would: the nodes refuse while the load is on, and take it when it has ended.
 * @returns what the nodes show; undefined when they have no load that could end
 * @throws one sentence when the incident takes another way
 */
export async function rollBackThrough(stage: Stage): Promise<RollbackEvidence | undefined> {
  const { nodes, follower, terminal } = stage;
  if (nodes.stopLoad === undefined || nodes.evidenceOfRollback === undefined) return undefined;
  const before = (await follower.look())?.state ?? 'resolved';
  const rollBack = async (): Promise<IncidentHead> => {
    const { seen } = follower;
    await press(stage, 'medic.rollback');
    return await follower.rest(STEP_TIMEOUT_MS, seen);
  };
  expectState(await rollBack(), before);
  terminal.at('refused, as it has to be: the old limit would be full at once');
  for (const line of await nodes.stopLoad()) terminal.at(line);
  expectState(await rollBack(), 'rolled-back');
  return await nodes.evidenceOfRollback();
}

async function press({ service, terminal }: Stage, actionId: string): Promise<number> {
  const { label, clickedAt } = await pressButton(service.slack, actionId);
  terminal.at(`Ana clicks “${label}”`, clickedAt);
  return clickedAt;
}

function expectState(head: IncidentHead, state: IncidentHead['state']): void {
  if (head.state === state) return;
  const why = head.transitions.at(-1)?.why;
  throw new Error(`The incident is ${head.state}, not ${state}${why === undefined ? '.' : `: ${why}`}`);
}
