import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { DynamoNodeReadings } from '../../../../src/adapters/dynamo/node-readings.ts';
import { planIncident } from '../../../../src/core/plan/plan-incident.ts';
import type {
  CommandOutput,
  CommandRequest,
  RemediateCommands,
  Sent,
  SentPart,
} from '../../../../src/core/ports.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import type { NodePlan } from '../../../../src/core/record/plan.ts';
import type { RemediationOrder } from '../../../../src/core/remediation/authorise.ts';
import { type RemediatePorts, remediateNodes } from '../../../../src/core/remediation/remediate-nodes.ts';
import { reversibleNodes } from '../../../../src/core/remediation/steps.ts';
import { startTable, TABLE } from '../../adapters/support.ts';
import { buildAlarm, buildNodePlan, instanceId } from '../../support/diagnoses.ts';
import { ANA, buildIncident } from '../../support/incidents.ts';
import { proofAt, signAll } from '../../support/signed-clicks.ts';

const NONCE = 'a1b2c3d4e5f6a7b8';
/** Another node for each test, so that no lock is left from the one before. */
let node = instanceId(0);

/** Stands where SSM would: it counts what is sent and answers as the test wants. */
class Commands implements RemediateCommands {
  sent: Sent = { kind: 'sent', commandId: 'c-1', documentHash: 'a'.repeat(64) };
  output: CommandOutput = { kind: 'output', instanceId: node, exitCode: 0, text: said('raised') };
  isBroken = false;
  readonly raises: NodePlan[] = [];
  /** Where each call went. */
  readonly places: unknown[] = [];

  async change({ plan, place, instanceIds }: Parameters<RemediateCommands['change']>[0]) {
    this.raises.push(plan);
    this.places.push(place);
    return this.partsOf(instanceIds);
  }
  async rollback({ instanceIds }: CommandRequest) {
    return this.partsOf(instanceIds);
  }
  /** All in one part, unless a test sets some nodes aside. */
  partsOf(instanceIds: readonly string[]): readonly SentPart[] {
    return [{ ...this.sent, instanceIds }];
  }
  async progress(...[, , place]: Parameters<RemediateCommands['progress']>) {
    this.places.push(place);
    if (this.isBroken) throw new Error('SSM is away');
    return { finished: 1, total: 1 };
  }
  async outputs(...[, , place]: Parameters<RemediateCommands['outputs']>) {
    this.places.push(place);
    return [this.output];
  }
}

function said(outcome: string, max = 262_144): string {
  const numbers = `max.before=131072\nmax.after=${max}\nbuckets.before=32768\nbuckets.after=65536`;
  return `=== medic/1 ${NONCE} result - ok 9.00\noutcome=${outcome}\ncode=\ndetail=Done.\n${numbers}\n=== medic/1 ${NONCE} end - ok 9.01\n`;
}

let table: Awaited<ReturnType<typeof startTable>>;
let store: DynamoIncidentStore;
let ports: RemediatePorts & { readonly readings: DynamoNodeReadings };
let commands: Commands;
let head: IncidentHead;
let count = 0;

beforeAll(async () => {
  table = await startTable();
  store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 600 });
});
afterAll(() => table.close());

beforeEach(async () => {
  count += 1;
  node = instanceId(count);
  const id = `inc-remediate-${count}`;
  const plan = planIncident(id, 1, [buildNodePlan({ instanceId: node })]);
  if (plan === undefined) throw new Error('no plan');
  const built = buildIncident('applying-canary').head;
  const clicked = built.decisions.map((one) => ({ ...one, planDigest: plan.digest }));
  const decisions = [...(await signAll(table.client, TABLE, { ...built, id, decisions: clicked }))];
  const alarm = buildAlarm({ arn: `${buildAlarm().arn}-${count}` });
  ({ head } = await store.open({ ...built, id, alarm, plan, decisions, remediations: [] }));
  commands = new Commands();
  ports = {
    store,
    readings: new DynamoNodeReadings(table.client, TABLE),
    commands,
    proof: proofAt(table.client, TABLE, atNow),
    clock: { now: atNow },
    log: () => {},
    pause: () => Promise.resolve(),
    approvers: [ANA.id],
    decisionLifeSeconds: 86_400,
    pollSeconds: 1,
    patienceSeconds: 60,
  };
});

const atNow = () => Date.parse('2026-11-23T15:00:00.000Z');
const order = (): RemediationOrder => ({ kind: 'raise-max', decision: 1, instanceIds: [node] });
const run = () => remediateNodes(ports, head.id, order(), NONCE);
const steps = async () => (await store.head(head.id))?.remediations;
const isLocked = async () => !(await store.lockNode(node, 'somebody#1'));

describe('remediateNodes', () => {
  test('what was read of a node before its change answers no other incident any more', async () => {
    const reading = { incidentId: 'inc-other', nonce: 'n'.repeat(16), at: '2026-11-23T14:59:50.000Z' };
    const command = { id: 'c-0', documentHash: 'a'.repeat(64) };
    expect(await ports.readings.claim(node, reading, async () => false)).toBeUndefined();
    await ports.readings.note(node, { ...reading, command });
    await run();
    const again = { ...reading, nonce: 'm'.repeat(16) };
    expect(await ports.readings.claim(node, again, async () => false)).toMatchObject({ isOutdated: true });
  });

  test('sends the stored numbers once, records what came back and lets the node go', async () => {
    expect(await run()).toEqual({ kind: 'carried-out' });
    expect(commands.raises).toMatchObject([{ max: { from: 131_072, to: 262_144 } }]);
    expect(await steps()).toMatchObject([
      { instanceId: node, outcome: 'raised', commandId: 'c-1', detail: 'Done.' },
    ]);
    expect(await isLocked()).toBe(false);
  });

  test('sends and looks where the node is, which is not always where the service is', async () => {
    const place = { account: '222233334444', region: 'eu-west-1' };
    await store.update(head.id, (now) => ({ ...now, nodes: [{ instanceId: node, ...place }] }));
    await run();
    expect(commands.places).toEqual([place, place, place]);
  });

  test('never sends the same order again, whoever asks', async () => {
    await run();
    expect(await run()).toMatchObject({ kind: 'refused' });
    expect(commands.raises).toHaveLength(1);
  });

  test('of two at once one sends', async () => {
    const answers = await Promise.all([run(), run()]);
    expect(answers.filter(({ kind }) => kind === 'carried-out')).toHaveLength(1);
    expect(commands.raises).toHaveLength(1);
  });

  test('a command that the service refused is certain not to have run', async () => {
    commands.sent = { kind: 'not-sent', why: 'the raise could not be sent: InvalidDocument' };
    await run();
    expect(await steps()).toMatchObject([
      { outcome: 'refused', detail: expect.stringContaining('InvalidDocument') },
    ]);
    expect(await isLocked()).toBe(false);
  });

  test('an order that may or may not run keeps the node locked', async () => {
    commands.sent = { kind: 'unknown', why: 'the connection was cut' };
    await run();
    expect(await steps()).toMatchObject([{ outcome: 'unknown' }]);
    expect(await isLocked()).toBe(true);
  });

  test('an answer that is not the plan ends the step all the same: nothing is built on it, and the node can be rolled back', async () => {
    commands.output = { kind: 'output', instanceId: node, exitCode: 0, text: said('raised', 300_000) };
    await run();
    const now = await store.head(head.id);
    expect(now?.remediations).toMatchObject([{ outcome: 'unknown', differs: true }]);
    expect(now?.remediations[0]).not.toHaveProperty('max');
    expect(now && reversibleNodes(now)).toEqual([node]);
    expect(await isLocked()).toBe(false);
  });

  test('a function that dies while waiting leaves its claim with the command, and the lock', async () => {
    commands.isBroken = true;
    await expect(run()).rejects.toThrow('SSM is away');
    const [step] = (await steps()) ?? [];
    expect(step).toMatchObject({ commandId: 'c-1' });
    expect(step).not.toHaveProperty('outcome');
    expect(await isLocked()).toBe(true);
    expect(await run()).toMatchObject({ kind: 'refused' });
    expect(commands.raises).toHaveLength(1);
  });

  test('sends nothing to a node that another change holds, and sets it aside on record', async () => {
    await store.lockNode(node, 'inc-another#1');
    expect(await run()).toEqual({ kind: 'carried-out' });
    expect(commands.raises).toEqual([]);
    expect(await steps()).toMatchObject([
      {
        instanceId: node,
        outcome: 'refused',
        setAside: 'not-reached',
        detail: expect.stringContaining('another change of this node'),
        finishedAt: expect.any(String),
      },
    ]);
    expect(await store.lockNode(node, 'inc-another#1')).toBe(true);
    expect(await isLocked()).toBe(true);
  });

  test('sends nothing for a record that names another incident than the one it is kept under', async () => {
    const other = `inc-remediate-${count}-other`;
    const alarm = buildAlarm({ arn: `${buildAlarm().arn}-${count}-other` });
    await store.open({ ...head, id: other, alarm });
    await store.update(other, (now) => ({ ...now, id: head.id }));
    expect(await remediateNodes(ports, other, order(), NONCE)).toMatchObject({ kind: 'refused' });
    expect(commands.raises).toEqual([]);
  });

  test('sends nothing where the record was changed between the proof and the claim', async () => {
    const proof = {
      refuse: async (...[seen, decision]: Parameters<RemediatePorts['proof']['refuse']>) => {
        const why = await ports.proof.refuse(seen, decision);
        await store.update(head.id, (now) => ({
          ...now,
          decisions: now.decisions.map((one) => ({ ...one, actor: { ...ANA, name: 'somebody' } })),
        }));
        return why;
      },
    };
    expect(await remediateNodes({ ...ports, proof }, head.id, order(), NONCE)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('was changed while it was carried out'),
    });
    expect(commands.raises).toEqual([]);
  });

  test('sends nothing without an approver, nor for an incident that is not there', async () => {
    ports = { ...ports, approvers: [] };
    expect(await run()).toMatchObject({ kind: 'refused' });
    expect(await remediateNodes(ports, 'inc-nobody', order(), NONCE)).toMatchObject({ kind: 'refused' });
    expect(commands.raises).toEqual([]);
    expect(await isLocked()).toBe(false);
  });
});
