import * as z from 'zod';
import type { Violations } from '../violations.ts';

/** Limits of Slack's tables and charts (docs.slack.dev, table block and data visualization block). */
export const FIGURE_LIMITS = {
  tablesOfMessage: 1,
  tableRows: 100,
  tableColumns: 20,
  chartsOfMessage: 2,
  chartTitleChars: 50,
  chartLabelChars: 20,
  chartCategories: 20,
  chartSeries: 6,
} as const;

const Cell = z.looseObject({ type: z.enum(['raw_text', 'raw_number', 'rich_text']) });
const RawText = z.looseObject({ type: z.literal('raw_text'), text: z.string().min(1) });
const Table = z.looseObject({
  rows: z.array(z.array(Cell)),
  column_settings: z.array(z.unknown()).optional(),
});

/** What Slack would refuse of a table (docs.slack.dev, table block). */
export function checkTable(block: unknown, found: Violations): void {
  const table = Table.safeParse(block).data;
  if (table === undefined || table.rows.length === 0) return found.add('A table has no rows of cells.');
  found.atMost('rows of a table', table.rows.length, FIGURE_LIMITS.tableRows);
  found.atMost(
    'columns of a table',
    Math.max(...table.rows.map(({ length }) => length)),
    FIGURE_LIMITS.tableColumns,
  );
  found.atMost('column settings of a table', table.column_settings?.length ?? 0, FIGURE_LIMITS.tableColumns);
  const texts = table.rows.flat().filter(({ type }) => type === 'raw_text');
  if (texts.some((cell) => !RawText.safeParse(cell).success)) found.add('A cell of a table has no text.');
}

const Point = z.object({ label: z.string().min(1), value: z.number() });
const Chart = z.looseObject({
  title: z.string().min(1),
  chart: z.object({
    type: z.enum(['line', 'bar', 'area']),
    series: z.array(z.object({ name: z.string().min(1), data: z.array(Point) })).min(1),
    axis_config: z.looseObject({ categories: z.array(z.string().min(1)).min(1) }),
  }),
});

/**
 * What Slack would refuse of a chart with axes (docs.slack.dev, data visualization block). Of two numbers that sources give for the
 * most series, six and twelve, it is the smaller one here.
 */
export function checkChart(block: unknown, found: Violations): void {
  const parsed = Chart.safeParse(block).data;
  if (parsed === undefined) return found.add('A chart has no title, series of points or categories.');
  const { title, chart } = parsed;
  const { series, axis_config: axis } = chart;
  found.string('title of a chart', title, FIGURE_LIMITS.chartTitleChars);
  found.atMost('series of a chart', series.length, FIGURE_LIMITS.chartSeries);
  found.atMost('categories of a chart', axis.categories.length, FIGURE_LIMITS.chartCategories);
  for (const label of axis.categories) found.string('label of a chart', label, FIGURE_LIMITS.chartLabelChars);
  for (const { name, data } of series) {
    found.string('name of a series', name, FIGURE_LIMITS.chartLabelChars);
    if (data.map(({ label }) => label).join('\n') !== axis.categories.join('\n'))
      found.add(`The series ${name} has not exactly one point for each category.`);
  }
  if (new Set(series.map(({ name }) => name)).size !== series.length)
    found.add('Two series of a chart have the same name.');
}
