import * as z from 'zod';
import { stored } from '../record/stored.ts';

/** One look at the whole fleet, as far as whoever goes on with it has to know. */
export const Round = stored({
  /** Marks the answers of this round. */
  nonce: z.string().regex(/^[a-z0-9]{16}$/),
  /** Milliseconds since 1970 at which it began. */
  startedAt: z.int().min(0),
  /** Commands that were sent; absent until they all were. */
  commands: z.array(z.string().min(1).max(64)).max(10).optional(),
});
export type Round = z.infer<typeof Round>;

/** A round that is older is not gone on with, in ms: its answers are no longer what the fleet is now. */
export const ROUND_LIFE = 12 * 60_000;

/** Seconds that a probe keeps one of the places of MaxConcurrency: its sampling, and the agent's way there and back. */
const SECONDS_EACH = 10;

/** Share of the interval over which a sweep is spread; what is left is for slow nodes and for reading the answers. */
const SPREAD = 0.6;

/** Places that a command has at least and at most. Fifty is what Systems Manager takes where nothing is said (SendCommand). */
const PLACES = { least: 50, most: 1_000 } as const;

/** On how many nodes the probe runs at once, so that all have run within the greater part of the interval. */
export function placesFor(nodes: number, everyMinutes: number): number {
  const seconds = everyMinutes * 60 * SPREAD;
  return Math.min(PLACES.most, Math.max(PLACES.least, Math.ceil((nodes * SECONDS_EACH) / seconds)));
}

/** Seconds that agents have beyond that to pick the command up, and to answer. */
const GRACE_SECONDS = 60;

/**
 * How long a command to so many nodes may wait for its last one to begin, in seconds: Systems Manager counts from the sending, whatever
 * MaxConcurrency holds back meanwhile (API reference, Command, ExpiresAfter).
 */
export const waitsFor = (nodes: number, everyMinutes: number): number =>
  secondsFor(nodes, everyMinutes) + GRACE_SECONDS;

/** How long so many nodes take, in seconds, where each answers as it should: the arithmetic of docs/fleet.md. */
export const secondsFor = (nodes: number, everyMinutes: number): number =>
  Math.ceil(nodes / placesFor(nodes, everyMinutes)) * SECONDS_EACH;
