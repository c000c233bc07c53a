import type { PageModel } from '../../core/page/model.ts';
import {
  COUNTERS,
  type CounterId,
  type NodeSeries,
  type Reading,
  rateOf,
  risenCounters,
  useOf,
} from '../../core/page/series.ts';
import { capital, counted, keepUnits, nodeCount, percent, show } from '../../core/words.ts';
import { barChart } from '../charts/bar-chart.ts';
import { type Line, type LineChart, lineChart, NAMED_LOOKS, type Size } from '../charts/line-chart.ts';
import { type Html, html } from '../html.ts';
import { figure, table } from '../pieces.ts';
import { clock, dateTime } from '../times.ts';

type Series = Pick<PageModel, 'series' | 'marks'>;

/** Table use and counters over the life of the incident, with the moments of alarm, click and change. */
export function overTime({ series, marks }: Series): Html {
  const [first] = series;
  const counters = risenCounters(series);
  // One reading of one node is a row of numbers, not a chart.
  if (first !== undefined && series.length === 1 && isOnce(series)) return readingsTable(first);
  return html`${first === undefined || isOnce(series) ? undefined : entriesChart(first, marks)}${series.length < 2 ? undefined : useChart({ series, marks })}${counters.map(
    (id) => rateChart(id, { series, marks }),
  )}${counters.length > 0 || first === undefined ? undefined : html`<p class="what">No counter that was read rose in any window: ${Object.values(COUNTERS).join('; ')}.</p>`}`;
}

/** Whether every node was read once only: then there is nothing over time, and each node has a bar. */
const isOnce = (series: readonly NodeSeries[]): boolean =>
  series.every(({ readings }) => readings.length < 2);

const at = (reading: Reading): number => Date.parse(reading.at);

/** The fullest account of one node: its entries, and the limit that they are held to. */
function entriesChart({ instanceId, readings }: NodeSeries, marks: Series['marks']): Html {
  const entries = readings.flatMap((one) =>
    one.entries === undefined
      ? []
      : [{ at: at(one), value: one.entries, says: `${clock(at(one))}: ${counted(one.entries, 'entry')}` }],
  );
  const limits = readings.flatMap((one) =>
    one.max === undefined || one.max === 0
      ? []
      : [{ at: at(one), value: one.max, says: `${clock(at(one))}: limit ${show(one.max)}` }],
  );
  if (entries.length === 0) return html``;
  const lines: Line[] = [
    { label: 'limit', look: 'limit', points: limitSteps(limits, marks) },
    { label: 'entries', look: 'lead', points: entries, isArea: true, isSparse: true },
  ];
  const [from, to] = [entries[0], entries.at(-1)];
  const alternative = `Entries of the table of ${instanceId}: ${show(from?.value ?? 0)} at first, ${show(to?.value ?? 0)} at last; its limit ${show(limits[0]?.value ?? 0)} at first, ${show(limits.at(-1)?.value ?? 0)} at last.`;
  return figure(
    `Entries against the limit, ${instanceId}`,
    (size) => lineChart({ alternative, lines, marks, show }, size),
    readingsTable({ instanceId, readings }),
    html`<p class="legend narrow"><span class="k lead">entries</span><span class="k limit">limit</span></p>`,
  );
}

function readingsTable({ instanceId, readings }: NodeSeries): Html {
  return table(
    `Readings of ${instanceId}`,
    [
      'Read at',
      'Collection',
      'Entries',
      'nf_conntrack_max',
      'Use',
      'Buckets',
      ...Object.keys(COUNTERS),
      'Window',
    ],
    readings.map((one) => [
      dateTime(one.at),
      `${one.collection}`,
      known(one.entries),
      known(one.max),
      useWords(one),
      known(one.buckets),
      ...COUNTER_IDS.map((id) => known(one.counters[id])),
      one.windowSeconds === undefined ? 'not read' : `${show(one.windowSeconds)} s`,
    ]),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
}

const COUNTER_IDS = Object.keys(COUNTERS) as readonly CounterId[];

/** The limit moves when the node is changed, not when it is read next. */
function limitSteps(limits: readonly Line['points'][number][], marks: Series['marks']): Line['points'] {
  return limits.flatMap((limit, index) => {
    const before = limits[index - 1];
    const moved = marks.find(
      ({ kind, at: when }) =>
        (kind === 'change' || kind === 'rollback') &&
        before !== undefined &&
        Date.parse(when) > before.at &&
        Date.parse(when) <= limit.at,
    );
    return before === undefined || before.value === limit.value || moved === undefined
      ? [limit]
      : [{ ...limit, at: Date.parse(moved.at) }, limit];
  });
}

function useChart({ series, marks }: Series): Html {
  const lines = nodeLines(
    series,
    (one) => {
      const use = useOf(one);
      return use === undefined ? undefined : use * 100;
    },
    (value) => `${Math.floor(value)} %`,
  );
  const fullest = series.filter(({ readings }) => readings.some((one) => (useOf(one) ?? 0) >= 0.95)).length;
  const alternative = `Use of the table on ${nodeCount(series.length)} over time; at 95 % or more at some time: ${fullest}.`;
  return figure(
    'Use of the table, every node',
    drawing({
      series,
      alternative,
      lines,
      marks,
      show: (value) => `${value} %`,
      threshold: { value: 100, label: 'the limit' },
    }),
    perNode('Use of the table', series, useWords),
    legendOf(series),
  );
}

function rateChart(id: CounterId, { series, marks }: Series): Html {
  const what = capital(COUNTERS[id]);
  const lines = nodeLines(
    series,
    (one) => rateOf(one, id),
    (value) => `${show(value)} a second`,
  );
  const highest = Math.max(0, ...lines.flatMap(({ points }) => points.map(({ value }) => value)));
  return figure(
    `${what}, a second`,
    drawing({
      series,
      alternative: `${what}: ${show(highest)} a second at most.`,
      lines,
      marks,
      show,
      atLeast: 1,
    }),
    perNode(what, series, (one) => {
      const rise = one.counters[id];
      if (rise === undefined) return 'not read';
      return one.windowSeconds === undefined ? show(rise) : `${show(rise)} in ${show(one.windowSeconds)} s`;
    }),
    series.length < 2 ? undefined : legendOf(series),
  );
}

/** Lines over time, or where every node was read once a bar for each. */
function drawing({ series, ...chart }: LineChart & { readonly series: readonly NodeSeries[] }) {
  if (!isOnce(series)) return (size: Size) => lineChart(chart, size);
  // Lines are drawn from the last to the first.
  const bars = chart.lines
    .toReversed()
    .map(({ points: [point] }) => ({ value: point?.value ?? 0, says: point?.says ?? 'not read' }));
  return (size: Size) => barChart({ ...chart, bars }, size);
}

/** One line a node; the first few have a name and a look of their own, and are drawn over the others. */
function nodeLines(
  series: readonly NodeSeries[],
  valueOf: (reading: Reading) => number | undefined,
  words: (value: number) => string,
): readonly Line[] {
  return series
    .map(
      ({ instanceId, readings }, index): Line => ({
        label: shortId(instanceId),
        look: NAMED_LOOKS[index] ?? 'rest',
        isSparse: true,
        points: readings.flatMap((one) => {
          const value = valueOf(one);
          return value === undefined
            ? []
            : [{ at: at(one), value, says: `${instanceId}, ${clock(at(one))}: ${words(value)}` }];
        }),
      }),
    )
    .toReversed();
}

/** Chart's names of the nodes: what stands at the end of an id tells nodes apart. */
const shortId = (instanceId: string): string =>
  instanceId.length > 12 ? `…${instanceId.slice(-8)}` : instanceId;

function legendOf(series: readonly NodeSeries[]): Html | undefined {
  if (isOnce(series))
    return html`<p class="legend">Bars stand in the order of the map of signals, with its numbers.</p>`;
  const rest = series.length - NAMED_LOOKS.length;
  return html`<p class="legend narrow">${series.slice(0, NAMED_LOOKS.length).map(({ instanceId }, index) => html`<span class="k ${NAMED_LOOKS[index] ?? 'rest'}">${shortId(instanceId)}</span>`)}${rest > 0 ? html`<span class="k rest">${counted(rest, 'other node')}</span>` : undefined}</p>`;
}

/** A row a node, a column a collection. */
function perNode(caption: string, series: readonly NodeSeries[], words: (reading: Reading) => string): Html {
  const numbers = [
    ...new Set(series.flatMap(({ readings }) => readings.map(({ collection }) => collection))),
  ].toSorted((a, b) => a - b);
  return table(
    caption,
    ['Node', ...numbers.map((number) => `Collection ${number}`)],
    series.map(({ instanceId, readings }) => [
      instanceId,
      ...numbers.map((number) => {
        const reading = readings.find(({ collection }) => collection === number);
        return reading === undefined ? '–' : words(reading);
      }),
    ]),
    numbers.map((_, index) => index + 1),
  );
}

const known = (value: number | undefined): string => (value === undefined ? 'not read' : show(value));

function useWords(reading: Reading): string {
  const use = useOf(reading);
  return keepUnits(use === undefined ? 'not read' : percent(use));
}
