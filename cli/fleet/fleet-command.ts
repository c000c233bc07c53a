import { setTimeout as sleep } from 'node:timers/promises';
import { fleetTable } from '../../src/core/fleet/table.ts';
import { drawnSeries } from '../../src/core/sweep/fleet-page.ts';
import type { StoredSweep } from '../../src/core/sweep/found.ts';
import { ago, withoutStop } from '../../src/core/words.ts';
import { renderFleetPage } from '../../src/page/fleet.ts';
import type { RecordsOptions } from '../deployment/find-history.ts';
import { type SweepRecords, sweepRecords } from '../deployment/sweep-records.ts';
import { print, printJson } from '../output.ts';
import { writePage } from '../page-file.ts';

interface FleetOptions extends RecordsOptions {
  readonly json?: true;
  readonly watch?: true;
  readonly output?: string;
  readonly open?: true;
}

/** Seconds between two looks of `--watch`: a sweep is minutes away, and whoever waits for it should not wait much longer. */
const WATCH_SECONDS = 10;

/**
 * `medic fleet`: all nodes as the newest sweep saw them, those that are full first, as a table, as `medic.fleet/1` JSON, or as a page
 * with charts.
 */
export async function runFleet(options: FleetOptions): Promise<void> {
  const records = await sweepRecords(options);
  if (options.output !== undefined || options.open === true) return await writeFleetPage(records, options);
  for (;;) {
    const swept = await records.report();
    if (options.json === true) printJson(swept.report);
    else print(textOf(swept, Date.now()));
    if (options.watch !== true) return;
    await sleep(WATCH_SECONDS * 1_000);
    if (process.stdout.isTTY && options.json !== true) console.clear();
  }
}

async function writeFleetPage(records: SweepRecords, { output, open }: FleetOptions): Promise<void> {
  const swept = await records.report();
  const now = Date.now();
  const series = await drawnSeries(swept, (instanceId, hours) => records.readings(instanceId, hours, now));
  const page = renderFleetPage(swept, series);
  await writePage(page, {
    file: output ?? 'fleet.html',
    of: 'the fleet',
    ...(open === true ? { open } : {}),
  });
}

function textOf({ startedAt, report, fault }: StoredSweep, now: number): string {
  const age = Math.max(0, Math.round((now - startedAt) / 1_000));
  const unread = fault === undefined ? '' : `Not all samples came: ${withoutStop(fault)}.\n`;
  return `${unread}Swept ${ago(age)} ago. ${fleetTable(report)}`;
}
