import type { Section } from '../capture/capture.ts';
import { counterTotal, parseToolCounters } from '../parse/conntrack-counters.ts';
import { parseProtocolCounters } from '../parse/proc-net.ts';
import { counted } from '../words.ts';
import { type BundleFile, evidenceOf } from './evidence.ts';

/** Namespaces that are named one by one, at most. */
const MOST_NAMED = 12;

/** Counters that a packet's loss adds to. */
const LOSSES = ['drop', 'insert_failed', 'early_drop', 'chaintoolong'];
const REFUSALS = ['TcpExtListenOverflows', 'TcpExtListenDrops', 'TcpExtTCPReqQFullDrop'];

/**
 * What a tool read inside the network namespaces of a node, a line each: their counters are their own, so they are told
 * beside the node and never judged as its.
 *
 * @param files whose row's argument is the namespace, by that argument
 */
export function namespaceNotes(files: ReadonlyMap<string, readonly BundleFile[]>): readonly string[] {
  const notes: string[] = [];
  let quiet = 0;
  for (const [name, own] of files) {
    const { capture, used } = evidenceOf(own);
    if (capture.sections.length === 0) continue;
    if (!capture.sections.some(isLossy)) quiet += 1;
    else notes.push(`network namespace ${name}: ${used.flatMap(({ names }) => names).join('; ')}`);
  }
  const more = notes.length - MOST_NAMED;
  return [
    ...notes.slice(0, MOST_NAMED),
    ...(more > 0 ? [`${counted(more, 'more network namespace')} in which packets were lost since boot`] : []),
    ...(quiet > 0
      ? [
          `${counted(quiet, notes.length > 0 ? 'other network namespace' : 'network namespace')} of the node lost nothing`,
        ]
      : []),
  ];
}

function isLossy({ source, text }: Section): boolean {
  if (source === 'conntrack-S') {
    const sample = parseToolCounters(text);
    return sample !== undefined && LOSSES.some((name) => (counterTotal(sample, name) ?? 0n) > 0n);
  }
  const read = parseProtocolCounters(text);
  return REFUSALS.some((name) => (read.get(name) ?? 0n) > 0n);
}
