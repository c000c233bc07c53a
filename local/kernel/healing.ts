import { counted } from '../../src/core/words.ts';
import type { HealingEvidence } from '../demo-nodes.ts';
import type { ClientView } from './live-client.ts';

/** What was read from the kernel, the node's files and the live client after the workflow had ended. */
export interface HealingFacts {
  readonly limit: { readonly before: number; readonly after: number };
  readonly count: number;
  /** Milliseconds from the change of the limit to the last dropped packet; undefined when the limit never went up. */
  readonly lastDropAfterRaiseMs: number | undefined;
  /** Milliseconds from the click to the last dropped packet, where the click's time is known. */
  readonly lastDropAfterClickMs: number | undefined;
  /** Packets dropped in the stretch that was watched after the raise, and its length. */
  readonly drops: number;
  readonly watchedSeconds: number;
  readonly client: { readonly before: ClientView; readonly after: ClientView };
  /** Files of the node that set the limit at boot, and the value each sets. */
  readonly files: readonly { readonly path: string; readonly max: number }[];
}

/**
 * The drops have to stop this soon after the limit went up. The click comes earlier by what the service takes to carry
 * it out, which is told beside it and judged by nobody: it is the machine's speed.
 */
const DROPS_STOP_WITHIN_MS = 2000;
/** New connections have to open this fast at the 99th percentile. */
const CONNECT_P99_MS = 500;

/** The use of the table that still counts as healed; the product's own verification uses the same line. */
const HEALED_USE = 0.7;

/**
 * Judges the fix by what the node shows and lists it. Every condition has to hold; the count has to be above the old
 * limit, because otherwise the load had gone and the silence would prove nothing.
 */
export function judgeHealing(facts: HealingFacts): HealingEvidence {
  const { limit, count, client, drops } = facts;
  const { lastDropAfterRaiseMs: stopped, lastDropAfterClickMs: sinceClick } = facts;
  const click = sinceClick === undefined ? '' : `, ${(sinceClick / 1000).toFixed(2)} s after the click`;
  const checks: [boolean, string][] = [
    [limit.after > limit.before, `nf_conntrack_max ${limit.before} → ${limit.after} in the running kernel`],
    [
      stopped !== undefined && stopped < DROPS_STOP_WITHIN_MS,
      stopped === undefined
        ? 'the limit never went up'
        : `last dropped packet ${(stopped / 1000).toFixed(2)} s after the new limit${click}`,
    ],
    [
      drops === 0,
      `${counted(drops, 'packet')} dropped in ${facts.watchedSeconds.toFixed(0)} s since (kernel counter)`,
    ],
    [
      count > limit.before && count < HEALED_USE * limit.after,
      `${counted(count, 'entry')}: more than the old limit held, ${Math.round((100 * count) / limit.after)} % of the new one`,
    ],
    [
      client.after.attempts > 0 &&
        client.after.failures === 0 &&
        (client.after.p99Ms ?? 1e9) < CONNECT_P99_MS,
      `live client: ${describeClient(client.before)} → ${describeClient(client.after)}`,
    ],
    [
      facts.files.some(({ max }) => max === limit.after),
      facts.files.length === 0
        ? 'no file keeps the new limit for the next boot'
        : `kept for the next boot: ${facts.files.map(({ path, max }) => `${path} sets ${max}`).join(', ')}`,
    ],
  ];
  return {
    healed: checks.every(([holds]) => holds),
    lines: checks.map(([holds, line]) => `${holds ? '✓' : '✗'} ${line}`),
  };
}

/** One clause on what a user saw: failures, median and 99th percentile of opening a connection. */
export function describeClient({ attempts, failures, medianMs, p99Ms }: ClientView): string {
  const times =
    medianMs === undefined
      ? 'none answered'
      : `median ${milliseconds(medianMs)}, p99 ${milliseconds(p99Ms ?? medianMs)}`;
  return `${failures} of ${counted(attempts, 'new connection')} failed, ${times}`;
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
