import { setTimeout as sleep } from 'node:timers/promises';
import type { DurableLambdaHandler } from '@aws/durable-execution-sdk-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { DurableRuntime } from '../../local/lambda-host/durable-runtime.ts';
import { APPROVER } from '../../local/slack/people.ts';
import { catalogue } from '../../runbooks/index.ts';
import { DynamoIncidentStore } from '../../src/adapters/dynamo/incident-store.ts';
import { DynamoNodeReadings } from '../../src/adapters/dynamo/node-readings.ts';
import { runbookTexts } from '../../src/adapters/runbook-texts.ts';
import { cardOf } from '../../src/core/card/card.ts';
import type { Card } from '../../src/core/card/model.ts';
import { RecordRefusedError } from '../../src/core/errors.ts';
import { decide } from '../../src/core/incident/decide.ts';
import { openIncident } from '../../src/core/incident/open-incident.ts';
import type { IncidentStore } from '../../src/core/ports.ts';
import type { IncidentState } from '../../src/core/record/incident.ts';
import { remediateNodes } from '../../src/core/remediation/remediate-nodes.ts';
import { startTable, TABLE } from '../unit/adapters/support.ts';
import { buildAlarm } from '../unit/support/diagnoses.ts';
import { loadIncidentWorkflow } from './support/incident-workflow.ts';
import { modelCommands } from './support/model-commands.ts';
import { ModelNode } from './support/model-node.ts';
import { until } from './support/until.ts';
import { WAIT_SECOND_MS, WORKFLOW_TIMES } from './support/wait-second.ts';

/** Everything that an incident goes on without, by what refuses it. */
const SIDE_RECORDS = {
  nothing: undefined,
  'the copy of a node’s output': 'the raw output of 1 node',
  'the audit': 'the stored audit',
  'the copy of the plan': 'the stored plan',
  'the runbook': 'the runbook in the thread',
  'how to make it last': 'how to make it last, in the thread',
  'a note': 'a note in the thread',
  'the lock of the alarm': undefined,
  'the lock of a node': undefined,
  'the progress of a command': undefined,
  'the later look': 'the later look',
  'the reading after a rollback': undefined,
} as const;
type SideRecord = keyof typeof SIDE_RECORDS;
const NAMES = Object.keys(SIDE_RECORDS) as SideRecord[];

const REFUSED = 'Access Denied';
let table: Awaited<ReturnType<typeof startTable>>;
let runtime: DurableRuntime;
const remediate = new Map<string, (event: unknown) => Promise<unknown>>();
let incidentWorkflow: Awaited<ReturnType<typeof loadIncidentWorkflow>>;

beforeAll(async () => {
  table = await startTable();
  const invocable = Array.from({ length: INCIDENTS_MOST }, (_, index) => {
    const name = functionOf(index);
    return [name, (event: unknown) => remediate.get(name)?.(event)] as const;
  });
  runtime = new DurableRuntime(new Map(invocable), WAIT_SECOND_MS);
  await runtime.open();
  incidentWorkflow = await loadIncidentWorkflow();
});
afterAll(() => table.close());

/** A function name each, because the runtime knows functions by their names alone. */
const INCIDENTS_MOST = 100;
const functionOf = (index: number): string => `remediate-${index}`;

/** One incident on nodes of its own, with one side record that is refused whenever it is tried. */
class Incident {
  readonly nodes: readonly ModelNode[];
  readonly cards: Card[] = [];
  readonly said: string[] = [];
  readonly id: string;
  ended: Promise<unknown> = Promise.resolve();
  private readonly store: IncidentStore;
  private readonly refused: SideRecord;
  private readonly lookUp: () => Promise<void>;
  private readonly index: number;
  private readonly commands: ReturnType<typeof modelCommands>;

  /** @param lookUp stands for the look for nodes where a test wants it to fail */
  constructor(refused: SideRecord, index: number, lookUp: () => Promise<void> = async () => {}) {
    this.refused = refused;
    this.lookUp = lookUp;
    this.index = index;
    this.nodes = [1, 2, 3].map((each) => new ModelNode(index * 10 + each));
    this.commands = modelCommands(this.nodes, () => {
      const { state } = this.cards.at(-1) ?? {};
      const isRefused =
        (refused === 'the later look' && state === 'resolved') ||
        (refused === 'the reading after a rollback' && state === 'rolling-back');
      return isRefused ? REFUSED : undefined;
    });
    const real = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 600 });
    const isProgress = refused === 'the progress of a command';
    this.store = this.with(isProgress ? withoutProgress(real) : real, {
      putPlan: 'the copy of the plan',
      close: 'the lock of the alarm',
      unlockNode: 'the lock of a node',
    });
    const alarm = buildAlarm({
      arn: `${buildAlarm().arn}-side-${index}`,
      changedAt: new Date().toISOString(),
    });
    const head = openIncident(alarm, new Date().toISOString());
    this.id = head.id;
    this.ended = this.start(head);
  }

  async reach(...states: IncidentState[]): Promise<void> {
    let state: IncidentState | undefined;
    await until(
      () => {
        state = this.cards.at(-1)?.state;
        return state !== undefined && states.includes(state);
      },
      () => `The card is ${state}, not ${states.join(' or ')}: ${this.cards.at(-1)?.lead}`,
    );
  }

  async click(kind: 'apply-all' | 'rollback'): Promise<void> {
    const now = Date.now();
    const { planDigest } = this.cards.at(-1)?.actions[0] ?? {};
    const updated = await this.store.update(this.id, (head) =>
      decide(
        head,
        {
          kind,
          actor: { kind: 'slack-user', id: APPROVER.id, name: APPROVER.name },
          ...(planDigest === undefined ? {} : { planDigest }),
          slack: { team: 'T0', channel: 'C0', message: '1' },
        },
        { now, approvers: [APPROVER.id], evidenceMaxAgeSeconds: 600 },
      ),
    );
    if (!updated.ok) throw new Error(updated.refusal);
    const { head } = updated;
    if (kind === 'rollback')
      this.ended = this.run({ incidentId: this.id, rollback: head.decisions.length }, 'rollback');
    else await runtime.callbacks.succeed(head.callback?.id ?? '', '');
  }

  /** A port of which the named methods are refused when they make what this incident has to go without. */
  private with<T extends object>(real: T, methods: Partial<Record<keyof T & string, SideRecord>>): T {
    const { refused } = this;
    return new Proxy(real, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (methods[name as keyof T & string] === refused && refused !== 'nothing')
          return () => Promise.reject(new Error(REFUSED));
        return typeof method === 'function' ? method.bind(target) : method;
      },
    });
  }

  private async start(head: Parameters<IncidentStore['open']>[0]): Promise<unknown> {
    await this.store.open(head);
    const ports = {
      ...this.both(),
      proof: { refuse: async () => undefined },
      pause: (seconds: number) => sleep(seconds * 1000),
      approvers: [APPROVER.id],
      decisionLifeSeconds: 300,
      pollSeconds: 1,
      patienceSeconds: 30,
    };
    remediate.set(functionOf(this.index), async (event) => {
      const { incidentId, ...order } = event as { incidentId: string } & Parameters<typeof remediateNodes>[2];
      return await remediateNodes(ports, incidentId, order, 'r'.repeat(16));
    });
    return await this.run({ incidentId: this.id }, 'heal');
  }

  /** What the workflow works with and the function that changes nodes. */
  private both() {
    const [readings, clock] = [new DynamoNodeReadings(table.client, TABLE), { now: () => Date.now() }];
    return { store: this.store, readings, commands: this.commands, clock, log: () => {} };
  }

  private async run(payload: object, name: string): Promise<unknown> {
    const note = (what: SideRecord, text: string) => {
      if (this.refused === what) throw new Error(REFUSED);
      this.said.push(text);
    };
    const handler: DurableLambdaHandler = incidentWorkflow({
      patienceSeconds: 30,
      ...this.both(),
      catalogue,
      traces: this.commands,
      pseudonymsOf: async () => () => '?',
      unpack: () => undefined,
      runbookTexts,
      workflows: { wake: async () => false },
      fleet: {
        resolve: async () => {
          await this.lookUp();
          return { nodes: this.nodes.map(({ instanceId }) => ({ instanceId })), gaps: [] };
        },
      },
      evidence: this.with(
        { put: async (key: string) => `mem:${key}`, putOnce: async (key: string) => `mem:${key}` },
        { put: 'the copy of a node’s output', putOnce: 'the audit' },
      ),
      notifier: {
        showCard: async (incident) => {
          this.cards.push(cardOf(incident, catalogue, Date.now()));
          return { channel: 'C0', message: '1' };
        },
        postRunbook: async (_incident, { title }) =>
          note(title === 'Make it last' ? 'how to make it last' : 'the runbook', title),
        postNote: async (_incident, text) => note('a note', text),
        postTrace: async (_incident, _trace, text) => note('a note', text),
      },
      remediateFunction: functionOf(this.index),
      ...WORKFLOW_TIMES,
    });
    return await runtime.start('arn:incident', handler, JSON.stringify(payload), `${this.id}-${name}`).ended;
  }
}

function withoutProgress(real: IncidentStore): IncidentStore {
  const update: IncidentStore['update'] = (id, change) =>
    real.update(id, (head) => {
      const next = change(head);
      if (typeof next !== 'string' && next.progress !== undefined && next.progress !== head.progress)
        throw new Error(REFUSED);
      return next;
    });
  return new Proxy(real, {
    get(target, name) {
      const method: unknown = name === 'update' ? update : Reflect.get(target, name);
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}

test.concurrent.each(NAMES)(
  'without %s an incident goes all its way, and the card says what is missing',
  async (refused) => {
    const it = new Incident(refused, NAMES.indexOf(refused) + 1);
    await it.reach('awaiting-approval');
    await it.click('apply-all');
    await it.reach('resolved');
    expect(it.nodes.map(({ max }) => max)).toEqual([131_072, 131_072, 131_072]);
    // What follows the end is done whatever was refused at the end.
    await it.ended;
    const isBlind = refused === 'the later look';
    expect(it.nodes.map((node) => node.times('medic-collect'))).toEqual(isBlind ? [2, 2, 2] : [3, 3, 3]);
    if (!isBlind) expect(it.cards.at(-1)?.results[0]?.text).toContain('looked again');
    if (refused !== 'how to make it last') expect(it.said).toContain('Make it last');
    if (refused !== 'a note' && !isBlind) expect(it.said.join()).toContain('Looked again');
    const missing = SIDE_RECORDS[refused];
    const small = it.cards.at(-1)?.context.join(' · ') ?? '';
    if (missing === undefined) expect(small).not.toContain('missing');
    else expect(small).toContain(`missing: ${missing.replace('1 node', '3 nodes')}`);

    // The next decision waits until a lock that could not be taken away has run out.
    if (refused === 'the lock of a node') return;
    await it.click('rollback');
    await it.reach('rolled-back');
    await it.ended;
    expect(it.cards.at(-1)?.state).toBe('rolled-back');
    if (refused === 'the reading after a rollback')
      expect(it.cards.at(-1)?.context.join()).toContain('missing: a reading after the rollback');
    expect(it.nodes.map(({ max }) => max)).toEqual([32_768, 32_768, 32_768]);
  },
);

test.concurrent.each<[string, Error, number, IncidentState]>([
  ['that may pass is tried again', new Error('socket hang up'), 2, 'awaiting-approval'],
  ['that stays is not', new RecordRefusedError('The record does not allow it.'), 1, 'failed'],
  ['of the record’s own schema is not', new z.ZodRealError([]), 1, 'failed'],
])('a step that fails with an error %s', async (what, error, tries, state) => {
  let count = 0;
  const it = new Incident('nothing', 20 + what.length, async () => {
    if (++count === 1) throw error;
  });
  await it.reach(state);
  expect(count).toBe(tries);
});
