import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nodeCount } from '../../src/core/words.ts';
import type { DayBefore, DayService } from '../demo-nodes.ts';
import { dashboardPage } from './dashboard/page.ts';
import { printedMetrics } from './dashboard/printed.ts';
import { dashboardTemplate } from './dashboard/template.ts';
import { SWEEPS } from './day.ts';
import type { DayClock } from './node.ts';

const MINUTE = 60_000;

/** Half a day that ends now: each sweep looks at a moment of it, one after the other, until the present is reached. */
export class FleetDay implements DayBefore, DayClock {
  #behindMs = (SWEEPS[0] ?? 0) * MINUTE;
  #endedAt: number | undefined;

  /** Minutes until the alarm; below zero after it. */
  readonly before = (): number =>
    this.#endedAt === undefined ? this.#behindMs / MINUTE : (this.#endedAt - Date.now()) / MINUTE;

  async pass(service: DayService, interrupted: AbortSignal): Promise<void> {
    service.say(
      `the day begins ${hours(SWEEPS[0] ?? 0)} ago; the sweep looks every half an hour, later every quarter`,
    );
    for (const before of SWEEPS) {
      if (interrupted.aborted) return;
      this.#behindMs = before * MINUTE;
      const swept = await service.sweep(this.#behindMs);
      await drawDashboard(service);
      if (before % 120 === 0 && before > 0) service.say(`${hours(before)} before the alarm: ${words(swept)}`);
    }
    // What a warning has read moments ago is hours old by the clock of the day.
    await service.outdate();
    this.#endedAt = Date.now();
  }

  async look(service: DayService): Promise<void> {
    await service.sweep();
    await drawDashboard(service);
  }
}

const hours = (minutes: number): string => `${minutes / 60} h`;

function words(swept: unknown): string {
  const { nodes, unseen } = Object(swept) as { nodes?: unknown; unseen?: unknown };
  return typeof nodes === 'number'
    ? `${nodeCount(nodes)} swept, ${String(unseen)} not seen`
    : 'the sweep is busy';
}

/** Draws the stack's dashboard with what the sweep has printed so far. */
async function drawDashboard({ log, page }: DayService): Promise<void> {
  const lines = printedMetrics(await readFile(log, 'utf8'));
  await mkdir(dirname(page.file), { recursive: true });
  await writeFile(page.file, dashboardPage(await dashboardTemplate(), lines));
}
