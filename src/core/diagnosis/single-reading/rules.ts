import { evidence, type Match } from '../signature.ts';
import type { SingleReading } from './single-reading.ts';

/** Fewer lost packets since boot explain no incident. The EKS node monitoring agent's burst allowance is the same (monitors/networking/monitor.go). */
export const LEAST_LOSSES = 100n;

/** One in a thousand: the share of lost packets from which TCP's throughput suffers visibly. Our choice. */
export const TELLING_SHARE = 0.001;

/** Longest uptime that is assumed where none is told: a node older than 400 days is rare, and an older one lowers the rate no further than its age. Our choice. */
const LONGEST_UPTIME_SECONDS = 400 * 86_400;

/** Ten times what the EKS node monitoring agent forgives for good (one event in 10 minutes, monitors/networking/monitor.go). */
const BACKGROUND_PER_SECOND = 1 / 60;

/** What ends a sentence on counters since boot. */
export const ONE_SAMPLE = 'whether it goes on, one sample can not tell';

/**
 * What may be concluded from counters of one reading. They count since boot, so a value above zero says that something
 * happened once, and nothing about now. A reading proves a past fault, at low confidence, in three cases only:
 *
 * 1. the counter has no benign background: the kernel or EC2 adds to it only when a packet of a new connection is lost
 *    for that one cause (chaintoolong, full table, neighbour table_fulls, conntrack and link-local allowance) – and it
 *    did so at least {@link LEAST_LOSSES} times;
 * 2. the losses are a telling share of all traffic that the same source counted ({@link TELLING_SHARE});
 * 3. spread evenly over the uptime (or, where that is not told, over {@link LONGEST_UPTIME_SECONDS}) the losses still
 *    come faster than a healthy node's background ({@link BACKGROUND_PER_SECOND}).
 *
 * Everything else – a few clashes, invalid packets, resets, retransmissions, time_squeeze – stays without a verdict.
 *
 * @returns a match of drops that never offers a raise; its headline is in the past tense
 */
export function matchOfReading(
  headline: string,
  because: Match['evidence'],
  why: string,
  confidence: Match['confidence'] = 'low',
): Match {
  return {
    state: 'match',
    impact: 'drops',
    confidence,
    evidence: because,
    headline,
    raise: { allowed: false, why },
  };
}

/** A counter since boot as evidence, held against {@link LEAST_LOSSES}. */
export function countSinceBoot(name: string, value: bigint, what: string, source: string) {
  return evidence(name, value, `${what} since boot`, LEAST_LOSSES, source);
}

/** A part of a whole, 0 to 1; 0 where there is no whole. */
export function shareOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number(part) / Number(whole);
}

/** A share as a percentage with two decimals. */
export function percentOf(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** Whether losses came faster than a healthy node's background, spread evenly over the uptime. */
export function isFasterThanBackground(count: bigint, reading: SingleReading): boolean {
  return Number(count) / (reading.uptimeSeconds ?? LONGEST_UPTIME_SECONDS) >= BACKGROUND_PER_SECOND;
}

/** How fast a counter rose when monitoring looked at it, where that is faster than a healthy node’s background. */
export function riseAboveBackground({ snapshot }: SingleReading, name: string): number | undefined {
  const rates = snapshot.observations.flatMap(({ rate }) => (rate?.name === name ? [rate.perSecond] : []));
  const fastest = Math.max(0, ...rates);
  return fastest > BACKGROUND_PER_SECOND ? fastest : undefined;
}

/** A rise that monitoring told, as evidence. */
export function riseTold(name: string, perSecond: number) {
  const value = Math.round(perSecond * 100) / 100;
  return evidence(name, value, 'a second', Math.round(BACKGROUND_PER_SECOND * 100) / 100, 'monitoring');
}

/** Why one reading never offers a raise, where nothing else speaks against it. */
export const NO_RAISE_ON_ONE = 'One sample of counters since boot shows no need for a larger table now.';
