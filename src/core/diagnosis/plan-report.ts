import * as z from 'zod';
import { planIncident } from '../plan/plan-incident.ts';
import { FailureModeId } from '../record/diagnosis.ts';
import { NodePlan, Plan } from '../record/plan.ts';
import type { DiagnosedNode } from './diagnose.ts';

/**
 * What would be done to one node, as `medic plan --json` prints it: the same plan that a click approves in an incident, or
 * no node in it and the reason.
 */
export const PlanReport = Plan.extend({
  /** Absent when nothing is planned. */
  digest: Plan.shape.digest.optional(),
  nodes: z.array(NodePlan).max(1),
  /** Why nothing is planned; absent when something is. */
  declined: z.strictObject({ node: z.string(), verdict: FailureModeId, why: z.string() }).optional(),
});
export type PlanReport = z.infer<typeof PlanReport>;

/** Makes the report of a diagnosed node; the digest is over the numbers and the layers, for no incident. */
export function planReport({ diagnosis, plan }: DiagnosedNode, node: string): PlanReport {
  const whole = planIncident('medic-plan', 1, plan === undefined ? [] : [plan]);
  if (whole !== undefined) return whole;
  const { verdict, offer } = diagnosis;
  return { schema: 'medic.plan/1', collection: 1, nodes: [], declined: { node, verdict, why: offer.why } };
}
