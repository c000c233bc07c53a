import { exposition } from '../../src/core/sweep/exposition.ts';
import type { RecordsOptions } from '../deployment/find-history.ts';
import { sweepRecords } from '../deployment/sweep-records.ts';
import { print } from '../output.ts';

/** `medic export`: what the newest sweep found, in Prometheus' text format. */
export async function runExport(options: RecordsOptions): Promise<void> {
  const records = await sweepRecords(options);
  print(exposition(await records.report()));
}
