import { rm } from 'node:fs/promises';
import { type LocalService, startService } from '../../../local/demo/service.ts';
import { openWorkDir } from '../../../local/demo/work-dir.ts';
import { ModelNode } from './model-node.ts';
import { nodesUnderTest } from './nodes-under-test.ts';
import { Patient } from './patient.ts';

/** The whole service, started once, with a supply of alarms that each have nodes of their own. */
export class Scenario {
  readonly service: LocalService;
  /** Invocations that failed with nobody waiting for them. */
  readonly failures: string[];
  private readonly supply: Map<number, Patient[]>;
  private readonly workDir: string;

  private constructor(
    service: LocalService,
    supply: Map<number, Patient[]>,
    failures: string[],
    workDir: string,
  ) {
    this.service = service;
    this.supply = supply;
    this.failures = failures;
    this.workDir = workDir;
  }

  /**
   * @param groups sizes of the groups of nodes, one alarm each
   * @param environment overrides of single variables of the functions
   * @param secondMs length of a second of a script's time limit
   */
  static async start(
    groups: readonly number[],
    environment: Readonly<Record<string, string>> = {},
    secondMs = 1000,
  ): Promise<Scenario> {
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
      secondMs,
      // Many incidents at once on a busy machine: how fast a click is answered is not what is tested.
      slackPatienceMs: 30_000,
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
        ...environment,
      },
      onFailure: (why) => failures.push(why),
    });
    const supply = new Map<number, Patient[]>();
    for (const { alarm, nodes } of alarms) {
      const patient = new Patient(service, alarm, nodes);
      supply.set(nodes.length, [...(supply.get(nodes.length) ?? []), patient]);
    }
    return new Scenario(service, supply, failures, workDir);
  }

  /** Takes an alarm that nobody has used yet. */
  take(nodes: number): Patient {
    const patient = this.supply.get(nodes)?.pop();
    if (patient === undefined) throw new Error(`No alarm with ${nodes} nodes is left in this scenario.`);
    return patient;
  }

  async close(): Promise<void> {
    await this.service.close();
    await rm(this.workDir, { recursive: true, force: true });
  }
}
