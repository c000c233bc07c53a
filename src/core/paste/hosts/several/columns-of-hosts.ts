import { meaningOf } from '../../monitoring/metric-names.ts';
import type { PasteLine } from '../../paste-line.ts';
import { canBeHost, isHostLike, plainName } from '../names.ts';
import { quotedCellsOf } from './cells.ts';
import { type Replacement, withReplaced } from './replaced.ts';

/** Rows of one export, at most: a panel shows fewer points. */
const MOST_ROWS = 20_000;

/** Lines above a heading in which the panel's title may stand. */
const MOST_ABOVE = 3;

/** A column of an export: whose it is, and which metric. */
interface Column {
  readonly index: number;
  readonly host: string;
  readonly metric: string;
}

/**
 * Makes an export whose columns are hosts, as Grafana writes one of a panel, into an export for each host. Which metric it is
 * says the column itself or the title above.
 */
export function exportOfEachHost(lines: readonly PasteLine[]): readonly PasteLine[] {
  return withReplaced(lines, exportAt);
}

function exportAt(lines: readonly PasteLine[], at: number): Replacement | undefined {
  const heading = lines[at];
  if (heading === undefined || heading.command !== undefined) return undefined;
  if (!/^\s*"?(?:time|date|timestamp)\w{0,10}"?\s?[,;\t]/i.test(heading.text)) return undefined;
  const separator = ['\t', ';', ','].find((one) => heading.text.includes(one)) ?? ',';
  const cells = quotedCellsOf(heading.text, separator);
  const title = titleAbove(lines, at);
  const columns = cells.flatMap((cell, index) => (index === 0 ? [] : (columnOf(cell, index, title) ?? [])));
  if (columns.length === 0) return undefined;
  const rows: { readonly line: PasteLine; readonly cells: readonly string[] }[] = [];
  let end = at + 1;
  for (; end < lines.length && rows.length < MOST_ROWS; end += 1) {
    const line = lines[end];
    if (line === undefined || line.command !== undefined) break;
    const row = quotedCellsOf(line.text, separator);
    if (row.length !== cells.length) break;
    rows.push({ line, cells: row });
  }
  if (rows.length === 0) return undefined;
  const hosts = new Set(columns.map(({ host }) => host));
  const divided = [...hosts].flatMap((host) => {
    const own = columns.filter((column) => column.host === host);
    const row = (values: readonly string[]) => values.join(';');
    return [
      { ...heading, host, text: row(['Time', ...own.map(({ metric }) => metric)]) },
      ...rows.map(({ line, cells: values }) => ({
        ...line,
        host,
        text: row([values[0] ?? '', ...own.map(({ index }) => values[index] ?? '')]),
      })),
    ];
  });
  return { lines: divided, length: end - at };
}

/** A metric's name, its labels in braces, or nothing but a host. */
function columnOf(cell: string, index: number, title: string | undefined): Column | undefined {
  const [, name = '', labels] = /^([A-Za-z_:][\w:.]{0,100})?\s?(?:\{(.{1,600})\})?$/.exec(cell) ?? [];
  const labelled =
    labels === undefined
      ? undefined
      : /(?:^|[,\s])(?:nodename|node|hostname|host|instance)\s?=\s?"?([^",}]{1,253})/.exec(labels)?.[1];
  const bare = plainName(cell);
  const host = labelled === undefined ? (isHostLike(bare) ? bare : undefined) : plainName(labelled);
  const metric = labelled !== undefined && meaningOf(name) !== undefined ? name : title;
  return host === undefined || metric === undefined || !canBeHost(host) ? undefined : { index, host, metric };
}

/** The metric that a title names, in the lines above. */
function titleAbove(lines: readonly PasteLine[], at: number): string | undefined {
  for (let above = at - 1; above >= Math.max(0, at - MOST_ABOVE); above -= 1) {
    const { text = '', command } = lines[above] ?? {};
    const name = (command ?? text).split(/[^\w.:]+/).find((word) => meaningOf(word) !== undefined);
    if (name !== undefined) return name;
  }
  return undefined;
}
