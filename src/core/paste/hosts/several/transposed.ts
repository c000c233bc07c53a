import type { PasteLine } from '../../paste-line.ts';
import { describedMachine } from '../heading-forms.ts';
import { canBeHost, HostNames, isHostLike, plainName } from '../names.ts';
import { cellsOf, tableHeadingOf } from './cells.ts';
import { type Replacement, withReplaced } from './replaced.ts';

/** How the cells of a table are set apart, the surest first. */
const SEPARATORS = [/\t/, /\|/, /,/, /\s{2,}/] as const;

/** Rows of one table, at most. */
const MOST_ROWS = 200;

/** Names of settings and counters in the first column. */
const SETTING = /^(?:net[./]netfilter[./])?(?:nf|ip)_conntrack_\w{2,40}$/;
const COUNTER =
  /^(?:conntrack\s)?(found|invalid|insert|insert_failed|drop|early_drop|search_restart|clash_resolve|chaintoolong)$/;

/** A column whose heading is a host. */
interface Column {
  readonly index: number;
  readonly host: string;
}

/** Makes a table whose columns are hosts and whose rows are settings or counters into lines for each host. */
export function tableOfHostColumns(lines: readonly PasteLine[]): readonly PasteLine[] {
  return withReplaced(lines, tableAt);
}

function tableAt(lines: readonly PasteLine[], at: number): Replacement | undefined {
  const table = tableHeadingOf(lines[at], SEPARATORS);
  if (table === undefined) return undefined;
  const { cells, separator } = table;
  const columns = cells.flatMap((cell, index) => columnOf(cell, index) ?? []);
  const names = new HostNames();
  for (const { host } of columns) names.of(host);
  if (names.count < 2 || columns.length < cells.length - 1) return undefined;
  const rows: { readonly line: PasteLine; readonly cells: readonly string[] }[] = [];
  let end = at + 1;
  for (; end < lines.length && rows.length < MOST_ROWS; end += 1) {
    const line = lines[end];
    if (line === undefined || line.command !== undefined) break;
    if (/^[-:=+|\s]+$/.test(line.text) && line.text.trim() !== '') continue;
    const row = cellsOf(line.text, separator);
    if (row.length < columns.length + 1) break;
    rows.push({ line, cells: row });
  }
  const offset = Math.max(0, (rows[0]?.cells.length ?? 0) - cells.length);
  const divided = columns.flatMap(({ index, host }) =>
    ofHost(rows, index + offset).map((line) => ({ ...line, host })),
  );
  return divided.length === 0 ? undefined : { lines: divided, length: end - at };
}

function columnOf(cell: string, index: number): Column | undefined {
  const host = plainName(cell);
  const name = canBeHost(host) && isHostLike(host) ? host : describedMachine(cell);
  return name === undefined ? undefined : { index, host: name };
}

/** What the rows say of one host, as the tools print it. */
function ofHost(
  rows: readonly { readonly line: PasteLine; readonly cells: readonly string[] }[],
  index: number,
): readonly PasteLine[] {
  const counters: string[] = [];
  let counted: PasteLine | undefined;
  const settings = rows.flatMap(({ line, cells }) => {
    const [name, value] = [cells[0] ?? '', (cells[index] ?? '').replaceAll(/(?<=\d)[,_](?=\d{3})/g, '')];
    const counter = COUNTER.exec(name)?.[1];
    if (!/^\d{1,20}$/.test(value)) return [];
    if (counter !== undefined) {
      counters.push(`${counter}=${value}`);
      counted ??= line;
      return [];
    }
    return SETTING.test(name) ? [{ ...line, text: `${name} = ${value}` }] : [];
  });
  return counted === undefined
    ? settings
    : [...settings, { ...counted, text: `cpu=0 ${counters.join(' ')}` }];
}
