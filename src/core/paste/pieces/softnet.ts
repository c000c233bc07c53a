import { counted, show } from '../../words.ts';
import { type Context, type Found, type Recogniser, takeWhile } from '../found.ts';
import { observed } from '../symptoms/observed.ts';
import { piece } from './counters.ts';

const PRINTED = '/proc/net/softnet_stat';
const IN_DECIMAL = `${PRINTED}, in decimal`;

/** /proc/net/softnet_stat as the kernel prints it, or a table that someone already turned into decimal. */
export const softnetRows: Recogniser = (lines, at) => {
  const hexadecimal = takeWhile(lines, at, (text) => /^\s*[0-9a-f]{8}(?: [0-9a-f]{8}){8,}\s*$/i.test(text));
  if (hexadecimal.taken.length > 0) {
    return piece(
      'softnet_stat',
      PRINTED,
      hexadecimal.lines,
      hexadecimal.taken.map((row) => row.trim().toLowerCase()),
      ['rows'],
    );
  }
  const names = (lines[at]?.text ?? '')
    .trim()
    .toLowerCase()
    .split(/[\s|,]+/);
  const column = (...spellings: string[]) => names.findIndex((name) => spellings.includes(name));
  const [total, dropped, squeezed] = [
    column('total', 'processed', 'packets'),
    column('dropped', 'drops', 'drop'),
    column('squeezed', 'time_squeeze', 'squeeze'),
  ];
  if (total < 0 || dropped < 0 || squeezed < 0) return undefined;
  const cellsOf = (text: string) =>
    text
      .trim()
      .split(/[\s|,]+/)
      .filter((cell) => cell !== '');
  const rest = takeWhile(lines, at + 1, (text) => {
    const cells = cellsOf(text);
    return (
      cells.length >= names.length &&
      cells.length <= names.length + 1 &&
      cells.every((cell) => /^(?:cpu:?\s?)?\d{1,20}:?$/i.test(cell))
    );
  });
  if (rest.taken.length === 0) return undefined;
  const rows = rest.taken.map((text) => {
    const cells = cellsOf(text);
    const shift = cells.length - names.length;
    return `sum 1 ${[total, dropped, squeezed].map((index) => cells[index + shift]).join(' ')}`;
  });
  return decimal(1 + rest.lines, rows);
};

function decimal(lines: number, rows: readonly string[]): Found {
  return piece('softnet_stat', IN_DECIMAL, lines, rows, ['rows']);
}

/** The kernel's first three columns (net/core/net-procfs.c, softnet_seq_show). */
const COLUMNS = ['processed', 'dropped', 'squeezed'] as const;
type Column = (typeof COLUMNS)[number];

/** What people's scripts call the columns. */
const NAMED = /\b(processed|total|packets|dropped|drops?|squeezed?|time_squeezed?)\s?[:=]\s?(\d{1,20})\b/gi;

const CALLED: Readonly<Record<string, Column>> = {
  processed: 'processed',
  total: 'processed',
  packets: 'processed',
  dropped: 'dropped',
  drops: 'dropped',
  drop: 'dropped',
  squeezed: 'squeezed',
  squeeze: 'squeezed',
  time_squeezed: 'squeezed',
  time_squeeze: 'squeezed',
};

/**
 * Rows that a script made of /proc/net/softnet_stat: the columns by name, or in the order in which the command turns them into
 * decimal. Where the packets that were processed are not among them, no share can be told, so the drops are told alone.
 */
export const softnetDecimal: Recogniser = (lines, at, context) => {
  const isOfFile = context.command.includes('softnet_stat');
  const order = isOfFile ? columnsIn(context) : [];
  const rows: ReadonlyMap<Column, bigint>[] = [];
  const run = takeWhile(lines, at, (text) => {
    const row = isOfFile || /squeez/i.test(text) ? rowOf(text, order) : undefined;
    if (row !== undefined) rows.push(row);
    return row !== undefined;
  });
  if (rows.length === 0) return undefined;
  const isWhole = rows.every((row) => row.has('processed') && row.has('dropped'));
  if (isWhole)
    return decimal(
      run.lines,
      rows.map((row) => `sum 1 ${COLUMNS.map((column) => row.get(column) ?? 0n).join(' ')}`),
    );
  const told = (['dropped', 'squeezed', 'processed'] as const).flatMap((column) => {
    const values = rows.flatMap((row) => row.get(column) ?? []);
    return values.length === 0 ? [] : [`${column} ${show(values.reduce((sum, value) => sum + value, 0n))}`];
  });
  return observed(
    IN_DECIMAL,
    run.lines,
    'note',
    `The processors’ backlogs since boot, of ${counted(rows.length, 'row')}: ${told.join(', ')}.`,
  );
};

const columnsOfContext = new WeakMap<Context, readonly (Column | undefined)[]>();

/** The columns that a command turns into decimal, in its order: fields of awk, variables of the shell's `read`. */
function columnsIn(context: Context): readonly (Column | undefined)[] {
  const known = columnsOfContext.get(context);
  if (known !== undefined) return known;
  const variables = /\bread\s+(?:-r\s+)?((?:[A-Za-z_]\w{0,20}\s?){1,16})/.exec(context.command)?.[1] ?? '';
  const names = variables.trim().split(/\s+/);
  const columns = Array.from(
    context.command.matchAll(/0x"?\s?\$\{?(\w{1,20})/g),
    ([, reference = '']) =>
      COLUMNS[/^\d+$/.test(reference) ? Number(reference) - 1 : names.indexOf(reference)],
  );
  columnsOfContext.set(context, columns);
  return columns;
}

function rowOf(
  text: string,
  order: readonly (Column | undefined)[],
): ReadonlyMap<Column, bigint> | undefined {
  const named = Array.from(
    text.matchAll(NAMED),
    ([, name = '', value = '']) => [CALLED[name.toLowerCase()], value] as const,
  );
  if (named.length > 0) return asRow(named);
  const cells = text.trim().split(/[\s,;|]+/);
  const numbers = cells.filter((cell) => /^\d{1,20}$/.test(cell));
  const isRow =
    numbers.length >= order.length &&
    cells.every((cell) => /^(?:[A-Za-z]{0,12}[#:=]?)?\d{0,20}:?$/.test(cell));
  return order.length === 0 || !isRow
    ? undefined
    : asRow(order.map((column, index) => [column, numbers.slice(-order.length)[index] ?? '']));
}

function asRow(
  pairs: readonly (readonly [Column | undefined, string])[],
): ReadonlyMap<Column, bigint> | undefined {
  const row = new Map(
    pairs.flatMap(([column, value]) => (column === undefined ? [] : [[column, BigInt(value)] as const])),
  );
  return row.size === 0 ? undefined : row;
}
