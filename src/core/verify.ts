import type { NodeCollection } from './incident.ts';
import type { NodePlan } from './plan.ts';
import { percent, show } from './signature.ts';

/** Use above which a raise has not bought enough room (also the oracle of SREGym's conntrack problem: ratio below 0.70). */
const VERIFIED_USE = 0.7;

/** Outcome of holding a node against its plan after the raise. */
export interface Verification {
  readonly passed: boolean;
  /** One sentence with the numbers. */
  readonly why: string;
}

/**
 * Passes when a collection made after the raise shows, over two samples: the planned limit in force, no packet dropped
 * for want of an entry, use below 0.7. Anything unknown fails: an unverified raise is not a verified one.
 */
export function verifyRaise(plan: NodePlan, before: NodeCollection, after: NodeCollection): Verification {
  const node = plan.instanceId;
  const fail = (why: string): Verification => ({ passed: false, why: `${node}: ${why}` });
  if (after.outcome.kind === 'failed') return fail(`the second collection failed: ${after.outcome.why}`);
  if (after.collection <= before.collection) return fail('the evidence is not newer than the raise.');
  const { max, count, fullDrops, windowSeconds, bootId, buckets } = after.outcome.figures;
  if (before.outcome.kind === 'diagnosed' && before.outcome.figures.bootId !== bootId)
    return fail('the node rebooted since the plan was made.');
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
  if (after.outcome.halfApplied) return fail('the change on the node is only half done.');
  if (fullDrops > 0)
    return fail(`still ${show(fullDrops)} packets dropped in ${windowSeconds.toFixed(0)} s.`);
  const use = count / max;
  if (use >= VERIFIED_USE) return fail(`no drops, but ${percent(use)} of the new limit is in use already.`);
  return {
    passed: true,
    why: `${node}: 0 drops in ${windowSeconds.toFixed(0)} s, ${percent(use)} of ${show(max)} in use.`,
  };
}
