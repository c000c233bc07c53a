import { observationLine } from '../../parse/observations.ts';
import { counted, show } from '../../words.ts';
import { type Found, type Recogniser, takeWhile } from '../found.ts';
import { wallTimeOf } from '../paste-clock.ts';
import { meaningOf } from './metric-names.ts';
import { epochMs, foundOf, type Sample } from './metrics.ts';
import { riseAsked } from './rates.ts';

/** A column of a table that means something: by the metric's name in it, or by what people call it. */
const COLUMN: readonly (readonly [RegExp, string])[] = [
  [/^(?:(?:nf[_ ]?)?conntrack[_ ])?(?:entries|count|current|used)$/i, 'nf_conntrack_count'],
  [/^(?:(?:nf[_ ]?)?conntrack[_ ])?(?:max|limit|entries[_ ]limit)$/i, 'nf_conntrack_max'],
];

/** Grafana's export, a spreadsheet's or a console's table: a heading that names the metrics, a row for each time. */
export const seriesTable: Recogniser = (lines, at) => {
  const heading = lines[at]?.text ?? '';
  if (heading.length > 1_000 || !/conntrack/i.test(heading)) return undefined;
  const separator = ['\t', ';', ',', '|'].find((one) => heading.includes(one)) ?? ' ';
  const cells = cellsOf(heading, separator);
  const names = cells.map(nameOf);
  const isTold = cells.some((cell) => /conntrack|^time$|^date|timestamp/i.test(cell));
  if (!isTold || names.filter((name) => name !== undefined).length === 0) return undefined;
  const rows: { ms: number | undefined; cells: readonly string[] }[] = [];
  const run = takeWhile(lines, at + 1, (text) => {
    const row = cellsOf(text, separator);
    if (/^[-:=+|\s]+$/.test(text) && text.trim() !== '') return true;
    if (
      row.length !== cells.length ||
      !row.some((cell, index) => names[index] !== undefined && amountOf(cell) !== undefined)
    )
      return false;
    rows.push({ ms: timeOf(row), cells: row });
    return true;
  });
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  // Rows without a time are of nobody knows when, or of several hosts: only a single one is a reading.
  const isSeries = rows.every(({ ms }) => ms !== undefined);
  if (!isSeries && rows.length > 1)
    return severalRows(
      names,
      rows.map((row) => row.cells),
      1 + run.lines,
    );
  const ends = first === last ? [first] : [first, last];
  const samples = ends.flatMap(({ ms, cells: row }) =>
    row.flatMap((cell, index): Sample[] => {
      const [name, value] = [names[index], amountOf(cell)];
      return name === undefined || value === undefined
        ? []
        : [{ name, value, ms: isSeries && rows.length > 1 ? ms : undefined }];
    }),
  );
  return foundOf(samples, 'table of metrics', 1 + run.lines);
};

/** Rows that are told one by one. */
const MOST_TOLD = 8;

/** Rows without a time, of several hosts or of nobody knows when: told, and judged by none. */
function severalRows(
  names: readonly (string | undefined)[],
  rows: readonly (readonly string[])[],
  lines: number,
): Found {
  const told = rows.slice(0, MOST_TOLD).map((row) => {
    const label = row.find((_, index) => names[index] === undefined) ?? '';
    const value = (key: string) =>
      amountOf(
        row[
          names.findIndex((name) => name !== undefined && (name === key || meaningOf(name)?.key === key))
        ] ?? '',
      );
    const [count, max] = [value('nf_conntrack_count'), value('nf_conntrack_max')];
    return `${label.slice(0, 60)}: ${count === undefined ? '–' : show(count)}${max === undefined ? ' entries' : ` of ${counted(max, 'entry')}`}`;
  });
  const rest = rows.length > MOST_TOLD ? `; ${rows.length - MOST_TOLD} more` : '';
  return {
    source: 'observations',
    name: 'table of metrics',
    lines,
    text: observationLine({
      kind: 'note',
      says: `Several rows without a time, each to be judged alone: ${told.join('; ')}${rest}.`,
    }),
    keys: [],
  };
}

/** Cells of a row; a separator within quotes is none. Columns that are set apart by blanks have at least two between them. */
function cellsOf(text: string, separator: string): readonly string[] {
  if (separator === ' ') return text.trim().split(/\s{2,}|\t/);
  const cells: string[] = [];
  let isQuoted = false;
  let cell = '';
  for (const character of separator === '|' ? text.trim().replace(/^\|/, '').replace(/\|$/, '') : text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === separator && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...cells, cell].map((one) => one.trim().replaceAll(/^"|"$/g, ''));
}

function nameOf(cell: string): string | undefined {
  const rise = riseAsked(cell);
  if (rise !== undefined) return meaningOf(rise) === undefined ? undefined : rise;
  const bare = /^([A-Za-z_:][\w:.]{2,100})(?:\{.*)?$/.exec(cell)?.[1] ?? cell;
  if (meaningOf(bare) !== undefined) return bare;
  return COLUMN.find(([pattern]) => pattern.test(cell))?.[1];
}

function amountOf(cell: string): number | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:[,\d]{0,20})(?:\.\d{1,9})?)\s?(K|Mil|M)?$/.exec(cell) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits.replaceAll(',', '')) * (unit === undefined ? 1 : unit === 'K' ? 1_000 : 1_000_000);
}

function timeOf(row: readonly string[]): number | undefined {
  for (const cell of row) {
    const ms = wallTimeOf(cell, '')?.ms ?? (/^\d{10}$|^\d{13}$/.test(cell) ? epochMs(cell) : undefined);
    if (ms !== undefined) return ms;
  }
  return undefined;
}
