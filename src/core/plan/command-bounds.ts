import type { NodePlan } from '../record/plan.ts';
import { BUCKETS_KEY, MAX_KEY, shortKey } from '../record/settings.ts';
import { show } from '../words.ts';
import { asRaise, entriesOf, plannedValues } from './kinds.ts';
import { NF_CONNTRACK_MAX_CEILING } from './sizing.ts';

/** The documents take seven digits (nodes/documents.ts). */
const NUMBER_MOST = 9_999_999;
/** And at least four for a raise. */
const RAISE_LEAST = 1_000;

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d{2}|[1-9]?\\d)';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const IPV6 = /^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}$/;

/**
 * Why a plan can't be sent to its node. All that it holds was computed from what the node says of itself, so it is held to
 * what the documents and the scripts take before it is offered: a click on more would be refused, or do what nobody planned.
 *
 * @returns one sentence, or nothing
 */
export function refuseUnsendable(plan: NodePlan): string | undefined {
  const least = asRaise(plan) === undefined ? 0 : RAISE_LEAST;
  for (const { key, before: from, after: to } of plannedValues(plan)) {
    const most = key === BUCKETS_KEY || key === MAX_KEY ? NF_CONNTRACK_MAX_CEILING : NUMBER_MOST;
    if (!isCount(from) || from < least || from > NUMBER_MOST)
      return `${shortKey(key)} was read as ${show(from)}, which is beyond what a click changes: look at the node by hand.`;
    if (!isCount(to) || to < Math.max(1, least) || to > most)
      return `${shortKey(key)} would go to ${show(to)}, which is beyond what a click sets: change it by hand.`;
  }
  const entries = entriesOf(plan);
  if (entries === undefined) return undefined;
  const { destination, port, target } = entries;
  const isOneFamily = [IPV4, IPV6].some((family) => family.test(destination) && family.test(target));
  return isOneFamily && destination !== target && isCount(port) && port >= 1 && port <= 65_535
    ? undefined
    : 'Service and backend were not read as two addresses of one family and a port, so no entry can be named.';
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
