import { type Capture, sectionOf, textAt } from '../capture/capture.ts';
import type { SourceId } from '../capture/sources.ts';
import {
  type CounterSample,
  counterDeltas,
  counterTotal,
  parseProcCounters,
  parseToolCounters,
} from '../parse/conntrack-counters.ts';
import { parseKeyValues, wholeNumber } from '../parse/key-values.ts';
import { type Fact, known, mapFact, notApplicable, unknown } from './fact.ts';
import type { ConntrackFacts, Deltas, Losses, TableUse } from './snapshot.ts';

const COUNTER_SOURCES = [
  { id: 'stat-nf_conntrack', name: '/proc/net/stat/nf_conntrack', parse: parseProcCounters },
  { id: 'conntrack-S', name: 'conntrack -S', parse: parseToolCounters },
] as const;

/** Reads everything about the table itself: use, buckets, counters and what they say was lost. */
export function conntrackFacts(
  capture: Capture,
  windowSeconds: Fact<number>,
  kernel: Fact<string>,
): ConntrackFacts {
  const counters = countersOf(capture, windowSeconds);
  return {
    use: useOf(capture, windowSeconds),
    count: valueFact(capture, 'nf_conntrack_count'),
    max: valueFact(capture, 'nf_conntrack_max'),
    buckets: valueFact(capture, 'nf_conntrack_buckets'),
    deltas: mapFact(counters, ({ deltas }) => deltas),
    totals: totalsOf(capture),
    losses: mapFact(counters, ({ deltas, columns }) =>
      lossesOf(deltas, columns, kernel.known ? kernel.value : ''),
    ),
    timeouts: timeoutsOf(capture),
  };
}

function settings(capture: Capture, sample: 0 | 1): ReadonlyMap<string, string> {
  const own = textAt(capture, 'conntrack', sample) ?? '';
  const sysctl = textAt(capture, 'sysctl', sample) ?? '';
  return new Map([...parseKeyValues(sysctl), ...parseKeyValues(own)]);
}

function valueFact(capture: Capture, key: string): Fact<number> {
  const value = wholeNumber(settings(capture, 1).get(key)) ?? wholeNumber(settings(capture, 0).get(key));
  const source = `/proc/sys/net/netfilter/${key}`;
  return value === undefined ? unknown(`${key} not read`, source) : known(value, source);
}

function useOf(capture: Capture, windowSeconds: Fact<number>): Fact<TableUse> {
  const max = valueFact(capture, 'nf_conntrack_max');
  if (!max.known) return isNotLoaded(capture) ? notApplicable('nf_conntrack is not loaded', max.source) : max;
  const first = wholeNumber(settings(capture, 0).get('nf_conntrack_count'));
  const second = wholeNumber(settings(capture, 1).get('nf_conntrack_count'));
  const last = second ?? first;
  if (last === undefined)
    return unknown('nf_conntrack_count not read', '/proc/sys/net/netfilter/nf_conntrack_count');
  const highest = Math.max(last, first ?? last);
  const growth =
    first !== undefined && second !== undefined && windowSeconds.known
      ? (second - first) / windowSeconds.value
      : 0;
  return known(
    {
      first,
      last,
      highest,
      max: max.value,
      ratio: max.value === 0 ? 0 : highest / max.value,
      secondsToFull: growth > 0 && max.value > 0 ? Math.max(0, max.value - last) / growth : undefined,
    },
    'nf_conntrack_count and nf_conntrack_max',
  );
}

/** The collector tells absent keys from unreadable ones: absent at every sample means that the module is not loaded. */
function isNotLoaded(capture: Capture): boolean {
  const sections = capture.sections.filter(({ source }) => source === 'conntrack');
  return sections.length > 0 && sections.every(({ status }) => status === 'missing');
}

function countersOf(
  capture: Capture,
  windowSeconds: Fact<number>,
): Fact<{ deltas: Deltas; columns: readonly string[] }> {
  if (!windowSeconds.known) return windowSeconds;
  const whys: string[] = [];
  for (const { id, name, parse } of COUNTER_SOURCES) {
    const [before, after] = [sampleOf(capture, id, 0, parse), sampleOf(capture, id, 1, parse)];
    if (typeof before === 'string') {
      whys.push(`${name}: ${before}`);
      continue;
    }
    if (typeof after === 'string') {
      whys.push(`${name}: ${after}`);
      continue;
    }
    const deltas = counterDeltas(before, after);
    if (typeof deltas !== 'string') return known({ deltas, columns: after.columns }, name);
    whys.push(`${name}: ${deltas}`);
  }
  return unknown(whys.join('; '), 'conntrack counters');
}

function sampleOf(
  capture: Capture,
  source: SourceId,
  sample: 0 | 1,
  parse: (text: string) => CounterSample | undefined,
): CounterSample | string {
  const section = sectionOf(capture, source, sample);
  if (section === undefined) return 'not collected';
  if (section.status !== 'ok') return section.status;
  return parse(section.text) ?? 'not readable as counters';
}

function totalsOf(capture: Capture): Fact<Deltas> {
  for (const { id, name, parse } of COUNTER_SOURCES) {
    for (const sample of [1, 0] as const) {
      const counters = sampleOf(capture, id, sample, parse);
      if (typeof counters === 'string') continue;
      const names = new Set([...counters.rows.values()].flatMap((row) => [...row.keys()]));
      return known(
        new Map([...names].map((counter) => [counter, counterTotal(counters, counter) ?? 0n])),
        name,
      );
    }
  }
  return unknown('conntrack counters not read', 'conntrack counters');
}

/**
 * Takes mixed counters apart by what each kernel counts for a loss:
 * 5.10+ an unresolved clash adds to `drop` and `insert_failed`, a long chain to `insert_failed` and `chaintoolong`, a full
 * table to `drop` alone; el7 and 4.x to 5.9 count repaired UDP clashes in `insert_failed` too, so only bounds can be told;
 * 3.10 never counts a clash in `drop`. (nf_conntrack_core.c: nf_ct_resolve_clash, __nf_conntrack_confirm, nf_conntrack_in.)
 */
export function lossesOf(deltas: Deltas, columns: readonly string[], kernel: string): Losses {
  const of = (name: string) => deltas.get(name) ?? 0n;
  const [drop, failed, chainTooLong, earlyDrop] = [
    of('drop'),
    of('insert_failed'),
    of('chaintoolong'),
    of('early_drop'),
  ];
  const generation = generationOf(columns, kernel);
  const rest = { chainTooLong, earlyDrop, generation };
  // Without the other counter a drop may be either of the two.
  if (generation !== 'A' && !deltas.has('insert_failed')) {
    const either = { low: 0n, high: drop };
    return { full: either, clash: either, ...rest };
  }
  switch (generation) {
    case 'A':
      return { full: exactly(drop), clash: exactly(failed), ...rest };
    case 'B':
      return {
        full: { low: positive(drop - failed), high: drop },
        clash: { low: 0n, high: least(failed, drop) },
        ...rest,
      };
    case 'C': {
      const clash = positive(failed - chainTooLong);
      const isChainCounterHidden = !deltas.has('chaintoolong') && !columns.includes('delete_list');
      if (isChainCounterHidden)
        return {
          full: { low: positive(drop - clash), high: drop },
          clash: { low: least(clash, drop), high: clash },
          ...rest,
        };
      return { full: exactly(positive(drop - clash)), clash: exactly(clash), ...rest };
    }
  }
}

function generationOf(columns: readonly string[], kernel: string): Losses['generation'] {
  if (['clashres', 'clash_resolve', 'chaintoolong', 'chainlength'].some((name) => columns.includes(name)))
    return 'C';
  const [, major = '0', minor = '0'] = /^(\d{1,3})\.(\d{1,4})/.exec(kernel) ?? [];
  if (Number(major) > 5 || (major === '5' && Number(minor) >= 10)) return 'C';
  if (major === '3' && !/\.el7/.test(kernel)) return 'A';
  return 'B';
}

function exactly(value: bigint) {
  return { low: value, high: value };
}

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Settings that a failure mode asks for: lifetimes, and how strict tracking is. */
const SETTINGS = /^nf_conntrack_(?:\w+_timeout\w*|tcp_loose|tcp_be_liberal|expect_max)$/;

function timeoutsOf(capture: Capture): Fact<ReadonlyMap<string, number>> {
  const text = [textAt(capture, 'timeouts'), textAt(capture, 'sysctl', 1), textAt(capture, 'sysctl', 0)];
  const values = [...parseKeyValues(text.join('\n'))].flatMap(([key, value]) => {
    const seconds = wholeNumber(value);
    return SETTINGS.test(key) && seconds !== undefined ? [[key, seconds] as const] : [];
  });
  return values.length === 0
    ? unknown('timeouts not read', 'timeouts')
    : known(new Map(values), '/proc/sys/net/netfilter');
}
