import type { Random } from '../random.ts';
import { daily, isWeekend, type Load, leaking, plateau } from './load.ts';

/** Hours that a node is looked at. */
export const LOOKED_AT = 21 * 24;

/** What happens on a node. Hours are those since its series began. */
export interface Story {
  /** What the table would hold without a limit, as a share of the limit at the beginning. */
  readonly load: Load;
  /** The limit as a multiple of that at the beginning. */
  readonly limit?: Load;
  /** Hours at which the node was rebooted. */
  readonly reboots?: readonly number[];
  /** Hours at which kube-proxy was restarted. */
  readonly kubeProxyRestarts?: readonly number[];
  /** Share of the readings that are lost, each for itself. */
  readonly lost?: number;
  /** Hours from and to which nothing is seen. */
  readonly outages?: readonly (readonly [number, number])[];
  /** Mean seconds that an entry lives, where a collection has shown it. */
  readonly lifetimeSeconds?: number;
}

/** A kind of story, and what it tries. */
export interface Scenario {
  readonly id: string;
  readonly tells: string;
  make(random: Random): Story;
}

/** Hours of the first event: some fall into the first days, when no earlier day is known yet. */
const begin = (random: Random): number => random.between(8, LOOKED_AT - 130);

const day = (random: Random, low: number, high: number): Load =>
  daily(random, random.between(0.08, 0.25), random.between(low, high));

/** Each day a plateau at the same hour. */
function everyDay(load: Load, at: number, hours: number, by: number): Load {
  const once = plateau(() => 0, at, at + hours, by, 0.75);
  return (now) => load(now) + once(now % 24);
}

const HEALTHY: readonly Scenario[] = [
  {
    id: 'day',
    tells: 'peaks of 35 to 88 % each day, lower on weekends',
    make: (random) => ({ load: day(random, 0.35, 0.88) }),
  },
  {
    id: 'steady',
    tells: 'the same load all the time, 20 to 85 %',
    make: (random) => {
      const level = random.between(0.2, 0.85);
      return { load: () => level };
    },
  },
  {
    id: 'deploys',
    tells: 'two deploys on each working day, 8 to 18 % more for up to an hour',
    make: (random) => {
      const base = day(random, 0.35, 0.72);
      const at = Array.from({ length: 42 }, (_, index) => Math.floor(index / 2) * 24 + random.between(8, 18));
      const by = at.map(() => random.between(0.08, 0.18));
      const long = at.map(() => random.between(0.3, 1));
      return {
        load: (hours) => {
          const near = at.findIndex((one, index) => hours >= one && hours < one + (long[index] ?? 0));
          return base(hours) + (near < 0 || isWeekend(hours) ? 0 : (by[near] ?? 0));
        },
      };
    },
  },
  {
    id: 'nightly job',
    tells: 'a job of one to three hours at the same time each day, 20 to 35 % more',
    make: (random) => ({
      load: everyDay(
        day(random, 0.3, 0.52),
        random.between(1, 19),
        random.between(1, 3),
        random.between(0.2, 0.35),
      ),
    }),
  },
  {
    id: 'nightly restart',
    tells: 'a leak up to 75 to 88 % that a restart ends each day',
    make: (random) => {
      const [top, low] = [random.between(0.75, 0.88), random.between(0.1, 0.35)];
      return { load: (hours) => low + ((top - low) * (hours % 24)) / 24 };
    },
  },
  {
    id: 'step',
    tells: 'load rises at once and the table settles with the lifetime of its entries at 75 to 88 %',
    make: (random) => {
      const [from, end, at] = [random.between(0.3, 0.5), random.between(0.75, 0.88), begin(random)];
      const lifetime = random.between(0.1, 2);
      const isKnown = random.next() < 0.5;
      return {
        load: (hours) => (hours < at ? from : end - (end - from) * Math.exp(-(hours - at) / lifetime)),
        ...(isKnown ? { lifetimeSeconds: lifetime * 3_600 } : {}),
      };
    },
  },
  {
    id: 'shift',
    tells: 'a zone is drained: 30 to 60 % more within half an hour, for some hours',
    make: (random) => {
      const base = day(random, 0.3, 0.55);
      const [at, factor, long] = [begin(random), random.between(0.3, 0.6), random.between(2, 12)];
      const more = plateau(() => 1, at, at + long, factor, 0.5);
      return { load: (hours) => base(hours) * more(hours) };
    },
  },
  {
    id: 'reboots',
    tells: 'reboots that empty the table and restarts of kube-proxy',
    make: (random) => {
      const base = day(random, 0.35, 0.85);
      const reboots = [0, 1, 2].map((week) => week * 168 + random.between(10, 150));
      return {
        load: (hours) => {
          const last = reboots.findLast((at) => at <= hours);
          return base(hours) * (last === undefined ? 1 : 1 - Math.exp((last - hours) / 0.4));
        },
        reboots,
        kubeProxyRestarts: [random.between(30, 200), random.between(220, 480)],
      };
    },
  },
  {
    id: 'outages',
    tells: 'the sweep is away for hours, and every tenth reading is lost',
    make: (random) => ({
      load: day(random, 0.35, 0.85),
      lost: 0.1,
      outages: Array.from({ length: 8 }, () => {
        const at = random.between(10, LOOKED_AT);
        return [at, at + random.between(1, 8)] as const;
      }),
    }),
  },
];

const FILLING: readonly Scenario[] = [
  {
    id: 'leak of days',
    tells: 'entries that never end fill the table in one and a half to five days, under a daily load',
    make: (random) => {
      const at = begin(random);
      return { load: leaking(day(random, 0.35, 0.65), at, 0.75 / (24 * random.between(1.5, 5))) };
    },
  },
  {
    id: 'leak of hours',
    tells: 'the same in two to twelve hours',
    make: (random) => ({
      load: leaking(day(random, 0.35, 0.65), begin(random), 0.75 / random.between(2, 12)),
    }),
  },
  {
    id: 'leak, readings lost',
    tells: 'the same with every third reading lost',
    make: (random) => ({
      load: leaking(day(random, 0.35, 0.65), begin(random), 0.75 / random.between(2, 12)),
      lost: 0.33,
    }),
  },
  {
    id: 'growth',
    tells: 'each day 2 to 4 % more than the one before, until a peak meets the limit',
    make: (random) => {
      const [base, by] = [day(random, 0.62, 0.75), random.between(0.02, 0.04)];
      return { load: (hours) => base(hours) * (1 + by) ** (hours / 24) };
    },
  },
  {
    id: 'peak day',
    tells: 'one day of a launch, 30 to 70 % above all others',
    make: (random) => {
      const base = day(random, 0.7, 0.85);
      const [launch, by] = [Math.floor(random.between(1, 19)), random.between(0.3, 0.7)];
      const more = plateau(() => 1, launch * 24, launch * 24 + 24, by, 3);
      return { load: (hours) => base(hours) * more(hours) };
    },
  },
  {
    id: 'flood',
    tells: 'full within three to twenty minutes',
    make: (random) => ({ load: leaking(day(random, 0.35, 0.7), begin(random), 60 / random.between(3, 20)) }),
  },
  {
    id: 'lowered limit',
    tells: 'kube-proxy restarts and halves the limit, the next peak does not fit',
    make: (random) => {
      const [from, load] = [begin(random), day(random, 0.55, 0.75)];
      const ofDay = Array.from({ length: 24 }, (_, hour) => from + hour);
      const at = ofDay.reduce((quiet, hour) => (load(hour) < load(quiet) ? hour : quiet), from);
      return {
        load,
        limit: (hours) => (hours < at ? 1 : 0.5),
        kubeProxyRestarts: [at],
      };
    },
  },
  {
    id: 'step that fills',
    tells: 'load rises at once, entries live one to four hours, and the table settles above its limit',
    make: (random) => {
      const [from, end, at] = [random.between(0.3, 0.5), random.between(1.1, 1.6), begin(random)];
      const lifetime = random.between(1, 4);
      return {
        load: (hours) => (hours < at ? from : end - (end - from) * Math.exp(-(hours - at) / lifetime)),
        ...(random.next() < 0.5 ? { lifetimeSeconds: lifetime * 3_600 } : {}),
      };
    },
  },
  {
    id: 'raise in time',
    tells: 'a leak, the limit is doubled half-way, the leak is mended hours later',
    make: (random) => {
      const [at, hours] = [begin(random), random.between(8, 40)];
      const base = day(random, 0.35, 0.6);
      const raised = at + hours * 0.6;
      return {
        load: leaking(base, at, 0.75 / hours, raised + hours * 0.5),
        limit: (now) => (now < raised ? 1 : 2),
      };
    },
  },
];

export const SCENARIOS: readonly Scenario[] = [...HEALTHY, ...FILLING];
