import type { Diagnosed } from '../record/collection.ts';
import type { RaisePlan } from '../record/plan.ts';
import { BUCKETS_KEY } from '../record/settings.ts';
import { counted, percent, show } from '../words.ts';
import { hasArrived } from './arrival.ts';
import { planNode } from './plan-raise.ts';
import { defineRemediation, type Verification } from './remediation.ts';
import { shortClause, useBound } from './room.ts';

/** The raise of nf_conntrack_max, buckets with it: what every full or nearly full table is offered. */
export const raiseMax = defineRemediation({
  kind: 'raise-max',
  plan: planNode,
  why: (plan, impact) => {
    const end = shortClause(plan);
    return end === undefined
      ? `A larger table ends the ${impact} and fits into memory.`
      : `A larger table fits into memory and only gains time: ${end}. A lasting fix has to follow.`;
  },
  verify: verifyRaise,
});

/**
 * A raise passes when two samples made after it show the planned limit in force, no packet dropped for want of an entry
 * and use below what the plan leaves room for.
 */
function verifyRaise(plan: RaisePlan, { figures }: Diagnosed): Verification {
  const fail = (why: string): Verification => ({ passed: false, why });
  const { max, count, fullDrops, windowSeconds, buckets } = figures;
  if (max !== plan.max.to)
    return fail(
      `nf_conntrack_max is ${max === undefined ? 'unknown' : show(max)}, not ${show(plan.max.to)}.`,
    );
  if (!hasArrived(BUCKETS_KEY, plan.buckets.to, buckets)) {
    return fail(
      `nf_conntrack_buckets is ${buckets === undefined ? 'unknown' : show(buckets)}, not ${show(plan.buckets.to)}.`,
    );
  }
  if (count === undefined || fullDrops === undefined || windowSeconds === undefined) {
    return fail('count or drops could not be read twice, so the raise is not verified.');
  }
  if (fullDrops > 0)
    return fail(`still ${counted(fullDrops, 'packet')} dropped in ${windowSeconds.toFixed(0)} s.`);
  const use = count / max;
  if (use >= useBound(plan)) return fail(`no drops, but ${percent(use)} of the new limit is in use already.`);
  return {
    passed: true,
    why: `0 drops in ${windowSeconds.toFixed(0)} s, ${percent(use)} of ${show(max)} in use.`,
  };
}
