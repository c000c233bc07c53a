import { embeddedMetrics } from '../../src/adapters/embedded-metrics.ts';
import { WARNING_HOURS } from '../../src/core/fleet/hours.ts';
import { readProbe } from '../../src/core/fleet/probe-output.ts';
import type { ProbeReading } from '../../src/core/fleet/reading.ts';
import { HOUR } from '../../src/core/fleet/series.ts';
import type { JudgedSweep } from '../../src/core/sweep/found.ts';
import { sweepGroups } from '../../src/core/sweep/groups.ts';
import { judgeNode } from '../../src/core/sweep/judge.ts';
import { type KeptWarning, warningsToTell } from '../../src/core/sweep/warn.ts';
import { DEMO_GROUP } from '../demo-nodes.ts';
import { type PrintedValue, printedMetrics } from './dashboard/printed.ts';
import { DAY_MINUTES, DROPPED_EACH_SECOND, demandOf, FLEET, type FleetMember } from './day.ts';
import { probeText } from './probe.ts';

const NONCE = 'a1b2c3d4e5f6a7b8';
const MINUTE = 60_000;
/** Minutes between two sweeps. */
const EVERY = 5;
/** Minutes after the alarm at which the nodes with a leak are raised four times, and for which it goes on. */
const AFTER = { raised: 20, end: 120 } as const;

/**
 * What the sweep prints for CloudWatch over the fleet's half a day and two hours after the alarm, in which somebody has clicked:
 * each probe's text is read and judged by the product, with nothing between.
 * @param alarmAt milliseconds since 1970
 */
export async function simulatedMetrics(alarmAt: number): Promise<readonly PrintedValue[]> {
  const series = new Map<string, ProbeReading[]>();
  const store = {
    read: async (instanceId: string, hours: number, now: number) =>
      (series.get(instanceId) ?? []).filter(({ at }) => at > now - hours * HOUR),
  };
  const lines: string[] = [];
  const print = embeddedMetrics((line) => lines.push(line));
  let kept: Readonly<Record<string, KeptWarning>> = {};
  const drops = new Map<string, number>();
  for (let before = DAY_MINUTES; before >= -AFTER.end; before -= EVERY) {
    const now = alarmAt - before * MINUTE;
    const judged: JudgedSweep[] = [];
    for (const member of FLEET) {
      const { instanceId, nodeGroup } = member;
      const all = series.get(instanceId) ?? [];
      if (member.isAway !== true) all.push(readingOf(member, before, now, drops));
      series.set(instanceId, all);
      const node = { instanceId, isOnline: member.isAway !== true, cluster: DEMO_GROUP.cluster, nodeGroup };
      const unseen = member.isAway === true ? { unseen: 'offline' as const } : {};
      const readings = await store.read(instanceId, 2, now);
      judged.push(
        await judgeNode({ node, readings, ...unseen }, kept[instanceId], store, WARNING_HOURS, now),
      );
    }
    kept = warningsToTell(judged, kept, now).kept;
    print(sweepGroups(judged, 0), now);
  }
  return printedMetrics(lines.join('\n'));
}

function readingOf(
  member: FleetMember,
  before: number,
  at: number,
  drops: Map<string, number>,
): ProbeReading {
  const isRaised = member.leak !== undefined && before <= -AFTER.raised;
  const max = isRaised ? member.max * 4 : member.max;
  const demand = demandOf(member, before);
  const dropped = drops.get(member.instanceId) ?? 0;
  if (demand >= max) drops.set(member.instanceId, dropped + DROPPED_EACH_SECOND * EVERY * 60);
  const text = probeText(member, {
    nonce: NONCE,
    clock: Math.round(at / 1_000),
    count: Math.min(demand, max),
    max,
    buckets: max,
    drops: dropped,
    keptMax: isRaised ? max : undefined,
    incident: '',
  });
  const read = readProbe(text, { nonce: NONCE, at });
  if (!read.isRead) throw new Error(`The fleet's probe is none: ${read.why}.`);
  return read.reading;
}
