import type { IncidentHead } from '../../src/core/incident.ts';
import type { DemoNodes } from '../demo-nodes.ts';
import { pressButton } from './auto-clicks.ts';
import type { IncidentFollower } from './follow.ts';
import type { LocalService } from './service.ts';
import type { Terminal } from './terminal.ts';

/** Collection, raise, settling and second collection of one round; a busy machine takes its time. */
const STEP_TIMEOUT_MS = 180_000;

/** What the automatic demo found. */
export interface Outcome {
  readonly healed: boolean;
  /** One line per thing that was looked at on the nodes. */
  readonly evidence: readonly string[];
}

/**
 * Clicks as an approver would: first one node, then the rest; then asks the nodes.
 * @throws one sentence when the incident takes another way
 */
export async function clickThrough(
  service: LocalService,
  nodes: DemoNodes,
  follower: IncidentFollower,
  terminal: Terminal,
): Promise<Outcome> {
  const offered = await follower.rest(STEP_TIMEOUT_MS);
  expectState(offered, 'awaiting-approval');
  const clickedAt = Date.now();
  terminal.at(`Ana clicks “${await pressButton(service.slack, 'medic.apply-one')}”`);
  let head = await follower.rest(STEP_TIMEOUT_MS, offered.transitions.length);
  if (head.state === 'applied-one') {
    terminal.at(`Ana clicks “${await pressButton(service.slack, 'medic.apply-all')}”`);
    head = await follower.rest(STEP_TIMEOUT_MS, head.transitions.length);
  }
  expectState(head, 'resolved');
  terminal.at('the workflow is done; now the nodes are asked');
  const { healed, lines } = await nodes.evidenceOfHealing(clickedAt);
  return { healed, evidence: lines };
}

function expectState(head: IncidentHead, state: IncidentHead['state']): void {
  if (head.state === state) return;
  const why = head.transitions.at(-1)?.why;
  throw new Error(`The incident is ${head.state}, not ${state}${why === undefined ? '.' : `: ${why}`}`);
}
