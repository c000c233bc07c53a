import type { AnyRemediation, Verification } from '../plan/remediation.ts';
import type { Diagnosed, NodeCollection } from '../record/collection.ts';
import type { NodePlan, RaisePlan } from '../record/plan.ts';
import { percent, show } from '../words.ts';

/** Use above which a raise has not bought enough room (also the oracle of SREGym's conntrack problem: ratio below 0.70). */
const VERIFIED_USE = 0.7;

/**
 * Holds a node against its plan by a collection made after the change: the same boot, nothing half done, and what the
 * kind itself asks for. Anything unknown fails: an unverified change is not a verified one.
 */
export function verifyChange(
  remediation: AnyRemediation,
  plan: NodePlan,
  before: NodeCollection,
  after: NodeCollection,
): Verification {
  const { passed, why } = judge(remediation, plan, before, after);
  return { passed, why: `${plan.instanceId}: ${why}` };
}

function judge(
  remediation: AnyRemediation,
  plan: NodePlan,
  before: NodeCollection,
  after: NodeCollection,
): Verification {
  const fail = (why: string): Verification => ({ passed: false, why });
  if (after.outcome.kind === 'failed') return fail(`the second collection failed: ${after.outcome.why}`);
  if (after.collection <= before.collection) return fail('the evidence is not newer than the change.');
  if (before.outcome.kind === 'failed') return fail('there is no evidence from before the change.');
  if (before.outcome.figures.bootId !== after.outcome.figures.bootId)
    return fail('the node rebooted since the plan was made.');
  if (after.outcome.halfApplied) return fail('the change on the node is only half done.');
  return remediation.verify(plan, after.outcome, before.outcome);
}

/**
 * A raise passes when two samples made after it show the planned limit in force, no packet dropped for want of an entry
 * and use below 0.7.
 */
export function verifyRaise(plan: RaisePlan, { figures }: Diagnosed): Verification {
  const fail = (why: string): Verification => ({ passed: false, why });
  const { max, count, fullDrops, windowSeconds, buckets } = figures;
  if (max !== plan.max.to)
    return fail(
      `nf_conntrack_max is ${max === undefined ? 'unknown' : show(max)}, not ${show(plan.max.to)}.`,
    );
  if (buckets === undefined || buckets < plan.buckets.to) {
    return fail(
      `nf_conntrack_buckets is ${buckets === undefined ? 'unknown' : show(buckets)}, not ${show(plan.buckets.to)}.`,
    );
  }
  if (count === undefined || fullDrops === undefined || windowSeconds === undefined) {
    return fail('count or drops could not be read twice, so the raise is not verified.');
  }
  if (fullDrops > 0)
    return fail(`still ${show(fullDrops)} packets dropped in ${windowSeconds.toFixed(0)} s.`);
  const use = count / max;
  if (use >= VERIFIED_USE) return fail(`no drops, but ${percent(use)} of the new limit is in use already.`);
  return {
    passed: true,
    why: `0 drops in ${windowSeconds.toFixed(0)} s, ${percent(use)} of ${show(max)} in use.`,
  };
}
