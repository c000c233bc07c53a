import { scaleBand, scaleLinear } from 'd3-scale';
import { type Html, html } from '../html.ts';
import type { Size } from './line-chart.ts';

/** One node's value. */
export interface Bar {
  readonly value: number;
  /** What a pointer on it tells. */
  readonly says: string;
}

/** What a chart of one reading a node is drawn from. */
export interface BarChart {
  /** What it shows, in a sentence, for who can not see it. */
  readonly alternative: string;
  /** In the order of the nodes. */
  readonly bars: readonly Bar[];
  /** How a value of the vertical axis is written. */
  readonly show: (value: number) => string;
  readonly threshold?: { readonly value: number; readonly label: string };
}

const TOP = 18;
const BOTTOM = 24;
const CHAR = 6.6;
/** Numbers below the bars stand at every so many nodes where there are more. */
const NUMBERED = 25;
/** A pointer is told of so many bars; more are one shape, and the table below has the numbers of all. */
const TOLD = 12;

/** Draws one bar a node, numbered as the map numbers them. */
export function barChart({ alternative, bars, show, threshold }: BarChart, { width, height }: Size): Html {
  const y = scaleLinear()
    .domain([0, Math.max(threshold?.value ?? 0, ...bars.map(({ value }) => value)) || 1])
    .nice(4);
  const ticks = y.ticks(4);
  const left = 12 + CHAR * Math.max(...ticks.map((tick) => show(tick).length));
  const right = width - 8;
  const bottom = height - BOTTOM;
  y.range([bottom, TOP]);
  const x = scaleBand<number>(bars.keys(), [left, right]).padding(0.25);
  const size = Math.min(x.bandwidth(), 60);
  const step = bars.length <= NUMBERED ? 1 : 5;
  const middle = (index: number) => (x(index) ?? left) + x.bandwidth() / 2;
  const shapes = bars.flatMap(({ value, says }, index) =>
    value === 0
      ? []
      : [{ x: r(middle(index) - size / 2), y: r(y(value)), height: r(bottom - y(value)), says }],
  );
  const drawn =
    bars.length <= TOLD
      ? shapes.map(
          (bar) =>
            html`<rect x="${bar.x}" width="${r(size)}" y="${bar.y}" height="${bar.height}"><title>${bar.says}</title></rect>`,
        )
      : html`<path d="${shapes.map((bar) => `M${bar.x} ${bar.y}h${r(size)}v${bar.height}h-${r(size)}`).join('')}"/>`;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${alternative}"><g class="axis">${ticks.map(
    (tick) =>
      html`<line x1="${r(left)}" x2="${r(right)}" y1="${r(y(tick))}" y2="${r(y(tick))}"/><text x="${r(left - 6)}" y="${r(y(tick) + 4)}" text-anchor="end">${show(tick)}</text>`,
  )}${bars.map((_, index) =>
    (index + 1) % step === 0 || index === 0
      ? html`<text x="${r(middle(index))}" y="${height - 7}" text-anchor="middle">${index + 1}</text>`
      : html``,
  )}</g><g class="bars">${drawn}</g>${threshold === undefined ? undefined : html`<g class="threshold"><line x1="${r(left)}" x2="${r(right)}" y1="${r(y(threshold.value))}" y2="${r(y(threshold.value))}"/><text x="${r(right - 4)}" y="${r(y(threshold.value) - 5)}" text-anchor="end">${threshold.label}</text></g>`}</svg>`;
}

const r = (value: number): number => Math.round(value * 10) / 10;
