import * as z from 'zod';
import type { IncidentHead } from '../../../src/core/record/incident.ts';
import type { HealingEvidence } from '../../demo-nodes.ts';
import { awaitButton } from '../auto-clicks.ts';
import { expectTrueCard } from '../card-truth.ts';
import { expectState, press, STEP_TIMEOUT_MS, type Stage } from '../scenario.ts';
import { type DemoFault, isOfNode, type NodeFault, type Strikeable } from './faults.ts';
import { clickAndKill } from './killed-click.ts';

/** How long Slack or the table is away, in seconds. */
const AWAY_SECONDS = 60;
/** What is owed comes after the outage, at the second run of the schedule at the latest: so long after it began, in seconds. */
const OWED_SECONDS = 3 * AWAY_SECONDS;

const COLLECT = 'medic-collect';
const SentCommand = z.object({ DocumentName: z.string(), InstanceIds: z.array(z.string()) });

/** A demo in which something goes wrong. */
export interface FaultStage extends Stage {
  readonly fault: DemoFault;
  /** The node that it concerns, where it concerns one. */
  readonly around: Strikeable | undefined;
  /** How long a second takes of what is only waited for, in milliseconds. */
  readonly secondMs: number;
}

/** Begins what goes wrong before or with the alarm. */
export function beginFault(stage: FaultStage): void {
  if (stage.fault === 'untagged-node') stage.around?.strike();
  if (stage.fault === 'slack-away') leave(stage, 'slack', 'Slack');
}

/**
 * Clicks by itself while something goes wrong.
 * @returns the exit code: what the nodes show, and whether the card shows what the record says
 * @throws one sentence when the incident takes another way
 */
export async function clickWithFault(stage: FaultStage): Promise<number> {
  const { fault, around, follower, service, terminal } = stage;
  const { healed, lines } =
    isOfNode(fault) && around !== undefined
      ? await clickAround(stage, fault, around)
      : await clickInTrouble(stage);
  terminal.evidence('What the nodes themselves showed', lines);
  if (!healed) {
    terminal.problem(
      around === undefined
        ? 'Not healed: the workflow ended, but the nodes do not show it.'
        : 'Not healed: the nodes do not show one that was left alone and all others raised.',
    );
    return 1;
  }
  const id = (await follower.look())?.id ?? '';
  await expectTrueCard(service, id, patienceOf(stage));
  const who =
    around === undefined ? 'Healed' : 'Healed, but for the node that was set aside, which is as it was';
  terminal.title(`${who}; the card in the channel says what the record says.`);
  return 0;
}

/** Clicks for all nodes while one of them cannot be sent to: the others have to be healed, and that one left as it is. */
async function clickAround(
  stage: FaultStage,
  fault: NodeFault,
  around: Strikeable,
): Promise<HealingEvidence> {
  const { nodes, follower, terminal } = stage;
  const { instanceId } = around;
  if (nodes.evidenceAround === undefined) throw new Error('These nodes do not tell of one of them alone.');
  const offered = await offeredOf(stage);
  const isGone = fault === 'node-gone';
  if (isGone) {
    around.strike();
    terminal.at(`${instanceId} is gone`);
  }
  await press(stage, isGone ? 'medic.apply-all' : 'medic.apply-one');
  const head = await follower.rest(STEP_TIMEOUT_MS, offered.transitions.length);
  expectState(head, isGone ? 'partially-applied' : 'resolved');
  const told = [...head.nodeGaps, ...head.remediations.map(({ detail = '' }) => detail)];
  if (!told.some((sentence) => sentence.includes(instanceId)))
    throw new Error(`The record does not say why ${instanceId} was set aside.`);
  terminal.at('the workflow is done; now the nodes are asked');
  return await nodes.evidenceAround(instanceId);
}

/** Clicks for all nodes while something that the functions work with fails: all have to be healed, none by two commands. */
async function clickInTrouble(stage: FaultStage): Promise<HealingEvidence> {
  const { fault, nodes, service, follower, terminal } = stage;
  const sent = watchChanges(stage, () => {
    if (fault === 'store-away') leave(stage, 'store', 'the table of the records');
  });
  const offered = await offeredOf(stage);
  const actionId = 'medic.apply-all';
  const { place, label } = await awaitButton(service.slack, actionId, patienceOf(stage));
  let clickedAt = Date.now();
  if (fault === 'slack-function-killed') {
    await clickAndKill(service, { ...place, actionId });
    terminal.at(`Ana clicks “${label}”`, clickedAt);
    const stored = (await follower.look())?.decisions.length ?? 0;
    if (stored === 0) throw new Error('The function was killed before it had stored the decision.');
    terminal.at('the function is killed: the decision is stored, and nobody was told');
  } else clickedAt = await press(stage, actionId);
  const head = await follower.rest(STEP_TIMEOUT_MS + patienceOf(stage), offered.transitions.length);
  expectState(head, 'resolved');
  terminal.at('the workflow is done; now the nodes are asked');
  const { healed, lines } = await nodes.evidenceOfHealing(clickedAt);
  const isOnce = [...sent.values()].every((times) => times === 1);
  return {
    healed: healed && isOnce,
    lines: [
      ...lines,
      isOnce ? '✓ no node was sent a change twice' : '✗ a node was sent more than one change',
    ],
  };
}

async function offeredOf({ follower }: FaultStage): Promise<IncidentHead> {
  const offered = await follower.rest(STEP_TIMEOUT_MS);
  expectState(offered, 'awaiting-approval');
  return offered;
}

/** For how long something is waited for that comes after an outage, in milliseconds. */
const patienceOf = ({ secondMs }: FaultStage): number => OWED_SECONDS * secondMs + STEP_TIMEOUT_MS;

/** Has one of what the functions work with away from now on, for a minute. */
function leave({ service, terminal, secondMs }: FaultStage, what: 'slack' | 'store', name: string): void {
  service.faults[what] = () => true;
  terminal.at(`${name} is away`);
  setTimeout(() => {
    service.faults[what] = undefined;
    terminal.at(`${name} is there again`);
  }, AWAY_SECONDS * secondMs).unref();
}

/** Counts the changes that each node is sent, and tells of the first one. */
function watchChanges({ service }: FaultStage, onFirst: () => void): ReadonlyMap<string, number> {
  const sent = new Map<string, number>();
  service.faults.commands = (operation, body) => {
    if (operation !== 'SendCommand') return undefined;
    const { DocumentName, InstanceIds } = SentCommand.parse(JSON.parse(body));
    if (DocumentName === COLLECT) return undefined;
    if (sent.size === 0) onFirst();
    for (const id of InstanceIds) sent.set(id, (sent.get(id) ?? 0) + 1);
    return undefined;
  };
  return sent;
}
