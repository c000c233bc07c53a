import { observationLine } from '../../parse/observations.ts';
import { percent } from '../../words.ts';
import type { Found } from '../found.ts';
import { type Meaning, meaningOf, USE_PERCENT, USE_RATIO } from './metric-names.ts';
import { riseOf, toldRise } from './rates.ts';

/** A metric's value as it was printed, at a time or not. */
export interface Sample {
  readonly name: string;
  readonly value: number;
  /** Milliseconds since the Unix epoch, where the sample tells. */
  readonly ms: number | undefined;
}

/** Largest value that a counter of the kernel can have; anything above is no such value. */
const MOST = 2 ** 53;

/**
 * Makes pieces of samples: one a time and source. Counts are whole numbers; a value that is none, or below zero, is left out.
 *
 * @returns `undefined` where no sample means anything here
 */
export function foundOf(samples: readonly Sample[], name: string, lines: number): Found | undefined {
  const groups = new Map<
    string,
    {
      source: Exclude<Meaning['source'], 'observations'>;
      ms: number | undefined;
      values: Map<string, bigint>;
    }
  >();
  for (const sample of samples) {
    const meaning = meaningOf(sample.name);
    if (meaning === undefined || !(sample.value >= 0 && sample.value < MOST)) continue;
    if (meaning.source === 'observations') continue;
    const id = `${sample.ms ?? ''} ${meaning.source}`;
    const { source } = meaning;
    const group = groups.get(id) ?? {
      source,
      ms: sample.ms,
      values: new Map<string, bigint>(),
    };
    group.values.set(meaning.key, BigInt(Math.round(sample.value)));
    groups.set(id, group);
  }
  const sorted = [...groups.values()].toSorted((a, b) => (a.ms ?? 0) - (b.ms ?? 0));
  const pieces = sorted.map(
    ({ source, ms, values }): Found => ({
      source,
      name,
      lines,
      text: textOf(source, values),
      keys: source === 'conntrack-S' ? ['metrics'] : [...values.keys()],
      ...(ms === undefined ? {} : { ms }),
    }),
  );
  const told = samples.findLast(({ name: metric }) => metric === USE_RATIO || metric === USE_PERCENT);
  const uses =
    told === undefined ? [] : [toldUse(name, lines, told.value / (told.name === USE_PERCENT ? 100 : 1))];
  const [first, ...also] = [...pieces, ...uses, ...risesIn(samples, name, lines)];
  return first === undefined ? undefined : { ...first, also };
}

/** How fast each counter rose, at its fastest where there are several values of one. */
function risesIn(samples: readonly Sample[], name: string, lines: number): readonly Found[] {
  const fastest = new Map<string, Parameters<typeof toldRise>[2]>();
  for (const { name: metric, value } of samples) {
    const seconds = riseOf(metric)?.seconds;
    const counter = meaningOf(metric)?.key;
    if (seconds === undefined || counter === undefined || !(value >= 0 && value < MOST)) continue;
    const before = fastest.get(counter);
    if (before === undefined || value / seconds > before.value / before.seconds)
      fastest.set(counter, { counter, value, seconds });
  }
  return Array.from(fastest.values(), (told) => toldRise(name, lines, told));
}

function textOf(
  source: Exclude<Meaning['source'], 'observations'>,
  values: ReadonlyMap<string, bigint>,
): string {
  const pairs = [...values];
  switch (source) {
    case 'sysctl':
      return pairs.map(([key, value]) => `${key} = ${value}`).join('\n');
    case 'conntrack-S':
      return `cpu=0 ${pairs.map(([key, value]) => `${key}=${value}`).join(' ')}`;
    case 'nstat-node':
      return pairs.map(([key, value]) => `${key} ${value}`).join('\n');
    case 'ethtool':
      return pairs.map(([key, value]) => `${key}: ${value}`).join('\n');
  }
}

/** The use of the table, told as a share and not as a count. */
export function toldUse(name: string, lines: number, ratio: number): Found {
  return {
    source: 'observations',
    name,
    lines,
    text: observationLine({
      kind: 'note',
      says: `Monitoring tells that ${percent(ratio)} of the connection-tracking table was in use.`,
      tableUse: ratio,
    }),
    keys: [],
  };
}

/** A time since the epoch in seconds, milliseconds, microseconds or nanoseconds, told by its length, in milliseconds. */
export function epochMs(digits: string | undefined): number | undefined {
  if (digits === undefined) return undefined;
  const whole = digits.replace(/\..*$/, '');
  const value = Number(digits);
  if (whole.length === 10) return value * 1_000;
  if (whole.length === 13) return value;
  if (whole.length === 16) return value / 1_000;
  return whole.length === 19 ? value / 1_000_000 : undefined;
}
