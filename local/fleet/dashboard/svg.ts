import { scaleLinear, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import { show } from '../../../src/core/words.ts';
import { type Html, html } from '../../../src/page/html.ts';
import { clock } from '../../../src/page/times.ts';
import type { PrintedValue } from './printed.ts';
import { searchOf, type Widget } from './template.ts';

/** Pixels of one of the 24 columns, and of one row, of a dashboard. */
const UNIT = { width: 46, height: 40 } as const;
/** Space around a drawing within its widget. */
const INNER = { left: 54, right: 14, top: 54, bottom: 56 } as const;
/** Colours of Okabe and Ito, which people who see no red or no green tell apart, each with a dash of its own. */
const LOOKS = [
  { colour: '#0072b2', dash: '' },
  { colour: '#c44f00', dash: '7 4' },
  { colour: '#00805c', dash: '2 3' },
  { colour: '#a8487e', dash: '9 3 2 3' },
] as const;
/** A line is not drawn across more than so long without a value: what is missing is a gap. */
const GAP_MS = 50 * 60_000;
const INK = {
  text: '#18212b',
  soft: '#55616e',
  line: '#dfe4ea',
  card: '#ffffff',
  ground: '#f4f5f7',
} as const;

interface Series {
  readonly label: string;
  readonly values: readonly PrintedValue[];
}

/**
 * Draws the widgets of a dashboard that search for metrics, each where the template puts it, with the series that the search finds.
 * Widgets about what one machine has no numbers of are left out, and those below move up.
 */
export function dashboardSvg(widgets: readonly Widget[], values: readonly PrintedValue[]): Html {
  const drawn = widgets.flatMap((widget) => {
    const search = searchOf(widget);
    return search === undefined ? [] : [{ widget, series: seriesOf(values, search) }];
  });
  const top = Math.min(...drawn.map(({ widget }) => widget.y));
  const [width, height] = [
    Math.max(...drawn.map(({ widget }) => widget.x + widget.width)) * UNIT.width,
    Math.max(...drawn.map(({ widget }) => widget.y + widget.height - top)) * UNIT.height,
  ];
  const times = values.map(({ at }) => at);
  const span = [Math.min(...times), Math.max(...times)] as const;
  const what = `Dashboard with ${drawn.length} graphs: ${drawn.map(({ widget }) => widget.properties.title).join('; ')}`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui,-apple-system,Segoe UI,Inter,Roboto,Arial,sans-serif" font-size="12" role="img" aria-label="${what}"><rect width="${width}" height="${height}" fill="${INK.ground}"/>${drawn.map(
    ({ widget, series }) =>
      html`<g transform="translate(${widget.x * UNIT.width} ${(widget.y - top) * UNIT.height})">${graph(widget, series, span)}</g>`,
  )}</svg>`;
}

function seriesOf(
  values: readonly PrintedValue[],
  { namespace, metric }: { readonly namespace: string; readonly metric: string },
): readonly Series[] {
  const byLabel = new Map<string, PrintedValue[]>();
  for (const value of values) {
    if (value.namespace !== namespace || value.metric !== metric) continue;
    const label = [...new Set(value.dimensions)].join(' ');
    byLabel.set(label, [...(byLabel.get(label) ?? []), value]);
  }
  return [...byLabel].map(([label, all]) => ({ label, values: all.toSorted((a, b) => a.at - b.at) }));
}

function graph(
  { width, height, properties }: Widget,
  series: readonly Series[],
  [from, to]: readonly [number, number],
): Html {
  const [w, h] = [width * UNIT.width - 8, height * UNIT.height - 8];
  const all = series.flatMap(({ values }) => values.map(({ value }) => value));
  const x = scaleUtc([from, Math.max(to, from + 60_000)], [INNER.left, w - INNER.right]);
  const y = scaleLinear([0, Math.max(1, ...all)], [h - INNER.bottom, INNER.top]).nice(4);
  const ticks = y.ticks(4);
  const box = html`<rect x="4" y="4" width="${w}" height="${h}" rx="6" fill="${INK.card}" stroke="${INK.line}"/>${titleLines(properties.title).map((text, row) => html`<text x="14" y="${22 + row * 14}" fill="${row === 0 ? INK.text : INK.soft}"${row === 0 ? html` font-weight="600"` : html` font-size="11"`}>${text}</text>`)}`;
  if (all.length === 0)
    return html`${box}<text x="${w / 2}" y="${h / 2}" text-anchor="middle" fill="${INK.soft}">No data available</text>`;
  const places = legendPlaces(series);
  return html`${box}${ticks.map(
    (tick) =>
      html`<line x1="${INNER.left}" x2="${w - INNER.right}" y1="${r(y(tick))}" y2="${r(y(tick))}" stroke="${INK.line}"/><text x="${INNER.left - 6}" y="${r(y(tick) + 4)}" text-anchor="end" fill="${INK.soft}">${show(tick)}</text>`,
  )}${x
    .ticks(4)
    .map(
      (tick) =>
        html`<text x="${r(x(tick))}" y="${h - INNER.bottom + 16}" text-anchor="middle" fill="${INK.soft}">${clock(tick.getTime(), to - from)}</text>`,
    )}${series.map(({ values }, index) => {
    const { colour, dash } = lookOf(index);
    return html`<path d="${unbroken(values)
      .map((part) => pathOf(part, x, y))
      .join(
        '',
      )}" fill="none" stroke="${colour}" stroke-width="2" stroke-linecap="round"${dash === '' ? undefined : html` stroke-dasharray="${dash}"`}/>`;
  })}${series.map(
    ({ label }, index) =>
      html`<line x1="${14 + (places[index] ?? 0)}" x2="${28 + (places[index] ?? 0)}" y1="${h - 16}" y2="${h - 16}" stroke="${lookOf(index).colour}" stroke-width="3"${lookOf(index).dash === '' ? undefined : html` stroke-dasharray="${lookOf(index).dash}"`}/><text x="${32 + (places[index] ?? 0)}" y="${h - 12}" fill="${INK.text}" font-size="11">${label}</text>`,
  )}`;
}

const lookOf = (index: number): (typeof LOOKS)[number] => LOOKS[index % LOOKS.length] ?? LOOKS[0];

/** `TableUse: use of the fullest table` in two lines. */
function titleLines(title: string): readonly string[] {
  const colon = title.indexOf(': ');
  return colon === -1 ? [title] : [title.slice(0, colon), title.slice(colon + 2)];
}

function legendPlaces(series: readonly Series[]): readonly number[] {
  const places: number[] = [];
  let at = 0;
  for (const { label } of series) {
    places.push(at);
    at += 30 + label.length * 5.8;
  }
  return places;
}

function unbroken(values: readonly PrintedValue[]): readonly (readonly PrintedValue[])[] {
  const parts: PrintedValue[][] = [];
  for (const value of values) {
    const last = parts.at(-1);
    const before = last?.at(-1);
    if (last === undefined || before === undefined || value.at - before.at > GAP_MS) parts.push([value]);
    else last.push(value);
  }
  return parts;
}

/** A single value is a dot. */
function pathOf(
  part: readonly PrintedValue[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  const path =
    line<PrintedValue>()
      .x(({ at }) => r(x(at)))
      .y(({ value }) => r(y(value)))([...part]) ?? '';
  return part.length === 1 ? path.replace(/Z?$/, 'h0') : path;
}

const r = (value: number): number => Math.round(value * 10) / 10;
