import { verifyRaise } from '../remediation/verify-raise.ts';
import { planNode } from './plan-raise.ts';
import { defineRemediation } from './remediation.ts';

/** The raise of nf_conntrack_max, buckets with it: what every full or nearly full table is offered. */
export const raiseMax = defineRemediation({
  kind: 'raise-max',
  plan: planNode,
  why: (_plan, impact) => `A larger table ends the ${impact} and fits into memory.`,
  verify: verifyRaise,
});
