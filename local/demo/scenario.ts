import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentHead } from '../../src/core/record/incident.ts';
import type { NodeTrace } from '../../src/core/record/traced/found.ts';
import type { CanaryEvidence, DemoNodes, HealingEvidence, RollbackEvidence } from '../demo-nodes.ts';
import { alarmArn } from './alarm-event.ts';
import { offersChange, pressButton } from './auto-clicks.ts';
import { expectTrueCard } from './card-truth.ts';
import type { IncidentFollower } from './follow.ts';
import type { LocalService } from './service.ts';
import type { Terminal } from './terminal.ts';

/** Collection, raise, settling and second collection of one round; a busy machine takes its time. */
export const STEP_TIMEOUT_MS = 180_000;

const POLL_MS = 200;

/** How often the record is looked at, in milliseconds. */
const LOOK_MS = 200;

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
 * Waits until every alarm that fires with the first one has joined it, and all nodes that they brought were read.
 * @throws one sentence when that does not happen in time
 */
export async function untilJoined({ service, nodes, follower }: Stage): Promise<void> {
  const { moreAlarms = [] } = nodes;
  const deadline = Date.now() + STEP_TIMEOUT_MS;
  for (;;) {
    const head = await follower.look();
    const joined = head === undefined ? [] : await service.store.joins.alarmsOf(head.id);
    const arns = new Set(joined.map(({ arn }) => arn));
    const isRead = head?.state === 'awaiting-approval' && (head.unread ?? []).length === 0;
    if (isRead && moreAlarms.every(({ name }) => arns.has(alarmArn(name)))) return;
    if (Date.now() > deadline) throw new Error(`Not all alarms (${moreAlarms.length + 1}) are on one card.`);
    await sleep(POLL_MS);
  }
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
 * Waits for the card of an incident for which no change helps: it must offer none.
 * @throws one sentence when the incident takes another way, or a card offers a change
 */
export async function seeNoButton({ service, nodes, follower, terminal }: Stage): Promise<HealingEvidence> {
  if (nodes.evidenceOfNoChange === undefined)
    throw new Error('These nodes do not tell whether they were left alone.');
  const head = await follower.rest(STEP_TIMEOUT_MS);
  expectState(head, 'no-fix-offered');
  await expectTrueCard(service, head.id, STEP_TIMEOUT_MS);
  if (offersChange(service.slack)) throw new Error('The card offers a change, and none would help.');
  terminal.at('the card is there, without a button for a change; now the nodes are asked');
  return await nodes.evidenceOfNoChange();
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

/** Presses a button as the approver, and says so. @returns when, in milliseconds since the epoch */
export async function press({ service, terminal, follower }: Stage, actionId: string): Promise<number> {
  const { label, clickedAt } = await pressButton(service.slack, actionId, { incident: follower.incident });
  terminal.at(`Ana clicks “${label}”`, clickedAt);
  return clickedAt;
}

/** @throws the incident's own reason when it is in another state */
export function expectState(head: IncidentHead, state: IncidentHead['state']): void {
  if (head.state === state) return;
  const why = head.transitions.at(-1)?.why;
  throw new Error(`The incident is ${head.state}, not ${state}${why === undefined ? '.' : `: ${why}`}`);
}

/** What a trace found on the nodes of a demo, and that nothing was changed there. */
interface Traced {
  /** Whether a node is named on which SYNs are lost. */
  readonly isFound: boolean;
  readonly said: readonly string[];
  readonly untouched: HealingEvidence;
}

/**
 * Waits for the card that offers no change and has SYNs traced from it.
 * @throws one sentence when the incident takes another way, or the trace does not end
 */
export async function traceThrough(stage: Stage): Promise<Traced> {
  const { nodes, follower, terminal } = stage;
  if (nodes.evidenceOfNoChange === undefined)
    throw new Error('These nodes do not tell whether they were left alone.');
  expectState(await follower.rest(STEP_TIMEOUT_MS), 'no-fix-offered');
  await press(stage, 'medic.trace');
  const found = await endOfTrace(follower);
  terminal.at('the trace is over');
  const isFound = found.some(({ outcome }) => outcome.kind === 'traced' && outcome.lost[0]?.edge === 'node');
  const said = found.map(({ instanceId, outcome }) => {
    const what = outcome.kind === 'traced' ? outcome.sentences.join(' ') : outcome.why;
    return `${instanceId}: ${what}`;
  });
  return { isFound, said, untouched: await nodes.evidenceOfNoChange() };
}

async function endOfTrace(follower: IncidentFollower): Promise<readonly NodeTrace[]> {
  const deadline = Date.now() + STEP_TIMEOUT_MS;
  for (;;) {
    const trace = (await follower.look())?.synTraces?.at(-1);
    if (trace?.endedAt !== undefined) return trace.nodes ?? [];
    if (Date.now() > deadline) throw new Error(`The trace has not ended after ${STEP_TIMEOUT_MS / 1000} s.`);
    await sleep(LOOK_MS);
  }
}
