import { epochMs } from '../../monitoring/metrics.ts';
import { wallTimeOf } from '../../paste-clock.ts';
import type { PasteLine } from '../../paste-line.ts';
import { canBeHost, plainName } from '../names.ts';
import { quotedCellsOf } from './cells.ts';
import { type Replacement, withReplaced } from './replaced.ts';

/** Rows of one table, at most. */
const MOST_ROWS = 20_000;

/** Lines that describe the columns of InfluxDB’s annotated CSV. */
const ANNOTATION = /^#(?:group|datatype|default),/;

/** Tags that name the machine. */
const HOST_TAGS = ['host', 'node', 'hostname', 'instance', 'nodename'];

/** How InfluxDB and telegraf call what is measured here. */
const MEASURED = /^(?:conntrack|ethtool|netstat|nstat)$/;

/** One row: what was measured, by field, on which machine and when. */
interface Row {
  readonly measurement: string;
  readonly host: string | undefined;
  readonly fields: readonly (readonly [string, string])[];
  readonly time: string;
}

/**
 * Makes the rows of InfluxDB’s tables into lines of its protocol: annotated CSV of version 2, a field a row, and the CSV of
 * version 1, which has the tags in one column.
 */
export function influxRows(lines: readonly PasteLine[]): readonly PasteLine[] {
  return lines.some(({ text }) => isHeading(text)) ? withReplaced(lines, tableAt) : lines;
}

function isHeading(text: string): boolean {
  return /(?:^|,)_value(?:,|$)/.test(text)
    ? /(?:^|,)_field(?:,|$)/.test(text)
    : text.startsWith('name,tags,time,');
}

function tableAt(lines: readonly PasteLine[], at: number): Replacement | undefined {
  if (ANNOTATION.test(lines[at]?.text ?? '')) return { lines: [], length: 1 };
  const heading = lines[at];
  if (heading === undefined || heading.command !== undefined || !isHeading(heading.text)) return undefined;
  const names = quotedCellsOf(heading.text, ',');
  const rows: PasteLine[] = [];
  let end = at + 1;
  for (; end < lines.length && end - at <= MOST_ROWS; end += 1) {
    const line = lines[end];
    const cells = line?.command === undefined ? quotedCellsOf(line?.text ?? '', ',') : [];
    if (line === undefined || cells.length !== names.length || isHeading(line.text)) break;
    const row = rowOf(new Map(names.map((name, index) => [name, cells[index] ?? ''])));
    rows.push(row === undefined ? line : { ...line, text: protocolOf(row), host: row.host ?? line.host });
  }
  return rows.length === 0 ? undefined : { lines: rows, length: end - at };
}

function rowOf(cells: ReadonlyMap<string, string>): Row | undefined {
  const tags = cells.get('tags');
  const measurement = cells.get('_measurement') ?? cells.get('name') ?? '';
  if (!MEASURED.test(measurement)) return undefined;
  const given =
    tags === undefined
      ? cells
      : new Map(tags.split(',').map((tag) => [tag.split('=')[0] ?? '', tag.split('=')[1] ?? '']));
  const host = HOST_TAGS.map((tag) => plainName(given.get(tag) ?? '')).find(
    (name) => name !== '' && canBeHost(name),
  );
  const values: readonly (readonly [string, string])[] =
    tags === undefined
      ? [[cells.get('_field') ?? '', cells.get('_value') ?? '']]
      : [...cells].filter(([name]) => !/^(?:name|tags|time)$/.test(name));
  const fields = values.filter(
    ([name, value]) => /^[\w.]{2,60}$/.test(name) && /^\d{1,20}(?:\.\d{1,9})?$/.test(value),
  );
  const time = cells.get('_time') ?? cells.get('time') ?? '';
  return fields.length === 0 ? undefined : { measurement, host, fields, time };
}

function protocolOf({ measurement, host, fields, time }: Row): string {
  const ms = wallTimeOf(time, '')?.ms ?? epochMs(/^\d{10,19}$/.test(time) ? time : undefined);
  const values = fields.map(([name, value]) => `${name}=${value}`).join(',');
  return `${measurement}${host === undefined ? '' : `,host=${host}`} ${values}${ms === undefined ? '' : ` ${Math.round(ms)}`}`;
}
