import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { DurableRuntime } from '../../../local/lambda-host/durable-runtime.ts';
import { APPROVER, CHANNEL } from '../../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../../local/slack/server.ts';
import { catalogue } from '../../../runbooks/index.ts';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { DynamoNodeReadings } from '../../../src/adapters/dynamo/node-readings.ts';
import { runbookTexts } from '../../../src/adapters/runbook-texts.ts';
import { SlackNotifier } from '../../../src/adapters/slack-notifier.ts';
import { unpack } from '../../../src/adapters/unpack.ts';
import { openIncident } from '../../../src/core/incident/open-incident.ts';
import type { Notifier } from '../../../src/core/notifier.ts';
import type { Clock, CollectCommands, IncidentStore, RemediateCommands } from '../../../src/core/ports.ts';
import type { IncidentHead, IncidentState } from '../../../src/core/record/incident.ts';
import { remediateNodes } from '../../../src/core/remediation/remediate-nodes.ts';
import { pseudonymKey, pseudonymsUnder } from '../../../src/core/trace/pseudonyms.ts';
import { FREE_PACE, startTable, TABLE } from '../../unit/adapters/support.ts';
import { buildAlarm } from '../../unit/support/diagnoses.ts';
import { clicked } from './clicked.ts';
import { BOT_TOKEN, loadIncidentWorkflow } from './incident-workflow.ts';
import { modelCommands } from './model-commands.ts';
import { ModelNode } from './model-node.ts';
import { Reaper } from './mortal.ts';
import { replacing } from './replacing.ts';
import { until } from './until.ts';
import { WAIT_SECOND_MS, WORKFLOW_TIMES } from './wait-second.ts';

const READER = 'U0ANYBODY1';

/** Where incidents live whose functions are killed. */
export interface MortalWorld {
  readonly names: readonly string[];
  readonly table: Awaited<ReturnType<typeof startTable>>;
  readonly slack: LocalSlack;
  readonly runtime: DurableRuntime;
  readonly incidentWorkflow: Awaited<ReturnType<typeof loadIncidentWorkflow>>;
  /** What changes the nodes of each incident, by its name. */
  readonly remediate: Map<string, (event: unknown) => Promise<unknown>>;
  readonly close: () => Promise<void>;
}

/** @param names of the incidents that will live in it */
export async function startMortalWorld(names: readonly string[]): Promise<MortalWorld> {
  const table = await startTable();
  const slack = await startSlack({
    botToken: BOT_TOKEN,
    signingSecret: 'secret',
    interactivityUrl: () => undefined,
    labels: { nodes: 'none' },
    secondMs: 1,
  });
  const remediate = new Map<string, (event: unknown) => Promise<unknown>>();
  const invocable = names.map((name) => [name, (event: unknown) => remediate.get(name)?.(event)] as const);
  const runtime = new DurableRuntime(new Map(invocable), WAIT_SECOND_MS);
  await runtime.open();
  const incidentWorkflow = await loadIncidentWorkflow();
  const close = async () => {
    await slack.close();
    await table.close();
  };
  return { names, table, slack, runtime, incidentWorkflow, remediate, close };
}

/** What stands in the way of an incident: which ports are watched on their way to the real ones. */
export interface Watches {
  readonly store?: (real: IncidentStore) => Partial<IncidentStore>;
  readonly notifier?: (real: Notifier) => Partial<Notifier>;
  /** Another time than that of the machine. */
  readonly clock?: Clock;
  readonly commands?: (
    real: CollectCommands & RemediateCommands,
  ) => Partial<CollectCommands & RemediateCommands>;
}

/** One incident on three nodes of its own, whose function a reaper may kill. */
export class MortalIncident {
  readonly nodes: readonly ModelNode[];
  readonly id: string;
  readonly kept = new Map<string, string>();
  ended: Promise<unknown>;
  readonly store: DynamoIncidentStore;
  private readonly name: string;
  private readonly reaper: Reaper;
  private readonly world: MortalWorld;
  private readonly ports: ReturnType<MortalIncident['portsOf']>;

  /** @param name one of those that the world was started with */
  constructor(world: MortalWorld, name: string, reaper: Reaper, watches: Watches = {}) {
    this.world = world;
    this.name = name;
    this.reaper = reaper;
    const index = world.names.indexOf(name);
    this.nodes = [1, 2, 3].map((each) => new ModelNode(900 + index * 10 + each));
    this.store = new DynamoIncidentStore(world.table.client, TABLE, { nodeLockSeconds: 600 });
    this.ports = this.portsOf(watches);
    const alarm = buildAlarm({
      arn: `${buildAlarm().arn}-killed-${name}`,
      changedAt: new Date().toISOString(),
    });
    const head = openIncident(alarm, new Date().toISOString());
    this.id = head.id;
    this.ended = this.start(head);
  }

  /** Messages of the channel that are its card. */
  cards() {
    return this.world.slack.workspace
      .channelAs(READER)
      .filter(({ metadata }) => metadata?.event_payload['incident'] === this.id);
  }

  /** What stands in the thread, the first words of each message. */
  async thread(): Promise<string[]> {
    const { card } = await this.head();
    return this.world.slack.workspace.threadAs(READER, card?.message ?? '').map(({ text }) => text);
  }

  async head(): Promise<IncidentHead> {
    const head = await this.store.head(this.id);
    if (head === undefined) throw new Error(`There is no incident ${this.id}.`);
    return head;
  }

  async reach(...states: IncidentState[]): Promise<IncidentHead> {
    let head: IncidentHead | undefined;
    await until(
      async () => {
        head = await this.store.head(this.id);
        return head !== undefined && states.includes(head.state);
      },
      () => `The incident is ${head?.state}: ${JSON.stringify(head?.transitions.at(-1))}`,
    );
    return await this.head();
  }

  async click(kind: 'apply-all' | 'rollback'): Promise<void> {
    const updated = await this.store.update(this.id, (head) => clicked(head, kind));
    if (!updated.ok) throw new Error(updated.refusal);
    const { head } = updated;
    if (kind === 'rollback') this.ended = this.run({ rollback: head.decisions.length }, 'rollback');
    else await this.world.runtime.callbacks.succeed(head.callback?.id ?? '', '');
  }

  /** Another execution goes on where the one before has stopped for good. */
  takeUp(number: number): void {
    this.ended = this.run({ takeUp: number }, `take-up-${number}`);
  }

  private async start(head: IncidentHead): Promise<unknown> {
    await this.store.open(head);
    this.world.remediate.set(this.name, async (event) => {
      const { incidentId, ...order } = event as { incidentId: string } & Parameters<typeof remediateNodes>[2];
      return await remediateNodes(
        {
          ...this.ports,
          proof: { refuse: async () => undefined },
          pause: (seconds: number) => sleep(seconds * 1000),
          approvers: [APPROVER.id],
        },
        incidentId,
        order,
        'r'.repeat(16),
      );
    });
    return await this.run({}, 'heal');
  }

  private portsOf(watches: Watches) {
    const commands = modelCommands(this.nodes, () => undefined);
    const client = new WebClient(BOT_TOKEN, {
      slackApiUrl: this.world.slack.apiUrl,
      retryConfig: { retries: 0 },
    });
    const clock = watches.clock ?? { now: () => Date.now() };
    const notifier = new SlackNotifier(client, CHANNEL.id, clock, catalogue, FREE_PACE);
    const keep = async (key: string, content: string | Uint8Array) => {
      this.kept.set(key, String(content));
      return `mem:${key}`;
    };
    return {
      store: replacing(this.store, watches.store?.(this.store)),
      readings: new DynamoNodeReadings(this.world.table.client, TABLE),
      traces: commands,
      pseudonymsOf: async () => pseudonymsUnder(pseudonymKey('secret', this.id)),
      unpack,
      commands: replacing<CollectCommands & RemediateCommands>(commands, watches.commands?.(commands)),
      notifier: replacing<Notifier>(notifier, watches.notifier?.(notifier)),
      clock,
      log: () => {},
      catalogue,
      runbookTexts,
      fleet: {
        resolve: async () => ({
          nodes: this.nodes.map(({ instanceId }) => ({ instanceId })),
          gaps: [],
        }),
      },
      evidence: { put: keep, putOnce: keep },
      workflows: { wake: async () => false },
      remediateFunction: this.name,
      patienceSeconds: 30,
      ...WORKFLOW_TIMES,
    };
  }

  private async run(payload: object, name: string): Promise<unknown> {
    const handler = this.reaper.mortal(this.world.incidentWorkflow(this.ports));
    const event = JSON.stringify({ incidentId: this.id, ...payload });
    return await this.world.runtime.start('arn:incident', handler, event, `${this.id}-${name}`).ended;
  }
}
