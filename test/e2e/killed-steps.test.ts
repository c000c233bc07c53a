import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DurableRuntime } from '../../local/lambda-host/durable-runtime.ts';
import { APPROVER, CHANNEL } from '../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../local/slack/server.ts';
import { catalogue } from '../../runbooks/index.ts';
import { DynamoIncidentStore } from '../../src/adapters/dynamo/incident-store.ts';
import { DynamoNodeReadings } from '../../src/adapters/dynamo/node-readings.ts';
import { runbookTexts } from '../../src/adapters/runbook-texts.ts';
import { SlackNotifier } from '../../src/adapters/slack-notifier.ts';
import { openIncident } from '../../src/core/incident/open-incident.ts';
import type { Notifier } from '../../src/core/notifier.ts';
import type { CollectCommands, IncidentStore, RemediateCommands } from '../../src/core/ports.ts';
import type { IncidentHead, IncidentState } from '../../src/core/record/incident.ts';
import { remediateNodes } from '../../src/core/remediation/remediate-nodes.ts';
import { FREE_PACE, startTable, TABLE } from '../unit/adapters/support.ts';
import { buildAlarm } from '../unit/support/diagnoses.ts';
import { clicked } from './support/clicked.ts';
import { BOT_TOKEN, loadIncidentWorkflow } from './support/incident-workflow.ts';
import { modelCommands } from './support/model-commands.ts';
import { ModelNode } from './support/model-node.ts';
import { Reaper } from './support/mortal.ts';
import { replacing } from './support/replacing.ts';
import { until } from './support/until.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

const READER = 'U0ANYBODY1';
const INCIDENTS = ['after-every-step', 'half-a-collection', 'card-without-address'] as const;

let table: Awaited<ReturnType<typeof startTable>>;
let slack: LocalSlack;
let runtime: DurableRuntime;
let incidentWorkflow: Awaited<ReturnType<typeof loadIncidentWorkflow>>;
const remediate = new Map<string, (event: unknown) => Promise<unknown>>();

beforeAll(async () => {
  table = await startTable();
  slack = await startSlack({
    botToken: BOT_TOKEN,
    signingSecret: 'secret',
    interactivityUrl: () => undefined,
    labels: { nodes: 'none' },
    secondMs: 1,
  });
  const invocable = INCIDENTS.map(
    (name) => [name, (event: unknown) => remediate.get(name)?.(event)] as const,
  );
  runtime = new DurableRuntime(new Map(invocable), WAIT_SECOND_MS);
  await runtime.open();
  incidentWorkflow = await loadIncidentWorkflow();
});
afterAll(async () => {
  await slack.close();
  await table.close();
});

/** What stands in the way of an incident: which ports are watched on their way to the real ones. */
interface Watches {
  readonly store?: (real: IncidentStore) => Partial<IncidentStore>;
  readonly notifier?: (real: Notifier) => Partial<Notifier>;
  readonly commands?: (real: CollectCommands) => Partial<CollectCommands>;
}

/** One incident on three nodes of its own, whose function a reaper may kill. */
class Incident {
  readonly nodes: readonly ModelNode[];
  readonly id: string;
  readonly kept = new Map<string, string>();
  ended: Promise<unknown>;
  readonly store: DynamoIncidentStore;
  private readonly name: (typeof INCIDENTS)[number];
  private readonly reaper: Reaper;
  private readonly ports: ReturnType<Incident['portsOf']>;

  constructor(name: (typeof INCIDENTS)[number], reaper: Reaper, watches: Watches = {}) {
    this.name = name;
    this.reaper = reaper;
    const index = INCIDENTS.indexOf(name);
    this.nodes = [1, 2, 3].map((each) => new ModelNode(900 + index * 10 + each));
    this.store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 600 });
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
    return slack.workspace
      .channelAs(READER)
      .filter(({ metadata }) => metadata?.event_payload['incident'] === this.id);
  }

  /** What stands in the thread, the first words of each message. */
  async thread(): Promise<string[]> {
    const { card } = await this.head();
    return slack.workspace.threadAs(READER, card?.message ?? '').map(({ text }) => text);
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
    else await runtime.callbacks.succeed(head.callback?.id ?? '', '');
  }

  private async start(head: IncidentHead): Promise<unknown> {
    await this.store.open(head);
    remediate.set(this.name, async (event) => {
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
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 0 },
    });
    const clock = { now: () => Date.now() };
    const notifier = new SlackNotifier(client, CHANNEL.id, clock, catalogue, FREE_PACE);
    const keep = async (key: string, text: string) => {
      this.kept.set(key, text);
      return `mem:${key}`;
    };
    return {
      store: replacing(this.store, watches.store?.(this.store)),
      readings: new DynamoNodeReadings(table.client, TABLE),
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
      remediateFunction: this.name,
      sampleSeconds: 1,
      pollSeconds: 1,
      patienceSeconds: 30,
      settleSeconds: 1,
      decisionTimeoutSeconds: 600,
      decisionLifeSeconds: 300,
      dismissalHoldSeconds: 1800,
      driftSeconds: 1,
    };
  }

  private async run(payload: object, name: string): Promise<unknown> {
    const handler = this.reaper.mortal(incidentWorkflow(this.ports));
    const event = JSON.stringify({ incidentId: this.id, ...payload });
    return await runtime.start('arn:incident', handler, event, `${this.id}-${name}`).ended;
  }
}

test('killed once after each of its steps, a workflow does and says everything once', async () => {
  const counted = new Map<string, number>();
  let last = '';
  // Each step is repeated once: what is saved at the second try is not killed again.
  const reaper = new Reaper((step) => {
    if (step === last) {
      last = '';
      return false;
    }
    last = step;
    counted.set(step, (counted.get(step) ?? 0) + 1);
    return true;
  });
  const it = new Incident('after-every-step', reaper);
  await it.reach('awaiting-approval');
  await until(
    async () => (await it.head()).callback !== undefined,
    () => 'Nothing waits for a click.',
  );
  await it.click('apply-all');
  const { remediations } = await it.reach('resolved');
  await it.ended;
  expect(remediations.map(({ outcome, verification }) => [outcome, verification?.passed])).toEqual(
    it.nodes.map(() => ['raised', true]),
  );
  expect(it.nodes.map((node) => node.times('medic-raise'))).toEqual([1, 1, 1]);
  expect(it.cards()).toHaveLength(1);
  const said = await it.thread();
  expect(said.filter((text) => text.startsWith('Runbook: ')).length).toBeGreaterThan(1);
  expect(said.join('\n')).toContain('Looked again');
  expect(said).toEqual([...new Set(said)]);
  expect((await it.head()).drift).toHaveLength(1);

  await it.click('rollback');
  await it.reach('rolled-back');
  await it.ended;
  expect(it.nodes.map((node) => node.times('medic-rollback'))).toEqual([1, 1, 1]);
  const all = await it.thread();
  expect(all).toEqual([...new Set(all)]);
  expect(it.cards()).toHaveLength(1);
  for (const step of ['show card', 'read collection', 'post runbook', 'check drift', 'keep audit', 'verify'])
    expect(reaper.killedAfter).toContain(step);
});

test('a collection that was stored in part is brought to its end, and what was judged first stays', async () => {
  const reaper = new Reaper();
  let stored = 0;
  let looks = 0;
  const it = new Incident('half-a-collection', reaper, {
    store: (real) => ({
      putCollection: async (id, collection) => {
        if (++stored === 2) await reaper.kill();
        await real.putCollection(id, collection);
      },
    }),
    commands: (real) => ({
      // Of what the first look did not see, the next one sees something.
      outputs: async (id, instanceIds) => {
        const outputs = await real.outputs(id, instanceIds);
        if (++looks > 1) return outputs;
        return outputs.map((output, index) =>
          index > 0
            ? output
            : { instanceId: output.instanceId, kind: 'none', why: 'No answer yet.', ran: true },
        );
      },
    }),
  });
  await it.reach('awaiting-approval');
  const { collections = [] } = (await it.store.load(it.id)) ?? {};
  const byNode = new Map(collections.map((one) => [one.instanceId, one]));
  expect(it.nodes.map(({ instanceId }) => byNode.get(instanceId)?.outcome.kind)).toEqual([
    'failed',
    'diagnosed',
    'diagnosed',
  ]);
  // No text is kept of what was judged as not there.
  expect([...it.kept.keys()].filter((key) => key.includes(it.nodes[0]?.instanceId ?? ''))).toEqual([]);
});

test('a card whose function died before it noted the address is found again', async () => {
  const reaper = new Reaper();
  let shown = 0;
  const it = new Incident('card-without-address', reaper, {
    notifier: (real) => ({
      showCard: async (incident, isRepeat) => {
        const card = await real.showCard(incident, isRepeat);
        if (++shown === 1) await reaper.kill();
        return card;
      },
    }),
  });
  const { card } = await it.reach('awaiting-approval');
  await until(
    () => JSON.stringify(it.cards()[0]?.attachments).includes('Apply to 1 node'),
    () => 'The card has no button.',
  );
  expect(it.cards().map(({ ts }) => ts)).toEqual([card?.message]);
});
