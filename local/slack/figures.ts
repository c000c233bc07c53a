import { type Html, html } from '../../src/page/html.ts';
import type { KnownBlock } from './block-schema.ts';

type Table = Extract<KnownBlock, { type: 'table' }>;
type Chart = Extract<KnownBlock, { type: 'data_visualization' }>;

/** Draws a table; its first row is its head. */
export function renderTable({ rows, column_settings: columns }: Table): Html {
  const align = (column: number) => columns[column]?.align ?? 'left';
  const [head = [], ...body] = rows;
  return html`<div class="table" tabindex="0" role="region" aria-label="Table"><table>
    <thead><tr>${head.map(({ text }, column) => html`<th scope="col" class="${align(column)}">${text}</th>`)}</tr></thead>
    <tbody>${body.map((cells) => html`<tr>${cells.map(({ text }, column) => html`<td class="${align(column)}">${text}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

const ROW = 18;
const LABEL = 150;
const BAR = 300;
const VALUE = 90;

/** Draws a bar chart: a group of bars for each category, one for each series, with its value behind it. */
export function renderChart({ title, chart }: Chart): Html {
  const { series, axis_config: axis } = chart;
  const most = Math.max(1, ...series.flatMap(({ data }) => data.map(({ value }) => value)));
  const group = series.length * ROW + 8;
  const height = axis.categories.length * group;
  const bars = axis.categories.map((category, row) => {
    const drawn = series.map(({ name, data }, index) => {
      const value = data[row]?.value ?? 0;
      const y = row * group + index * ROW;
      const width = Math.max(1, (value / most) * BAR);
      return html`<rect class="series s${index}" x="${LABEL}" y="${y}" width="${width}" height="${ROW - 4}" rx="2"><title>${category}, ${name}: ${value}</title></rect>
        <text class="value" x="${LABEL + width + 5}" y="${y + ROW - 7}">${value} ${series.length > 1 ? name : ''}</text>`;
    });
    return html`<text class="category" x="${LABEL - 8}" y="${row * group + ROW - 7}">${category}</text>${drawn}`;
  });
  const told = series.map(
    ({ name, data }) => `${name}: ${data.map(({ label, value }) => `${label} ${value}`).join(', ')}`,
  );
  return html`<figure class="chart"><figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${LABEL + BAR + VALUE} ${height}" role="img" aria-label="${title}. ${told.join('. ')}">${bars}</svg>
  </figure>`;
}
