import type { NodePlan, Plan } from '../record/plan.ts';
import { sha256 } from '../sha256.ts';
import { numbersOf } from './plan-numbers.ts';

/**
 * Joins the nodes' plans into the plan that a click approves. The digest covers incident, collection and every number,
 * so that a click on an older card can't approve other numbers.
 *
 * @param nodes canary first
 * @returns `undefined` when no node has a plan
 */
export function planIncident(
  incidentId: string,
  collection: number,
  nodes: readonly NodePlan[],
): Plan | undefined {
  if (nodes.length === 0) return undefined;
  const digest = sha256(JSON.stringify([incidentId, collection, nodes.map(canonical)])).slice(0, 32);
  return { schema: 'medic.plan/1', digest, collection, nodes: [...nodes] };
}

function canonical(node: NodePlan): unknown {
  const states = node.layers.map(({ layer, state, how }) => [layer, state, how]);
  const memory = node.kind === 'raise-max' ? [node.memoryBytes] : [];
  return [node.instanceId, numbersOf(node), memory, states];
}
