import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type LocalService, startService } from '../../../local/demo/service.ts';
import { openWorkDir } from '../../../local/demo/work-dir.ts';
import { ModelNode } from './model-node.ts';
import { nodesUnderTest } from './nodes-under-test.ts';
import { Patient } from './patient.ts';
import { SLACK_SECOND_MS, WAIT_SECOND_MS } from './wait-second.ts';

/** What a service of its own may have otherwise than the shared one. */
interface ServiceOptions {
  /** Overrides of single variables of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  readonly secondMs?: number;
  readonly waitSecondMs?: number;
  readonly reconcileSeconds?: number;
}

/** Alarms that nobody has used yet, by how many nodes they have. */
type Supply = Map<number, Patient[]>;

/** A service with everything that its tests have to know of it. */
interface Started {
  readonly service: LocalService;
  readonly supply: Supply;
  readonly failures: string[];
  readonly workDir: string;
}

/** More alarms of each size than the files of one worker take together; a file that finds none starts a service of its own. */
const SHARED_GROUPS = Object.entries({ 1: 64, 3: 24, 6: 4, 16: 4, 53: 1 }).flatMap(([size, count]) =>
  Array.from({ length: count }, () => Number(size)),
);

let shared: Promise<Started> | undefined;

/** The whole service with a supply of alarms that each have nodes of their own. */
export class Scenario {
  readonly service: LocalService;
  /** Invocations that failed with nobody waiting for them. */
  readonly failures: string[];
  private readonly supply: Supply;
  private readonly stop: () => Promise<void>;

  private constructor(service: LocalService, supply: Supply, failures: string[], stop: () => Promise<void>) {
    this.service = service;
    this.supply = supply;
    this.failures = failures;
    this.stop = stop;
  }

  /**
   * Without any override it is the one service of this worker, which its files share one after the other: a start costs
   * more than most tests. Alarms, nodes and incidents are of one test alone all the same; the channel is everybody's.
   * @param groups sizes of the groups of nodes, one alarm each
   * @param environment overrides of single variables of the functions
   * @param secondMs length of a second of a script's time limit
   * @param waitSecondMs length of a second of a wait of the workflow, where it is a service of its own
   */
  static async start(
    groups: readonly number[],
    environment: Readonly<Record<string, string>> = {},
    secondMs = 1000,
    waitSecondMs = 1000,
  ): Promise<Scenario> {
    if (Object.keys(environment).length === 0 && secondMs === 1000) {
      shared ??= startShared();
      const { service, supply, failures } = await shared;
      const own = reserve(supply, groups);
      if (own !== undefined) {
        failures.splice(0);
        return new Scenario(service, own, failures, async () => {});
      }
    }
    return Scenario.startOwn(groups, { environment, secondMs, waitSecondMs });
  }

  /**
   * A service of its own in which the reconciler has no schedule: for who writes into the table what no click stored, or shows that
   * something happens at once, which the reconciler would take up within the minute.
   */
  static startUnattended(
    groups: readonly number[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Scenario> {
    return Scenario.startOwn(groups, { environment, reconcileSeconds: 0 });
  }

  private static async startOwn(groups: readonly number[], options: ServiceOptions): Promise<Scenario> {
    const { service, supply, failures, workDir } = await startOn(groups, options);
    return new Scenario(service, supply, failures, async () => {
      await service.close();
      await rm(workDir, { recursive: true, force: true });
    });
  }

  /** Takes an alarm that nobody has used yet. */
  take(nodes: number): Patient {
    const patient = this.supply.get(nodes)?.pop();
    if (patient === undefined) throw new Error(`No alarm with ${nodes} nodes is left in this scenario.`);
    return patient;
  }

  async close(): Promise<void> {
    await this.stop();
  }
}

/** What nobody looks at again: that a raise holds is another file's matter, and its incident is not disturbed by it. */
const NO_LATER_LOOK = { MEDIC_DRIFT_SECONDS: '86400' };

/** It lives as long as its worker, which vitest ends with SIGTERM; the process that plays Lambda ends with it. */
async function startShared(): Promise<Started> {
  const started = await startOn(SHARED_GROUPS, { environment: NO_LATER_LOOK, waitSecondMs: WAIT_SECOND_MS });
  process.once('SIGTERM', () => {
    rmSync(started.workDir, { recursive: true, force: true });
    // Without this listener the signal does what it does by itself.
    process.kill(process.pid, 'SIGTERM');
  });
  return started;
}

/** Takes alarms of these sizes out of a supply, or none where they are not all in it. */
function reserve(supply: Supply, groups: readonly number[]): Supply | undefined {
  const taken: Supply = new Map();
  for (const size of new Set(groups)) {
    const wanted = groups.filter((one) => one === size).length;
    const left = supply.get(size) ?? [];
    if (left.length < wanted) return undefined;
    taken.set(size, left.slice(-wanted));
  }
  for (const [size, { length }] of taken) supply.get(size)?.splice(-length);
  return taken;
}

async function startOn(groups: readonly number[], options: ServiceOptions): Promise<Started> {
  let index = 0;
  const alarms = groups.map((size, position) => ({
    alarm: `alarm-${position + 1}`,
    nodes: Array.from({ length: size }, () => new ModelNode(++index, `group-${position + 1}`)),
  }));
  const workDir = await openWorkDir();
  const failures: string[] = [];
  const service = await startService({
    nodes: nodesUnderTest(
      'model nodes of the tests',
      alarms.flatMap(({ nodes }) => nodes),
    ),
    workDir,
    port: 0,
    ...options,
    // Many incidents at once on a busy machine: how fast a click is answered is not what is tested.
    slackPatienceMs: 30_000,
    slackSecondMs: SLACK_SECOND_MS,
    environment: {
      MEDIC_SAMPLE_SECONDS: '2',
      MEDIC_SETTLE_SECONDS: '1',
      MEDIC_ALARM_TARGETS: JSON.stringify(
        alarms.map(({ alarm, nodes }, position) => ({
          alarm,
          group: { cluster: 'shop', nodeGroup: `group-${position + 1}` },
          instanceIds: nodes.map(({ instanceId }) => instanceId),
        })),
      ),
      ...options.environment,
    },
    onFailure: (why) => failures.push(why),
  });
  const supply: Supply = new Map();
  for (const { alarm, nodes } of alarms) {
    const patient = new Patient(service, alarm, nodes);
    supply.set(nodes.length, [...(supply.get(nodes.length) ?? []), patient]);
  }
  return { service, supply, failures, workDir };
}
