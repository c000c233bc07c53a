import { judgeShape } from '../../core/latency-shape.ts';
import type { AlarmLatency, ClientSummary } from '../../core/page/latency.ts';
import type { PageModel } from '../../core/page/model.ts';
import type { LatencyShape } from '../../core/record/latency/shape.ts';
import { counted, keepUnits, show } from '../../core/words.ts';
import { type Line, lineChart, type Point } from '../charts/line-chart.ts';
import { type Html, html } from '../html.ts';
import { figure, table } from '../pieces.ts';
import { dateTime } from '../times.ts';

/** What users felt, as far as it is known; nothing where it is not. */
export function latency({ alarmLatency, client, shape, marks }: PageModel): Html | undefined {
  if (alarmLatency === undefined && client === undefined && shape === undefined) return undefined;
  return html`${alarmLatency === undefined ? undefined : ofAlarm(alarmLatency, marks)}${shape === undefined ? undefined : ofShape(shape)}${client === undefined ? undefined : ofClient(client, marks)}`;
}

/** Whether the latencies look like lost SYNs, with the shares that say so; why it was not read where it was not. */
function ofShape(shape: LatencyShape): Html {
  if (shape.kind === 'unread')
    return html`<p class="what">Whether the latencies look like SYNs that were sent again was not read: ${shape.why}.</p>`;
  const { now, before, metric } = shape;
  const told = [now, ...(before === undefined ? [] : [before])];
  const seconds = (value: number) =>
    value < 1 ? `${show(Math.round(value * 1000))} ms` : `${show(Math.round(value * 10) / 10)} s`;
  const share = (value: number) => `${show(Math.round(value * 1000) / 10)} %`;
  const rows: readonly (readonly string[])[] = [
    ['requests', ...told.map(({ count }) => show(Math.round(count)))],
    ['median', ...told.map(({ p50 }) => seconds(p50))],
    ['p90', ...told.map(({ p90 }) => seconds(p90))],
    ['p99', ...told.map(({ p99 }) => seconds(p99))],
    ['at 1 s, after one lost SYN', ...told.map(({ at1 }) => share(at1))],
    ['between', ...told.map(({ between }) => share(between))],
    ['at 3 s, after two', ...told.map(({ at3 }) => share(at3))],
    ['at 7 s, after three', ...told.map(({ at7 }) => share(at7))],
  ];
  return html`<h3>${metric}</h3><p>${keepUnits(judgeShape(shape).says)}</p>${table(
    'Latencies as CloudWatch has them',
    ['Of the requests', 'Around the alarm', ...(before === undefined ? [] : ['An hour before'])],
    rows,
    [1, 2],
  )}`;
}

/** As the alarm says it, to the last digit. */
const withUnit = (value: number, unit: string): string => {
  const number = Number.isInteger(value) ? show(value) : String(value);
  return unit === '' ? number : `${number} ${unit}`;
};

function ofAlarm({ metric, unit, values, threshold }: AlarmLatency, marks: PageModel['marks']): Html {
  const held = threshold === undefined ? '' : `, held against ${withUnit(threshold, unit)}`;
  const timed = values.flatMap(({ value, at }) =>
    at === undefined
      ? []
      : [{ at: Date.parse(at), value, says: `${dateTime(at)}: ${withUnit(value, unit)}` }],
  );
  const numbers = table(
    `${metric} before the alarm`,
    ['Value', 'Measured at'],
    values.map(({ value, at }) => [
      withUnit(value, unit),
      at === undefined ? 'the alarm does not say' : dateTime(at),
    ]),
  );
  const words = values.map(({ value }) => withUnit(value, unit)).join(', ');
  if (timed.length < 2)
    return html`<div class="said"><p><b>${words}</b></p><p class="what">${metric}, the last ${counted(values.length, 'value')} before the alarm${held}.</p></div>`;
  const lines: Line[] = [{ label: metric, look: 'lead', points: timed, isArea: true }];
  const line =
    threshold === undefined
      ? {}
      : { threshold: { value: threshold, label: `threshold ${withUnit(threshold, unit)}` } };
  return figure(
    `${metric} before the alarm`,
    (size) =>
      lineChart(
        {
          alternative: `${metric}: ${words}${held}.`,
          lines,
          marks,
          show: (value) => withUnit(value, unit),
          ...line,
        },
        size,
      ),
    numbers,
  );
}

function ofClient(
  { what, samples, before, after }: NonNullable<PageModel['client']>,
  marks: PageModel['marks'],
): Html {
  // While nothing was answered there is no time to draw: a line across that would make some up.
  const pieces = (field: 'medianMs' | 'p99Ms') => {
    const all: Point[][] = [[]];
    for (const one of samples) {
      const value = one[field];
      if (value === undefined) all.push([]);
      else
        all.at(-1)?.push({ at: Date.parse(one.at), value, says: `${dateTime(one.at)}: ${show(value)} ms` });
    }
    return all.filter((piece) => piece.length > 0);
  };
  const lines = (
    [
      ['p99', 'lead', 'p99Ms'],
      ['median', 'second', 'medianMs'],
    ] as const
  ).flatMap(([label, look, field]) =>
    pieces(field).map(
      (points, index, all): Line => ({
        label: index === all.length - 1 ? label : '',
        look,
        points,
        isArea: look === 'lead',
      }),
    ),
  );
  const alternative = `Before the change ${summary(before)}${after === undefined ? '' : `; after it ${summary(after)}`}.`;
  return html`<div class="said"><p><b>${summary(before)}</b>${after === undefined ? undefined : html` <span class="arrow">→</span> <b>${summary(after)}</b>`}</p><p class="what">${what}${after === undefined ? '' : ', before the change and after it'}.</p></div>${figure(
    'Milliseconds to open a connection',
    (size) => lineChart({ alternative, lines, marks, show }, size),
    table(
      what,
      ['At', 'Connections', 'Failed', 'Median, ms', 'p99, ms'],
      samples.map(({ at, attempts, failures, medianMs, p99Ms }) => [
        dateTime(at),
        show(attempts),
        show(failures),
        medianMs === undefined ? '–' : show(medianMs),
        p99Ms === undefined ? '–' : show(p99Ms),
      ]),
      [1, 2, 3, 4],
    ),
    html`<p class="legend narrow"><span class="k lead">p99</span><span class="k second">median</span></p>`,
  )}`;
}

function summary({ attempts, failures, worstP99Ms, medianMs }: ClientSummary): string {
  const failed = `${show(failures)} of ${counted(attempts, 'connection')} failed`;
  const times = [
    ...(medianMs === undefined ? [] : [`median ${show(medianMs)} ms`]),
    ...(worstP99Ms === undefined ? [] : [`p99 up to ${show(worstP99Ms)} ms`]),
  ];
  return [...times, failed].join(', ');
}
