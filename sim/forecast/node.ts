import type { ProbeReading } from '../../src/core/fleet/reading.ts';
import { HOUR } from '../../src/core/fleet/series.ts';
import { randomOf } from '../random.ts';
import { LOOKED_AT, type Scenario, type Story } from './scenarios.ts';

/** Minutes between two readings: the default of the sweep. */
export const EVERY = 5;
const STEPS = (LOOKED_AT * 60) / EVERY;
/** A Friday, 00:00 UTC. */
const BEGAN = Date.UTC(2026, 10, 20);

/** One simulated node: what was read of it, and what is true. */
export interface Simulated {
  readonly scenario: string;
  readonly lifetimeSeconds: number | undefined;
  /** By step of five minutes; nothing where no reading arrived. */
  readonly readings: readonly (ProbeReading | undefined)[];
  /** First step at which the table was full; absent where it never was. */
  readonly filledAt?: number;
  /** Entries that would be held without a limit and without noise, by step. */
  readonly demand: readonly number[];
  /** The same with noise, on past the fill and past the end. */
  readonly wanted: readonly number[];
  readonly limits: readonly number[];
}

/** A node of a scenario; the same seed makes the same node. */
export function simulate(scenario: Scenario, seed: number): Simulated {
  const random = randomOf(seed);
  const base = 131_072 * 2 ** Math.floor(random.between(0, 4));
  const story = scenario.make(random);
  const [demand, wanted, limits]: [number[], number[], number[]] = [[], [], []];
  const deviation = random.between(0.006, 0.02);
  let noise = 0;
  // A day more than is looked at, so that what a late warning foretold is known.
  for (let step = 0; step < STEPS + 288; step++) {
    const hours = (step * EVERY) / 60;
    // A reading shares most of its noise with the one before, as sawtooths of traffic and of the collector do.
    noise = 0.7 * noise + Math.sqrt(1 - 0.7 ** 2) * random.normal();
    demand.push(base * story.load(hours));
    wanted.push((demand[step] ?? 0) * (1 + deviation * noise));
    limits.push(Math.round(base * (story.limit?.(hours) ?? 1)));
  }
  const filled = wanted.findIndex((count, step) => count >= (limits[step] ?? 0));
  const readings = Array.from({ length: STEPS }, (_, step) =>
    isSeen(story, (step * EVERY) / 60, random.next())
      ? readingOf(story, step, wanted[step] ?? 0, limits[step] ?? 0)
      : undefined,
  );
  return {
    scenario: scenario.id,
    lifetimeSeconds: story.lifetimeSeconds,
    readings,
    ...(filled >= 0 && filled < STEPS ? { filledAt: filled } : {}),
    demand,
    wanted,
    limits,
  };
}

const isSeen = ({ lost = 0.005, outages = [] }: Story, hours: number, chance: number): boolean =>
  chance >= lost && !outages.some(([from, to]) => hours >= from && hours < to);

function readingOf(story: Story, step: number, wanted: number, max: number): ProbeReading {
  const hours = (step * EVERY) / 60;
  const since = (all: readonly number[] = []): number => all.filter((at) => at <= hours).length;
  const boots = since(story.reboots);
  return {
    at: BEGAN + hours * HOUR,
    count: Math.min(max, Math.max(0, Math.round(wanted))),
    max,
    bootId: `6f1c2d3e-0000-4000-8000-${String(boots).padStart(12, '0')}`,
    kubeProxyStarted: 4_000 + boots + since(story.kubeProxyRestarts) * 1_000,
    gaps: {},
  };
}
