import { type Capture, newest, samplesOf } from '../capture/capture.ts';
import { type NamespaceCounters, type PodCounters, parsePodCounters } from '../parse/pod-counters.ts';
import { protocolGrowth } from '../parse/proc-net.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { Deltas } from './snapshot.ts';

const OVERFLOWS = 'TcpExtListenOverflows';

/** What two readings of the pods' namespaces tell together. */
interface Visit {
  /** Growth of each counter, of all namespaces of which both samples are known or that began in between. */
  readonly growth: Deltas;
  /** Namespaces that `growth` speaks of. */
  readonly told: number;
  /** Of those that were read and not listed: whether one of them can have overflowed in the window. */
  readonly mayHideOverflows: boolean;
}

/** Counters inside the pods' namespaces, how much they grew in the window. */
export function podProtocolFacts(capture: Capture, windowSeconds: Fact<number>): Fact<Deltas> {
  if (!windowSeconds.known) return windowSeconds;
  const source = 'pod namespaces';
  const samples = samplesOf(capture, 'pods');
  if (typeof samples !== 'string') {
    const visit = visitOf(samples.first, samples.second);
    return visit === undefined
      ? unknown('listen queues inside pods: not readable', source)
      : known(visit.growth, source);
  }
  const single = samplesOf(capture, 'nstat-pod');
  const deltas = typeof single === 'string' ? new Map() : protocolGrowth(single.first, single.second);
  if (deltas.size === 0) return unknown('listen queues inside pods: not read', source);
  return known(deltas, 'nstat in the pod');
}

/**
 * Namespaces of pods that the collector knows of and whose counters are not told for the window, with processes that hid
 * theirs. What was read and then cut from the list is as unread as what was never looked at.
 */
export function unreadPodsOf(capture: Capture): number {
  const last = parsePodCounters(newest(capture, 'pods')?.text ?? '');
  if (last === undefined) return 0;
  const samples = samplesOf(capture, 'pods');
  const visit = typeof samples === 'string' ? undefined : visitOf(samples.first, samples.second);
  return Math.max(0, last.found - (visit?.told ?? last.counters.size)) + last.hidden;
}

/**
 * Whether counters of a pod are cut from the list that may have overflowed in the window: the list was once made by the
 * overflows since boot, so where its last one had some, those behind it may have had some, too.
 */
export function hidesPodOverflows(capture: Capture): boolean {
  const samples = samplesOf(capture, 'pods');
  return typeof samples !== 'string' && visitOf(samples.first, samples.second)?.mayHideOverflows === true;
}

function visitOf(first: string, second: string): Visit | undefined {
  const [before, after] = [parsePodCounters(first), parsePodCounters(second)];
  if (before === undefined || after === undefined) return undefined;
  const growth = new Map<string, bigint>([...after.names, OVERFLOWS].map((name) => [name, 0n] as const));
  const add = (earlier: NamespaceCounters | undefined, counters: NamespaceCounters) => {
    for (const [name, value] of counters) {
      const grown = value - (earlier === undefined ? 0n : (earlier.get(name) ?? value));
      if (grown > 0n) growth.set(name, (growth.get(name) ?? 0n) + grown);
    }
  };
  let told = 0;
  for (const [netns, counters] of after.counters) {
    const earlier = before.counters.get(netns);
    const hasBegun = after.began.has(netns) || isAnother(earlier, counters);
    if (!hasBegun && earlier === undefined && !isWhole(before)) continue;
    told += 1;
    add(hasBegun ? undefined : earlier, counters);
  }
  if (after.others !== undefined && before.others !== undefined) {
    told += after.others.namespaces;
    add(before.others.counters, after.others.counters);
  }
  const least = [...after.counters.values()].map((counters) => counters.get(OVERFLOWS) ?? 0n);
  return {
    growth,
    told,
    mayHideOverflows: told < after.read && least.length > 0 && least.every((count) => count > 0n),
  };
}

/** The kernel gives the number of a namespace that ended to the next one, whose counters begin at zero. */
function isAnother(earlier: NamespaceCounters | undefined, counters: NamespaceCounters): boolean {
  return earlier !== undefined && [...counters].some(([name, value]) => value < (earlier.get(name) ?? value));
}

/** Whether every namespace that was there is listed, so that one that is not had not begun. */
function isWhole({ found, hidden, counters }: PodCounters): boolean {
  return hidden === 0 && counters.size >= found;
}
