import type { TableBlock } from '@slack/types';
import { tableOf } from '../../core/markdown.ts';
import type { TableReading } from '../../core/notifier.ts';
import { percent, show } from '../../core/words.ts';
import { visible } from '../block-text.ts';
import type { DataVisualizationBlock } from './data-visualization.ts';
import { FIGURE_LIMITS } from './limits.ts';

const HEAD = ['Node', 'Read'] as const;
const TABLE_HEAD = ['Entries', 'Limit', 'Use', 'Dropped/s'] as const;
const UNREAD = 'not read';
/** Facts beside the table's own numbers. Our choice: a phone shows no more columns. */
const FACTS_MOST = 2;

/** The readings as Slack's own table, numbers to the right. */
export function figureTable(readings: readonly TableReading[]): TableBlock {
  const rows = rowsOf(readings);
  return {
    type: 'table',
    rows: rows.map((cells) =>
      cells.map((text) => ({ type: 'raw_text' as const, text: visible(text) || '–' })),
    ),
    column_settings: (rows[0] ?? []).map((_, column) => ({
      align: column < HEAD.length ? 'left' : 'right',
    })),
  };
}

/** The same as Markdown, for where Slack does not take its own blocks. */
export function figureMarkdown(readings: readonly TableReading[]): string {
  const [head = [], ...rows] = rowsOf(readings);
  return `### What was read\n\n${tableOf(head, rows)}`;
}

/** Head and rows; what proves the verdict stands before the table's own numbers. */
function rowsOf(readings: readonly TableReading[]): readonly (readonly string[])[] {
  const facts = [...new Set(readings.flatMap((one) => one.facts?.map(({ name }) => name) ?? []))].slice(
    0,
    FACTS_MOST,
  );
  return [[...HEAD, ...facts, ...TABLE_HEAD], ...readings.map((one) => cellsOf(one, facts))];
}

function cellsOf(reading: TableReading, facts: readonly string[]): readonly string[] {
  const { instanceId, at, entries, limit, use, dropsPerSecond } = reading;
  return [
    instanceId,
    `${at.slice(11, 19)}Z`,
    ...facts.map((fact) => reading.facts?.find(({ name }) => name === fact)?.value ?? UNREAD),
    entries === undefined ? UNREAD : show(entries),
    limit === undefined ? UNREAD : show(limit),
    use === undefined ? UNREAD : percent(use),
    dropsPerSecond === undefined ? UNREAD : show(dropsPerSecond),
  ];
}

/** How full the tables are and what they drop, a chart each; before and after a change, where nodes were read twice. */
export function figureCharts(readings: readonly TableReading[]): readonly DataVisualizationBlock[] {
  return [
    ...chartOf('Table use in percent', readings, ({ use }) =>
      use === undefined ? undefined : Math.floor(use * 100),
    ),
    ...chartOf('Packets dropped per second', readings, ({ dropsPerSecond }) =>
      dropsPerSecond === undefined ? undefined : Math.round(dropsPerSecond * 10) / 10,
    ),
  ];
}

/** A chart of one number by node; only nodes of which every series has it, because each needs a point for each. */
function chartOf(
  title: string,
  readings: readonly TableReading[],
  numberOf: (reading: TableReading) => number | undefined,
): readonly DataVisualizationBlock[] {
  const isTwice = readings.some(({ isLater }) => isLater);
  const points = (later: boolean) =>
    new Map(
      readings.flatMap((reading) => {
        const value = numberOf(reading);
        return value === undefined || reading.isLater !== later
          ? []
          : [[visible(reading.instanceId).slice(0, FIGURE_LIMITS.chartLabelChars), value] as const];
      }),
    );
  const all = isTwice ? [points(false), points(true)] : [points(false)];
  const names = isTwice ? ['before', 'after'] : ['now'];
  const categories = [...(all[0]?.keys() ?? [])]
    .filter((label) => label !== '' && all.every((values) => values.has(label)))
    .slice(0, FIGURE_LIMITS.chartCategories);
  if (categories.length === 0) return [];
  const series = all.map((values, index) => ({
    name: names[index] ?? '',
    data: categories.map((label) => ({ label, value: values.get(label) ?? 0 })),
  }));
  return [{ type: 'data_visualization', title, chart: { type: 'bar', series, axis_config: { categories } } }];
}
