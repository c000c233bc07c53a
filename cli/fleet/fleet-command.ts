import { setTimeout as sleep } from 'node:timers/promises';
import { fleetTable } from '../../src/core/fleet/table.ts';
import type { StoredSweep } from '../../src/core/sweep/found.ts';
import { ago } from '../../src/core/words.ts';
import type { RecordsOptions } from '../deployment/find-history.ts';
import { sweepRecords } from '../deployment/sweep-records.ts';
import { print, printJson } from '../output.ts';

interface FleetOptions extends RecordsOptions {
  readonly json?: true;
  readonly watch?: true;
}

/** Seconds between two looks of `--watch`: a sweep is minutes away, and whoever waits for it should not wait much longer. */
const WATCH_SECONDS = 10;

/** `medic fleet`: all nodes as the newest sweep saw them, those that are full first, as a table or as `medic.fleet/1` JSON. */
export async function runFleet(options: FleetOptions): Promise<void> {
  const records = await sweepRecords(options);
  for (;;) {
    const swept = await records.report();
    if (options.json === true) printJson(swept.report);
    else print(textOf(swept, Date.now()));
    if (options.watch !== true) return;
    await sleep(WATCH_SECONDS * 1_000);
    if (process.stdout.isTTY && options.json !== true) console.clear();
  }
}

function textOf({ startedAt, report }: StoredSweep, now: number): string {
  const age = Math.max(0, Math.round((now - startedAt) / 1_000));
  return `Swept ${ago(age)} ago. ${fleetTable(report)}`;
}
