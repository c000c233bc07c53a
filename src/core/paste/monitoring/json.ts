import { observationLine } from '../../parse/observations.ts';
import { counted, show } from '../../words.ts';
import { Barren, type Found, type Recogniser, takeWhile } from '../found.ts';
import { asJson, balanceOf, isRecord } from '../json-text.ts';
import type { PasteLine } from '../paste-line.ts';
import { refusedFound } from './cloud-nat.ts';
import { type NatSeries, natSeriesIn } from './cloud-nat-json.ts';
import { meaningOf } from './metric-names.ts';
import { epochMs, foundOf, type Sample } from './metrics.ts';
import { acceptQueueDimension } from './netdata.ts';

/** Values that are looked at in one document, at most. */
const MOST_VALUES = 20_000;

/** Levels of a document that are looked at: answers of APIs have fewer than ten. */
const MOST_DEPTH = 12;

/** Hosts that are named one by one. */
const MOST_NAMED = 8;

interface Series {
  readonly host: string | undefined;
  readonly samples: readonly Sample[];
  readonly summed?: Summed;
  readonly nat?: NatSeries;
}

/** A metric that was added up over each of some periods. */
interface Summed {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
}

const meaningless = new Barren();

/**
 * A JSON document, on one line or printed over many: answers of Prometheus, CloudWatch and Datadog, `apiclient get` of
 * Bottlerocket, whatever names settings of conntrack.
 */
export const jsonDocument: Recogniser = (lines, at) => {
  const first = lines[at]?.text.trim() ?? '';
  if (!/^[[{]/.test(first) || meaningless.has(lines, at)) return undefined;
  const { document, length } = documentFrom(lines, at);
  if (document === undefined) {
    meaningless.note(lines, at + length);
    return undefined;
  }
  const series = seriesIn(document);
  const hosts = new Set(series.flatMap(({ host }) => host ?? []));
  if (hosts.size > 1) return severalHosts(series, hosts, length);
  const read = foundOf(
    series.flatMap(({ samples }) => samples),
    'metrics in JSON',
    length,
  );
  const sums = series.flatMap(({ summed, nat }) => [
    ...(summed === undefined ? [] : [summedFound(summed, length)]),
    ...(nat === undefined ? [] : [refusedFound(nat.metric, nat.values, length)]),
  ]);
  const [main, ...also] = [...(read === undefined ? [] : [read, ...(read.also ?? [])]), ...sums];
  const found: Found | undefined = main === undefined ? undefined : { ...main, also };
  if (found === undefined) meaningless.note(lines, at + length);
  return found;
};

const endless = new Barren();
const documents = new WeakMap<readonly PasteLine[], { at: number; read: JsonDocument }>();

interface JsonDocument {
  /** `undefined` where no document begins on the line. */
  readonly document: unknown;
  /** Lines that were looked at. */
  readonly length: number;
}

/** The JSON document that begins on a line; what was read last is kept, since several shapes ask for the same one. */
export function documentFrom(lines: readonly PasteLine[], at: number): JsonDocument {
  const known = documents.get(lines);
  if (known?.at === at) return known.read;
  if (endless.has(lines, at)) return { document: undefined, length: 1 };
  let depth = 0;
  let isDone = false;
  const run = takeWhile(lines, at, (text) => {
    if (isDone) return false;
    depth += balanceOf(text);
    isDone = depth <= 0;
    return true;
  });
  const read = { document: isDone ? asJson(run.taken.join('\n')) : undefined, length: run.lines };
  if (read.document === undefined) endless.note(lines, at + run.lines);
  documents.set(lines, { at, read });
  return read;
}

function seriesIn(document: unknown): readonly Series[] {
  const found: Series[] = [];
  let left = MOST_VALUES;
  const walk = (value: unknown, depth: number): void => {
    left -= 1;
    if (left < 0 || depth > MOST_DEPTH) return;
    if (Array.isArray(value)) {
      for (const item of value) walk(item, depth + 1);
      return;
    }
    if (!isRecord(value)) return;
    const nat = natSeriesIn(value);
    if (nat !== undefined) {
      found.push({ host: undefined, samples: [], nat });
      return;
    }
    const series = prometheus(value) ?? cloudWatch(value) ?? datadog(value) ?? netdata(value);
    if (series !== undefined) {
      found.push(series);
      return;
    }
    const settings = Object.entries(value).flatMap(([name, item]): Sample[] => {
      const isSetting = /(?:^|[./])nf_conntrack_(?:count|max)$/.test(name);
      const amount = numberOf(item);
      return isSetting && amount !== undefined ? [{ name, value: amount, ms: undefined }] : [];
    });
    if (settings.length > 0) found.push({ host: undefined, samples: settings });
    for (const item of Object.values(value)) walk(item, depth + 1);
  };
  walk(document, 0);
  return found;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,20}(?:\.\d{1,9})?(?:e[+-]?\d{1,3})?$/i.test(value)
    ? Number(value)
    : undefined;
}

/** `{"metric":{"__name__":…},"value":[time,"131070"]}`, and `values` of a range. */
function prometheus({ metric, value, values }: Record<string, unknown>): Series | undefined {
  if (!isRecord(metric)) return undefined;
  const { __name__: name } = metric;
  const points: unknown[] = Array.isArray(values) ? values : [value];
  if (typeof name !== 'string' || meaningOf(name) === undefined) return undefined;
  const host = [metric['node'], metric['instance'], metric['host']].find((one) => typeof one === 'string');
  // A single value is of the moment of the question, not of the node; a range tells when each was scraped.
  const isRange = Array.isArray(values);
  return {
    host: host?.replace(/:\d+$/, ''),
    samples: ends(points).flatMap((point) => pointOf(name, point, isRange)),
  };
}

function pointOf(name: string, point: unknown, isTimed: boolean): Sample[] {
  if (!Array.isArray(point)) return [];
  const [time, amount]: unknown[] = point;
  const value = numberOf(amount);
  return value === undefined ? [] : [{ name, value, ms: isTimed ? epochMs(String(time)) : undefined }];
}

/** First and last of many: what lies between tells nothing more. */
function ends(points: readonly unknown[]): readonly unknown[] {
  return points.length <= 2 ? points : [points[0], points.at(-1)];
}

/** CloudWatch: `Label` with `Datapoints` or `Values`; what it adds up over a period, so each value is of that period. */
function cloudWatch({
  Label: label,
  Datapoints: points,
  Values: values,
}: Record<string, unknown>): Series | undefined {
  const name =
    typeof label === 'string' ? (label.split(/\s+/).find((word) => meaningOf(word) !== undefined) ?? '') : '';
  if (name === '' || !(Array.isArray(points) || Array.isArray(values))) return undefined;
  const read = Array.isArray(values)
    ? values.map(numberOf)
    : Array.isArray(points)
      ? points.map((point) =>
          isRecord(point) ? numberOf(point['Sum'] ?? point['Maximum'] ?? point['Average']) : undefined,
        )
      : [];
  const most = read.reduce<number>((highest, value) => Math.max(highest, value ?? 0), 0);
  const areSums = Array.isArray(points) && points.some((point) => isRecord(point) && 'Sum' in point);
  if (areSums && meaningOf(name)?.source === 'ethtool')
    return { host: undefined, samples: [], summed: { name: meaningOf(name)?.key ?? name, values: read } };
  return { host: undefined, samples: [{ name, value: most, ms: undefined }] };
}

/** What CloudWatch added up says what happened in its periods, and nothing of what the driver has counted since it was loaded. */
function summedFound({ name, values }: Summed, lines: number): Found {
  const packets = values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return {
    source: 'observations',
    name: 'metrics in JSON',
    lines,
    text: observationLine({
      kind: 'note',
      says: `CloudWatch added up ${counted(packets, 'packet')} of ${name} in ${counted(values.length, 'period')}, at most ${show(Math.max(0, ...values.map((value) => value ?? 0)))} in one.`,
      summed: { name, packets },
    }),
    keys: [],
  };
}

/** Datadog: `{"metric":"system.net.conntrack.count","pointlist":[[time, value], …],"scope":"host:a"}`. */
function datadog({ metric, pointlist, points, scope }: Record<string, unknown>): Series | undefined {
  const list = pointlist ?? points;
  if (typeof metric !== 'string' || meaningOf(metric) === undefined || !Array.isArray(list)) return undefined;
  const host = typeof scope === 'string' ? /\bhost:([\w.-]{1,100})/.exec(scope)?.[1] : undefined;
  return { host, samples: ends(list).flatMap((point: unknown) => pointOf(metric, point, true)) };
}

/** netdata: `{"name":"netfilter.conntrack_sockets","dimensions":{"connections":{"value":131070}}}`. */
function netdata({ name, dimensions }: Record<string, unknown>): Series | undefined {
  if (typeof name !== 'string' || !isRecord(dimensions)) return undefined;
  const samples = Object.entries(dimensions).flatMap(([dimension, item]): Sample[] => {
    const value = isRecord(item) ? numberOf(item['value']) : undefined;
    const metric =
      (name.endsWith('.tcp_accept_queue') ? acceptQueueDimension(dimension) : undefined) ??
      `${name}.${dimension}`;
    return value === undefined || meaningOf(metric) === undefined
      ? []
      : [{ name: metric, value, ms: undefined }];
  });
  return samples.length === 0 ? undefined : { host: undefined, samples };
}

/** Several hosts in one document: told one by one, and judged by none, since a diagnosis is of one node. */
function severalHosts(series: readonly Series[], hosts: ReadonlySet<string>, lines: number): Found {
  const named = [...hosts].slice(0, MOST_NAMED).map((host) => {
    const read = series.filter((one) => one.host === host).flatMap(({ samples }) => samples);
    const last = (key: string) => read.findLast(({ name }) => meaningOf(name)?.key === key)?.value;
    const [count, max] = [last('nf_conntrack_count'), last('nf_conntrack_max')];
    if (count === undefined)
      return `${host}: ${max === undefined ? 'other metrics' : `at most ${counted(max, 'entry')}`}`;
    return `${host}: ${max === undefined ? counted(count, 'entry') : `${show(count)} of ${counted(max, 'entry')}`}`;
  });
  const rest = hosts.size > MOST_NAMED ? `; ${hosts.size - MOST_NAMED} more hosts` : '';
  return {
    source: 'observations',
    name: 'metrics in JSON',
    lines,
    text: observationLine({
      kind: 'note',
      says: `Several hosts in one answer, each to be judged alone: ${named.join('; ')}${rest}.`,
    }),
    keys: [],
  };
}
