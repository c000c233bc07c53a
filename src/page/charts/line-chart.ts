import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, curveLinear, curveStepAfter, line } from 'd3-shape';
import type { Mark } from '../../core/page/readings.ts';
import { type Html, html } from '../html.ts';
import { clock } from '../times.ts';

/** One value of a line. */
export interface Point {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly value: number;
  /** What a pointer on it tells. */
  readonly says: string;
}

/** A line with a look of its own, which is never told by its colour alone. */
export interface Line {
  readonly label: string;
  readonly look: 'lead' | 'second' | 'third' | 'rest' | 'limit';
  readonly points: readonly Point[];
  /** Whether the space below it is filled. */
  readonly isArea?: boolean;
  /** Whether its points are readings with nothing known between them: then they are joined by dots only. */
  readonly isSparse?: boolean;
}

/** Looks of lines with a name; those after them are drawn thin. */
export const NAMED_LOOKS = ['lead', 'second', 'third'] as const;

/** What a chart over time is drawn from. */
export interface LineChart {
  /** What it shows, in a sentence, for who can not see it. */
  readonly alternative: string;
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
  /** How a value of the vertical axis is written. */
  readonly show: (value: number) => string;
  /** Always on the vertical axis, beside the values. */
  readonly atLeast?: number;
  /** A line across that values are held against. */
  readonly threshold?: { readonly value: number; readonly label: string };
}

/** Its size in units of the drawing, which are pixels where it is as wide as it was drawn for. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const TOP = 12;
const MARK_ROW = 15;
const BOTTOM = 26;
const CHAR = 6.6;
const PAD = 10;
/** A line of more points is one without dots: they would lie on each other. */
const MOST_DOTS = 40;

/** Draws lines over time with the moments of the incident across them. */
export function lineChart(chart: LineChart, { width, height }: Size): Html {
  const { lines, marks, show, threshold, atLeast = 0 } = chart;
  const points = lines.flatMap((one) => one.points);
  const values = [atLeast, threshold?.value ?? 0, ...points.map(({ value }) => value)];
  const times = [...points.map(({ at }) => at), ...marks.map(({ at }) => Date.parse(at))];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const y = scaleLinear()
    .domain([0, Math.max(...values) || 1])
    .nice(4);
  const ticks = y.ticks(4);
  const left = 12 + CHAR * Math.max(...ticks.map((tick) => show(tick).length));
  const right = width - PAD - (width > 500 ? 96 : 8);
  const span = Math.max(last - first, 10_000);
  const x = scaleUtc([first - span * 0.04, first + span * 1.04], [left, right]);
  const placed = placeMarks(marks, (at) => x(at), right);
  const top = TOP + MARK_ROW * (Math.max(-1, ...placed.map(({ row }) => row)) + 1);
  const bottom = height - BOTTOM;
  y.range([bottom, top]);
  const timeTicks = x.ticks(Math.max(2, Math.floor((right - left) / 110)));
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${chart.alternative}"><g class="axis">${ticks.map(
    (tick) =>
      html`<line x1="${r(left)}" x2="${r(right)}" y1="${r(y(tick))}" y2="${r(y(tick))}"/><text x="${r(left - 6)}" y="${r(y(tick) + 4)}" text-anchor="end">${show(tick)}</text>`,
  )}${timeTicks.map(
    (tick) =>
      html`<text x="${r(x(tick))}" y="${height - 8}" text-anchor="middle">${clock(tick.getTime(), span)}</text>`,
  )}</g>${threshold === undefined ? undefined : across(threshold, y(threshold.value), left, right)}${placed.map(
    ({ mark, at, row, isLeft }) =>
      html`<g class="mark ${mark.kind}"><line x1="${r(at)}" x2="${r(at)}" y1="${TOP + row * MARK_ROW + 2}" y2="${r(bottom)}"/><text x="${r(isLeft ? at - 5 : at + 5)}" y="${TOP + row * MARK_ROW + 10}"${isLeft ? html` text-anchor="end"` : undefined}>${mark.label}</text></g>`,
  )}${drawnThin(lines, x, y)}${lines.filter(({ look }) => look !== 'rest').map((one) => drawn(one, marks, x, y, { bottom, isWide: width > 500 }))}${endLabels(lines, x, y, { right, top, bottom, isWide: width > 500 })}</svg>`;
}

type TimeScale = (at: number) => number;

function drawn(
  { look, points, isArea, isSparse }: Line,
  marks: readonly Mark[],
  x: TimeScale,
  y: TimeScale,
  { bottom, isWide }: { readonly bottom: number; readonly isWide: boolean },
): Html {
  const curve = look === 'limit' ? curveStepAfter : curveLinear;
  const path = isSparse === true ? heldUntilChange(points, marks) : points;
  const shape = line<Place>()
    .x(({ at }) => r(x(at)))
    .y(({ value }) => r(y(value)))
    .curve(curve);
  const below = area<Place>()
    .x(({ at }) => r(x(at)))
    .y0(bottom)
    .y1(({ value }) => r(y(value)))
    .curve(curve);
  const isLine = path.length > 1;
  const dots = points.length > (isWide ? MOST_DOTS : MOST_DOTS / 2) ? [] : points;
  return html`<g class="${look}${isSparse === true ? ' sparse' : ''}">${isArea === true && isLine ? html`<path class="below" d="${below(path) ?? ''}"/>` : undefined}${isLine ? html`<path d="${shape(path) ?? ''}"/>` : undefined}${dots.map(
    ({ at, value, says }) =>
      html`<circle cx="${r(x(at))}" cy="${r(y(value))}" r="4"><title>${says}</title></circle>`,
  )}</g>`;
}

type Place = Pick<Point, 'at' | 'value'>;

/** Between two readings a node is taken to be as it was until something was done to it: a slope across that would say otherwise. */
function heldUntilChange(points: readonly Point[], marks: readonly Mark[]): readonly Place[] {
  const done = marks.flatMap(({ kind, at }) =>
    kind === 'change' || kind === 'rollback' ? [Date.parse(at)] : [],
  );
  return points.flatMap((point, index): Place[] => {
    const before = points[index - 1];
    const moved = before && done.find((at) => at > before.at && at < point.at);
    return before === undefined || moved === undefined
      ? [point]
      : [{ at: moved, value: before.value }, point];
  });
}

/** Lines without a name, as one path: a line a node, or a dot where there is one reading only. */
function drawnThin(lines: readonly Line[], x: TimeScale, y: TimeScale): Html | undefined {
  const thin = lines.filter(({ look }) => look === 'rest');
  if (thin.length === 0) return undefined;
  const paths = thin.map(({ points }) => {
    const [first, ...others] = points.map(({ at, value }) => `${r(x(at))},${r(y(value))}`);
    return first === undefined ? '' : `M${first}${others.length === 0 ? 'h0' : `L${others.join(' ')}`}`;
  });
  return html`<g class="rest"><path d="${paths.join('')}"/></g>`;
}

interface PlacedMark {
  readonly mark: Mark;
  readonly at: number;
  readonly row: number;
  readonly isLeft: boolean;
}

/** Labels that would lie on each other stand in rows below each other. */
function placeMarks(marks: readonly Mark[], x: TimeScale, right: number): readonly PlacedMark[] {
  const ends: number[] = [];
  return marks.map((mark) => {
    const at = x(Date.parse(mark.at));
    const length = mark.label.length * CHAR + 12;
    const isLeft = at + length > right + 8;
    const [from, to] = isLeft ? [at - length, at] : [at, at + length];
    const free = ends.findIndex((end) => end <= from);
    const row = free < 0 ? ends.length : free;
    ends[row] = to;
    return { mark, at, row, isLeft };
  });
}

function across(
  { value: _value, label }: { value: number; label: string },
  at: number,
  left: number,
  right: number,
): Html {
  return html`<g class="threshold"><line x1="${r(left)}" x2="${r(right)}" y1="${r(at)}" y2="${r(at)}"/><text x="${r(right - 4)}" y="${r(at + 14)}" text-anchor="end">${label}</text></g>`;
}

const LABEL_HEIGHT = 14;

/** The names of lines at their ends, moved apart where they would lie on each other; a narrow chart has its legend below. */
function endLabels(
  lines: readonly Line[],
  x: TimeScale,
  y: TimeScale,
  { top, bottom, isWide }: { right: number; top: number; bottom: number; isWide: boolean },
): readonly Html[] {
  if (!isWide) return [];
  const named = lines
    .filter(({ label, look, points }) => label !== '' && look !== 'rest' && points.length > 0)
    .map(({ label, look, points }) => {
      const end = points.at(-1);
      return { label, look, at: x(end?.at ?? 0), height: y(end?.value ?? 0) };
    })
    .toSorted((a, b) => a.height - b.height);
  const places: number[] = [];
  for (const { height } of named)
    places.push(Math.max(height, (places.at(-1) ?? top - LABEL_HEIGHT) + LABEL_HEIGHT));
  // What would stand below the drawing pushes the others up.
  let below = bottom + LABEL_HEIGHT;
  for (let index = places.length - 1; index >= 0; index--) {
    places[index] = Math.min(places[index] ?? bottom, below - LABEL_HEIGHT);
    below = places[index] ?? bottom;
  }
  return named.map(
    ({ label, look, at }, index) =>
      html`<text class="name ${look}" x="${r(at + 9)}" y="${r((places[index] ?? 0) + 4)}">${label}</text>`,
  );
}

/** As many digits as a drawing needs. */
const r = (value: number): number => Math.round(value * 10) / 10;
