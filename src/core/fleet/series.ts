import * as z from 'zod';
import {
  DriftLayer,
  type Field,
  GapReason,
  isNumberField,
  NUMBER_FIELDS,
  ProbeReading,
  TEXT_FIELDS,
} from './reading.ts';

/** Milliseconds of an hour. */
export const HOUR = 3_600_000;

/** Hours for which a reading is kept, so that the same hour of the last two weeks is there, with a day to spare. */
export const KEPT_HOURS = 15 * 24;

/**
 * The most readings that an hour keeps: one every three minutes, where five is the default. More of them come from commands
 * that were sent twice; an hour stays small whatever is sent.
 */
export const MOST_READINGS = 20;

/** Milliseconds that a reading may lie ahead of the clock of whoever writes it: two functions never agree to the second. */
const AHEAD = 60_000;

/**
 * The readings of one node in one hour, as one item. Each value is a column of cells with a comma between two readings: a number
 * to the base of 36, after the first one as what it rose or fell by; nothing where it is the one before; `!` and a digit where
 * it was not seen. A column that is the same all along is one cell and a star, so most take a few bytes; a test holds 5,000
 * nodes × 15 days under 2 GB.
 */
export const SeriesHour = z.strictObject({
  schema: z.literal('medic.series/1'),
  instanceId: z.string().regex(/^i-[0-9a-f]{8,17}$/),
  /** Hours since 1970. */
  hour: z.int().min(0),
  /** Milliseconds after the start of the hour at which each reading was taken, in order. */
  at: z.string(),
  columns: z.partialRecord(z.enum([...NUMBER_FIELDS, ...TEXT_FIELDS, 'drift']), z.string()),
  /** Seconds by which the node's clock was ahead at the newest reading that told it. */
  clockAheadSeconds: z.int().optional(),
});
export type SeriesHour = z.infer<typeof SeriesHour>;

const COLUMNS: readonly Field[] = [...NUMBER_FIELDS, ...TEXT_FIELDS, 'drift'];
const REASONS: readonly GapReason[] = GapReason.options;
/** The column of a value that was not there yet when the hour was written. */
const NEVER_SAID = `!${REASONS.indexOf('not-printed')}*`;

/** What became of a reading that was to be added. */
export type Added =
  | { readonly isAdded: true; readonly hour: SeriesHour }
  | { readonly isAdded: false; readonly why: string };

/** The number of the hour in which a reading belongs. */
export const hourOf = (at: number): number => Math.floor(at / HOUR);

/**
 * Puts a reading into its hour, in its place by time, so one that comes late lands where it belongs.
 *
 * A second one of the same moment changes nothing: it is the same answer delivered twice, or somebody's who would overwrite
 * what was seen. One from before what is kept or from the future is refused.
 *
 * @param hour what is stored of that hour; `undefined` where nothing is
 * @param now milliseconds since 1970
 */
export function addReading(
  instanceId: string,
  hour: SeriesHour | undefined,
  reading: ProbeReading,
  now: number,
): Added {
  if (reading.at > now + AHEAD) return { isAdded: false, why: 'it is from the future' };
  if (hourOf(reading.at) <= hourOf(now) - KEPT_HOURS)
    return { isAdded: false, why: 'it is older than what is kept' };
  const before = hour === undefined ? [] : readingsOf(hour);
  if (hour !== undefined && (hour.instanceId !== instanceId || hour.hour !== hourOf(reading.at)))
    return { isAdded: false, why: 'it belongs to another hour or node' };
  if (before.some(({ at }) => at === reading.at))
    return { isAdded: false, why: 'there is one of this moment' };
  if (before.length >= MOST_READINGS)
    return { isAdded: false, why: 'the hour has all the readings that it keeps' };
  const readings = [...before, reading].sort((a, b) => a.at - b.at);
  return { isAdded: true, hour: written(instanceId, hourOf(reading.at), readings) };
}

function written(instanceId: string, hour: number, readings: readonly ProbeReading[]): SeriesHour {
  const columns: Partial<Record<Field, string>> = {};
  for (const field of COLUMNS) columns[field] = columnOf(readings, field);
  const ahead = readings.findLast(
    ({ clockAheadSeconds }) => clockAheadSeconds !== undefined,
  )?.clockAheadSeconds;
  return {
    schema: 'medic.series/1',
    instanceId,
    hour,
    at: readings.map(({ at }) => (at - hour * HOUR).toString(36)).join(','),
    columns,
    ...(ahead === undefined ? {} : { clockAheadSeconds: ahead }),
  };
}

function columnOf(readings: readonly ProbeReading[], field: Field): string {
  const cells = readings.map((reading) => cellOf(reading, field));
  if (cells.every((cell) => cell === cells[0])) return `${cells[0] ?? ''}*`;
  return readings
    .map((reading, index) => {
      if (cells[index] === cells[index - 1]) return '';
      const [value, before] = [reading[field], readings[index - 1]?.[field]];
      if (typeof value !== 'number' || typeof before !== 'number') return cells[index] ?? '';
      return `${value > before ? '+' : '-'}${Math.abs(value - before).toString(36)}`;
    })
    .join(',');
}

function cellOf(reading: ProbeReading, field: Field): string {
  const value = reading[field];
  if (value === undefined) return `!${REASONS.indexOf(reading.gaps[field] ?? 'unreadable')}`;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return value.toString(36);
  return `=${value.map((layer) => DriftLayer.options.indexOf(layer)).join('')}`;
}

/**
 * The readings of one hour in order. A cell that is not what {@link addReading} writes is a gap: an item that was changed by
 * hand or cut loses that value, and the others stay.
 */
export function readingsOf({ hour, at, columns }: SeriesHour): readonly ProbeReading[] {
  const times = at === '' ? [] : at.split(',').slice(0, MOST_READINGS);
  const cells = new Map(COLUMNS.map((field) => [field, filled(columns[field] ?? NEVER_SAID, times.length)]));
  return times.flatMap((time, index) => {
    const gaps: Partial<Record<Field, GapReason>> = {};
    const reading: Record<string, unknown> = { at: hour * HOUR + Number.parseInt(time, 36), gaps };
    for (const field of COLUMNS) {
      const value = cellValue(field, cells.get(field)?.[index] ?? '');
      if (value.why === undefined) reading[field] = value.value;
      else gaps[field] = value.why;
    }
    const parsed = ProbeReading.safeParse(reading);
    return parsed.success && hourOf(parsed.data.at) === hour ? [parsed.data] : [];
  });
}

/** The cells of a column, each with its whole value. One that cannot be told is empty, and so is what rests on it. */
function filled(column: string, length: number): readonly string[] {
  if (column.endsWith('*')) return Array.from({ length }, () => column.slice(0, -1));
  const cells = column.split(',');
  let before = '';
  return Array.from({ length }, (_, index) => {
    const cell = cells[index];
    // A column that ends early was cut: what it said last is not what came after.
    before = cell === undefined ? '' : cell === '' ? before : wholeCell(cell, before);
    return before;
  });
}

function wholeCell(cell: string, before: string): string {
  const [, sign, by] = /^([+-])([0-9a-z]{1,11})$/.exec(cell) ?? [];
  if (by === undefined) return cell;
  const value = numberOf(before) + (sign === '+' ? 1 : -1) * numberOf(by);
  return value >= 0 ? value.toString(36) : '';
}

function cellValue(field: Field, cell: string): { value?: unknown; why?: GapReason } {
  if (cell === '') return { why: 'unreadable' };
  if (cell.startsWith('!')) return { why: REASONS[Number(cell.slice(1))] ?? 'unreadable' };
  if (field === 'drift') {
    const layers = Array.from(cell.slice(1), (digit) => DriftLayer.options[Number(digit)]);
    return cell.startsWith('=') && layers.every((layer) => layer !== undefined)
      ? { value: layers }
      : { why: 'unreadable' };
  }
  const value = isNumberField(field) ? numberOf(cell) : cell;
  const schema = ProbeReading.shape[field];
  return schema.safeParse(value).success ? { value } : { why: 'unreadable' };
}

const numberOf = (cell: string): number =>
  /^[0-9a-z]{1,11}$/.test(cell) ? Number.parseInt(cell, 36) : Number.NaN;

/**
 * What is known of one node, in order of time: its hours put together. Hours of another node, and a second item of an hour,
 * are left out.
 */
export function seriesOf(instanceId: string, hours: readonly SeriesHour[]): readonly ProbeReading[] {
  const byHour = new Map<number, SeriesHour>();
  for (const hour of hours)
    if (hour.instanceId === instanceId && !byHour.has(hour.hour)) byHour.set(hour.hour, hour);
  return [...byHour.values()].sort((a, b) => a.hour - b.hour).flatMap(readingsOf);
}
