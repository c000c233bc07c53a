import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { ProbeReading } from '../../core/fleet/reading.ts';
import { addReading, HOUR, hourOf, KEPT_HOURS, SeriesHour, seriesOf } from '../../core/fleet/series.ts';
import { NEWEST_VERSION, RECORD_VERSION, stored } from '../../core/record/stored.ts';
import type { SeriesStore } from '../../core/sweep/ports.ts';
import { counted } from '../../core/words.ts';
import { RecordBusyError } from '../errors.ts';
import { ABSENT, DynamoDocuments } from './documents.ts';

/** How often a reading is put when others write the same hour. */
const ATTEMPTS = 5;

/** One hour of one node: what the keys say is not said again, because there are 360 of them a node. */
const SeriesItem = stored({
  pk: z.string(),
  sk: z.string(),
  version: z.number().int().min(1).max(NEWEST_VERSION),
  at: SeriesHour.shape.at,
  columns: SeriesHour.shape.columns,
  clockAheadSeconds: SeriesHour.shape.clockAheadSeconds,
  /** Seconds since the Unix epoch: the table's attribute for items that end. */
  deleteAt: z.number().int(),
});
type SeriesItem = z.infer<typeof SeriesItem>;

/** The readings of each node in the table of the records: a partition a node, an item an hour. */
export class DynamoSeries implements SeriesStore {
  readonly #documents: DynamoDocuments;

  constructor(client: DynamoDBClient, table: string) {
    this.#documents = new DynamoDocuments(client, table);
  }

  async keep(instanceId: string, reading: ProbeReading, now: number): Promise<readonly ProbeReading[]> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const hours = await this.#hours(instanceId, 2, now);
      const before = hours.find(({ hour }) => hour === hourOf(reading.at));
      const added = addReading(instanceId, before, reading, now);
      if (!added.isAdded) return seriesOf(instanceId, hours);
      const condition =
        before === undefined
          ? ABSENT
          : { expression: '#at = :before', names: { '#at': 'at' }, values: { ':before': before.at } };
      if (await this.#documents.put(itemOf(added.hour), condition)) {
        const others = hours.filter((hour) => hour !== before);
        return seriesOf(instanceId, [...others, added.hour]);
      }
    }
    throw new RecordBusyError(
      `The readings of ${instanceId} were written by others ${counted(ATTEMPTS, 'time')} in a row; this one was left out.`,
    );
  }

  async read(instanceId: string, hours: number, now: number): Promise<readonly ProbeReading[]> {
    return seriesOf(instanceId, await this.#hours(instanceId, hours, now));
  }

  async #hours(instanceId: string, hours: number, now: number): Promise<readonly SeriesHour[]> {
    const newest = hourOf(now);
    const range = [sortKey(newest - hours + 1), sortKey(newest + 1)] as const;
    const items = await this.#documents.between(partition(instanceId), range, SeriesItem);
    return items.map(({ sk, at, columns, clockAheadSeconds }) => ({
      schema: 'medic.series/1',
      instanceId,
      hour: Number(sk.slice(HOURS.length)),
      at,
      columns,
      ...(clockAheadSeconds === undefined ? {} : { clockAheadSeconds }),
    }));
  }
}

const HOURS = 'hour#';
const partition = (instanceId: string): string => `series#${instanceId}`;
/** Padded, so that the order of the keys is the order in time. */
const sortKey = (hour: number): string => `${HOURS}${String(hour).padStart(8, '0')}`;

/** The item of an hour, as it is written. */
export const itemOf = ({ instanceId, hour, at, columns, clockAheadSeconds }: SeriesHour): SeriesItem => ({
  pk: partition(instanceId),
  sk: sortKey(hour),
  version: RECORD_VERSION,
  at,
  columns,
  ...(clockAheadSeconds === undefined ? {} : { clockAheadSeconds }),
  // The last reading of the hour is kept for so long.
  deleteAt: ((hour + 1 + KEPT_HOURS) * HOUR) / 1_000,
});
