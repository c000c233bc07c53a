import type { Decision, IncidentHead } from '../../src/core/record/incident.ts';
import type { LifeOver } from '../../src/core/remediation/decision-life.ts';
import { nextStep, rolloutEnd } from '../../src/core/remediation/rollout.ts';
import { isVerified, plannedNodes } from '../../src/core/remediation/steps.ts';
import type { Outcome, Workflow } from './workflow.ts';

/**
 * One node, verified; then the others, some at a time. What follows is told by the record alone (`nextStep`): a node that is
 * gone or refuses is set aside and the rest goes on, what fails stops everything after it.
 * @returns why nothing was sent, where the time of the decision was over at the very last moment
 */
export async function apply(
  workflow: Workflow,
  decision: Decision,
): Promise<Outcome | { readonly over: LifeOver }> {
  const { record, decisions, orders } = workflow;
  const { number, kind, actor } = decision;
  if (!(await record.read('look for a plan', ({ plan }) => plan !== undefined)))
    return {
      ended: await record.end('failed', 'No plan is on record any more, so this click changed nothing.'),
    };
  const isFirst = await record.read('look for changes', (head) => !head.remediations.some(isVerified));
  await record.move(isFirst ? 'applying-canary' : 'applying-rest', actor);
  const read = new Set<string>();
  const over = new Set<string>();
  let refusal = '';
  while (refusal === '') {
    const next = await record.read('look for what is next', (head) => nextStep(head, decision, read));
    if (next.kind === 'done') break;
    const order = { kind: next.change, decision: number, instanceIds: next.instanceIds };
    if (next.kind === 'change') {
      await record.move(next.isFirst ? 'applying-canary' : 'applying-rest', actor);
      const ordered = await orders.order(order);
      for (const id of ordered.over) over.add(id);
      refusal = ordered.isClaimed ? '' : ordered.why;
      continue;
    }
    await record.move('verifying');
    const others =
      kind === 'apply-one'
        ? await record.read('look for others', (head) => othersOf(head, next.instanceIds))
        : [];
    await orders.verify(order, { toRead: next.instanceIds, over: [...over] }, others);
    for (const id of next.instanceIds) read.add(id);
  }
  const end = await record.read('look how it ended', (head) => rolloutEnd(head, decision, read, refusal));
  if (refusal !== '') {
    const late = await decisions.lifeOver(decision);
    if (late !== null) return { over: late };
  }
  if (end.state === 'open') {
    // After one node the others were read along with it; after as many as a click may change they are read now.
    if (kind === 'apply-all') await workflow.evidence.collect(end.left);
    return await offerRest(workflow, end.left, end.why);
  }
  return { ended: await record.end(end.state, end.why === '' ? undefined : end.why) };
}

/** The planned nodes that are not being read already: a fresh plan for them is made of what they show along with those. */
const othersOf = (head: Pick<IncidentHead, 'plan' | 'planRest'>, reading: readonly string[]): string[] =>
  plannedNodes(head).filter((instanceId) => !reading.includes(instanceId));

/**
 * After one node, or as many as a click may change: a fresh plan for the others from what was read of them since, and another click.
 * @param why what the card is to say of how it came to this
 */
export async function offerRest(
  { record, evidence }: Workflow,
  rest: readonly string[],
  why = '',
): Promise<Outcome> {
  const outlook = await evidence.diagnose(rest);
  if (outlook.kind === 'planned') return { waits: why === '' ? undefined : why };
  if (outlook.kind === 'no-evidence') return { ended: await record.end('partially-applied', outlook.why) };
  return { ended: await record.end('resolved', `The other nodes need no change: ${outlook.why}`) };
}
