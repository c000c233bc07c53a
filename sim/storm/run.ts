import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { alarmArn } from '../../local/demo/alarm-event.ts';
import { type LocalService, startService } from '../../local/demo/service.ts';
import { openWorkDir } from '../../local/demo/work-dir.ts';
import type { IncidentHead } from '../../src/core/record/incident.ts';
import { randomOf } from '../random.ts';
import { deliverAll, deliverCalmly } from './deliver.ts';
import { type Delivery, stormOf } from './events.ts';
import { CAUSES, StormNode } from './nodes.ts';

/** How large a storm is. */
export interface Storm {
  readonly events: number;
  readonly seconds: number;
  readonly nodes: number;
  readonly alarms: number;
}

/** What came of it. */
export interface StormResult {
  readonly storm: Storm;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly memoryMiB: number;
  /** Incidents by the state that they were in at the end. */
  readonly incidents: Readonly<Record<string, number>>;
  readonly cards: number;
  readonly posts: number;
  readonly edits: number;
  readonly refusedBySlack: number;
  readonly commands: number;
  readonly nodesAsked: number;
  readonly collections: number;
  readonly mostOfOneNode: number;
  readonly mostAtOnce: number;
  /** Different firings, and of them those that no incident counts. */
  readonly firings: number;
  readonly lost: number;
  /** Deliveries whose function failed, so that Lambda delivered them again, and those that it gave up. */
  readonly delayed: number;
  readonly givenUp: number;
  /** Cards that were still behind their records at the end. */
  readonly owed: number;
  /** Milliseconds from the time at which a state change arrives until its function begins, with so many at once on one process. */
  readonly queued: Spread;
  /** Milliseconds that the function takes then, beside the others in its process. */
  readonly busy: Spread;
  /** The same after the storm, on the same records and one at a time: what a delivery costs by itself. */
  readonly calm: Spread;
}

/** Of many measured times the middle one and the one that 99 of 100 are below. */
interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/** Nodes that an alarm names. */
const NODES_OF_ALARM = 5;
/** A second of Slack's limits, in milliseconds: what is measured is how much is said, not how long a channel takes to take it. */
const SLACK_SECOND_MS = 20;
/** After so long without a write everything has been done, in milliseconds; and how long is waited for that at most. */
const QUIET_MS = 10_000;
const LONGEST_MS = 240_000;

/** Has the built functions go through a storm on this machine. */
export async function runStorm(storm: Storm, seed: number): Promise<StormResult> {
  const random = randomOf(seed);
  const nodes = Array.from(
    { length: storm.nodes },
    (_, index) => new StormNode(index + 1, causeOf(index, storm), `group-${groupOf(index, storm)}`),
  );
  const alarms = Array.from({ length: storm.alarms }, (_, index) => {
    const own = nodes.filter((_node, at) => groupOf(at, storm) === index % CAUSES.length);
    const instanceIds = new Set<string>();
    while (instanceIds.size < Math.min(NODES_OF_ALARM, own.length))
      instanceIds.add(own[Math.floor(random.between(0, own.length))]?.instanceId ?? '');
    return { alarm: `storm-${index + 1}`, instanceIds: [...instanceIds] };
  });
  const deliveries = stormOf({ ...storm, alarms: alarms.map(({ alarm }) => alarm) }, random);
  const counts = { posts: 0, edits: 0, sent: 0 };
  const workDir = await openWorkDir();
  const cpuBefore = process.cpuUsage();
  const service = await startService({
    nodes: {
      label: 'nodes of a storm',
      nodes,
      alarm: { name: 'unused', reason: '' },
      before: async () => [],
      evidenceOfHealing: async () => ({ healed: false, lines: [] }),
      close: async () => {},
    },
    workDir,
    port: 0,
    slackSecondMs: SLACK_SECOND_MS,
    slackPatienceMs: 30_000,
    environment: {
      MEDIC_ALARM_TARGETS: JSON.stringify(
        alarms.map((target, index) => ({
          ...target,
          group: { cluster: 'shop', nodeGroup: `group-${index % CAUSES.length}` },
        })),
      ),
    },
    onFailure: (why) => console.error(why),
  });
  try {
    service.faults.slack = (method) => {
      if (method === 'chat.postMessage') counts.posts += 1;
      if (method === 'chat.update') counts.edits += 1;
      return false;
    };
    service.faults.commands = (operation) => {
      if (operation === 'SendCommand') counts.sent += 1;
      return undefined;
    };
    return await measure({ storm, service, deliveries, nodes, counts, cpuBefore });
  } finally {
    await service.close();
    await rm(workDir, { recursive: true, force: true });
  }
}

const groupOf = (index: number, { nodes }: Storm): number => Math.floor((index * CAUSES.length) / nodes);

function causeOf(index: number, storm: Storm) {
  const cause = CAUSES[groupOf(index, storm)];
  if (cause === undefined) throw new Error(`There is no cause for node ${index}.`);
  return cause;
}

interface Measured {
  readonly storm: Storm;
  readonly service: LocalService;
  readonly deliveries: readonly Delivery[];
  readonly nodes: readonly StormNode[];
  readonly counts: { readonly posts: number; readonly edits: number; readonly sent: number };
  readonly cpuBefore: NodeJS.CpuUsage;
}

async function measure({
  storm,
  service,
  deliveries,
  nodes,
  counts,
  cpuBefore,
}: Measured): Promise<StormResult> {
  const ids = new Set<string>();
  let writtenAt = Date.now();
  service.subscribe((partition) => {
    writtenAt = Date.now();
    if (partition.startsWith('inc-')) ids.add(partition);
  });
  const began = Date.now();
  const { queued, busy, delayed, givenUp } = await deliverAll(service, deliveries, began);
  const until = Date.now() + LONGEST_MS;
  let owed = 0;
  while (Date.now() < until) {
    await sleep(1000);
    if (Date.now() - writtenAt < QUIET_MS) continue;
    owed = await behind(service, ids);
    if (owed === 0) break;
  }
  const heads = await headsOf(service, ids);
  const firings = new Set(
    deliveries.flatMap(({ alarm, state, at }) => (state === 'ALARM' ? [`${alarm} ${at}`] : [])),
  );
  const collections = nodes.map((node) => node.collections);
  const result = {
    storm,
    wallSeconds: (Date.now() - began) / 1000,
    ...resourcesOf(cpuBefore),
    incidents: countBy(heads.map(({ state }) => state)),
    cards: heads.filter(({ card }) => card !== undefined).length,
    posts: counts.posts,
    edits: counts.edits,
    refusedBySlack: service.slack.refusedCalls(),
    commands: counts.sent,
    nodesAsked: collections.filter((times) => times > 0).length,
    collections: collections.reduce((sum, times) => sum + times, 0),
    mostOfOneNode: Math.max(...collections),
    mostAtOnce: Math.max(...nodes.map((node) => node.mostAtOnce)),
    firings: firings.size,
    lost: lostOf(deliveries, heads, began),
    delayed,
    givenUp,
    owed,
    queued: spreadOf(queued),
    busy: spreadOf(busy),
  };
  // Whatever this changes is not of the storm any more.
  return { ...result, calm: spreadOf(await deliverCalmly(service, deliveries, began)) };
}

function spreadOf(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return { p50: at(0.5), p99: at(0.99) };
}

async function headsOf(service: LocalService, ids: ReadonlySet<string>): Promise<readonly IncidentHead[]> {
  const heads: IncidentHead[] = [];
  for (const id of ids) {
    const head = await service.store.head(id);
    if (head !== undefined) heads.push(head);
  }
  return heads;
}

/** Incidents whose card is not what their record says. */
async function behind(service: LocalService, ids: ReadonlySet<string>): Promise<number> {
  let owed = 0;
  for (const id of ids) if ((await service.store.cardView(id))?.owedSince !== undefined) owed += 1;
  return owed;
}

/** Alarms whose last firing no incident of theirs has counted. */
function lostOf(deliveries: readonly Delivery[], heads: readonly IncidentHead[], began: number): number {
  const last = new Map<string, number>();
  for (const { alarm, state, at } of deliveries)
    if (state === 'ALARM') last.set(alarm, Math.max(at, last.get(alarm) ?? 0));
  let lost = 0;
  for (const [alarm, at] of last) {
    const firedAt = new Date(began + at).toISOString();
    const own = heads.filter((head) => head.alarm.arn === alarmArn(alarm));
    if (!own.some(({ seen }) => seen.lastAt >= firedAt)) lost += 1;
  }
  return lost;
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** CPU and memory of this process, which plays the services of AWS and Slack, and of the one in which the functions run. */
function resourcesOf(before: NodeJS.CpuUsage): { cpuSeconds: number; memoryMiB: number } {
  const { user, system } = process.cpuUsage(before);
  const child = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')[0] ?? '';
  const fields = readFileSync(`/proc/${child}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const childSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1];
  return {
    cpuSeconds: (user + system) / 1e6 + childSeconds,
    memoryMiB: Math.round(Number(peak ?? 0) / 1024),
  };
}
