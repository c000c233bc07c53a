import { DynamoSeries } from '../../src/adapters/dynamo/series.ts';
import { DynamoSweepState } from '../../src/adapters/dynamo/sweep-state.ts';
import { ForeignItemError, NewerItemError } from '../../src/adapters/errors.ts';
import type { ProbeReading } from '../../src/core/fleet/reading.ts';
import type { StoredSweep } from '../../src/core/sweep/found.ts';
import { InputError, NotReachedError } from '../errors.ts';
import { reasonOf } from '../failure.ts';
import { type Records, type RecordsOptions, recordsAt } from './find-history.ts';

/** What the sweep left, in a deployment or in a demo. */
export interface SweepRecords {
  /** @throws InputError where no sweep has run; NotReachedError where the table could not be read */
  report(): Promise<StoredSweep>;
  /** The readings of a node over so many hours up to now, in order of time. */
  readings(instanceId: string, hours: number, now: number): Promise<readonly ProbeReading[]>;
}

/** Opens what the sweep of a deployment left, or of the demo on this machine. */
export async function sweepRecords(options: RecordsOptions): Promise<SweepRecords> {
  const from = await recordsAt(options);
  const state = new DynamoSweepState(from.client, from.table);
  const series = new DynamoSeries(from.client, from.table);
  return {
    report: async () => {
      const report = await readFrom(from, () => state.report());
      if (report !== undefined) return report;
      throw new InputError(
        `No sweep has left anything in ${from.table} yet: it is switched off (sweep in the configuration), or has not run since it was deployed.`,
      );
    },
    readings: (instanceId, hours, now) => readFrom(from, () => series.read(instanceId, hours, now)),
  };
}

async function readFrom<T>({ table }: Records, look: () => Promise<T>): Promise<T> {
  return await look().catch((cause: unknown) => {
    // It was read, and is of another version: its sentence says what to do.
    if (cause instanceof NewerItemError || cause instanceof ForeignItemError) throw cause;
    throw new NotReachedError(
      `The table ${table} could not be read (${reasonOf(cause)}); look at the credentials, --table and --region.`,
      { cause },
    );
  });
}
