import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDynamo } from '../../../local/dynamo.ts';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { tableDefinition } from '../../../src/adapters/dynamo/table.ts';
import type { Decision, Incident, IncidentState } from '../../../src/core/record/incident.ts';
import { slackHandler } from '../../../src/slack/app.ts';
import { findViewLimitViolations } from '../../../src/slack/block-limits.ts';
import { fixedSecret } from '../../../src/slack/secret-source.ts';
import { ANA, buildIncident, CARD, type IncidentOptions, NOW, TEAM } from '../support/incidents.ts';
import { clickRequest, SIGNING_SECRET, startSlackStandIn } from './slack-stand-in.ts';

const BO = { id: 'U0BOB0002', name: 'bo' };

let slack: Awaited<ReturnType<typeof startSlackStandIn>>;
let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let client: DynamoDBClient;
let store: DynamoIncidentStore;
let number = 0;
const world = {
  approvers: [ANA.id],
  woken: [] as string[],
  rollbacks: [] as Decision[],
  isWorkflowDown: false,
};

beforeAll(async () => {
  slack = await startSlackStandIn();
  dynamo = await startDynamo();
  client = new DynamoDBClient({
    endpoint: dynamo.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await client.send(new CreateTableCommand(tableDefinition('clicks')));
  store = new DynamoIncidentStore(client, 'clicks', { nodeLockSeconds: 60 });
});

afterAll(async () => {
  client.destroy();
  await dynamo.close();
  await slack.close();
});

beforeEach(() => {
  slack.calls.length = 0;
  Object.assign(world, { approvers: [ANA.id], woken: [], rollbacks: [], isWorkflowDown: false });
});

function handler() {
  return slackHandler({
    secrets: fixedSecret({ botToken: 'xoxb-test' }),
    signing: fixedSecret({ signingSecret: SIGNING_SECRET }),
    apiUrl: slack.apiUrl,
    store,
    delivery: {
      wake: (id) => {
        if (world.isWorkflowDown) return Promise.reject(new Error('Lambda is throttled'));
        world.woken.push(id);
        return Promise.resolve();
      },
      startRollback: (_head, decision) => {
        world.rollbacks.push(decision);
        return Promise.resolve();
      },
      startKeep: () => Promise.resolve(),
    },
    clock: { now: () => Date.now() },
    approvers: world.approvers,
    channel: CARD.channel,
    openByHand: () => Promise.resolve('opened'),
    evidenceMaxAgeSeconds: 900,
    runbookOf: ({ head }) => ({ title: `Runbook of ${head.id}`, markdown: '# Look\n\nat the **table**' }),
    log: () => undefined,
  });
}

/** Stores a record as the workflow would have left it just now. */
async function stored(
  state: IncidentState,
  options: IncidentOptions = {},
  ageMinutes = 0,
): Promise<Incident> {
  number += 1;
  const shift = Date.now() - NOW - ageMinutes * 60_000;
  const moved = (iso: string) => new Date(Date.parse(iso) + shift).toISOString();
  const built = buildIncident(state, {
    nodes: 3,
    ...options,
    head: { id: `inc-click-${number}`, ...options.head },
  });
  const { callback, evidenceAt } = built.head;
  const head = {
    ...built.head,
    ...(evidenceAt === undefined ? {} : { evidenceAt: moved(evidenceAt) }),
    ...(callback === undefined ? {} : { callback: { ...callback, expiresAt: moved(callback.expiresAt) } }),
    alarm: { ...built.head.alarm, arn: `${built.head.alarm.arn}-${number}` },
  };
  await store.open(head);
  for (const collection of built.collections) await store.putCollection(head.id, collection);
  return { ...built, head };
}

interface Press {
  readonly action?: string;
  readonly user?: { readonly id: string; readonly name: string };
  readonly channel?: string;
  readonly message?: string;
  readonly plan?: string | undefined;
  readonly retry?: number;
}

/** Presses a button of the incident's card and gives what the clicker is told. */
async function press({ head }: Incident, given: Press = {}): Promise<unknown[]> {
  slack.calls.length = 0;
  const { action = 'medic.apply-one', plan = head.plan?.digest, retry, ...place } = given;
  const value = { incident: head.id, ...(plan === undefined ? {} : { plan }) };
  const headers =
    retry === undefined ? {} : { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_timeout' };
  const answer = await handler()(
    clickRequest({ action, value, responseUrl: slack.responseUrl, ...place }, { headers }),
  );
  expect(answer).toEqual({ statusCode: 200, body: '' });
  return slack.calls.filter(({ path }) => path.startsWith('/response/')).map(({ body }) => body['text']);
}

const decisionsOf = async ({ head }: Incident) => (await store.head(head.id))?.decisions ?? [];

describe('a click on the card', () => {
  it('of an approver becomes one stored decision and wakes the workflow', async () => {
    const incident = await stored('awaiting-approval');
    expect(await press(incident)).toEqual([]);
    expect(await decisionsOf(incident)).toEqual([
      {
        number: 1,
        kind: 'apply-one',
        planDigest: incident.head.plan?.digest,
        actor: ANA,
        at: expect.any(String) as string,
        slack: { team: TEAM, channel: CARD.channel, message: CARD.message },
      },
    ]);
    expect(world.woken).toEqual(['callback-id']);
  });

  it.each<[string, Press, RegExp]>([
    ['a stranger', { user: BO }, /^You \(U0BOB0002\) are not an approver, so nothing was changed\./],
    ['an older plan', { plan: 'b'.repeat(32) }, /^The plan is not the one on this card any more/],
    ['no plan', { plan: undefined }, /./],
    [
      'another channel',
      { channel: 'C0OTHER01' },
      /^This button is not on the card of inc-click-\d+, so nothing was done/,
    ],
    ['another message', { message: '1795442521.999999' }, /^This button is not on the card of/],
    [
      'a button that is not offered now',
      { action: 'medic.rollback' },
      /^rollback is not offered while the incident is awaiting-approval/,
    ],
  ])('with %s stores nothing and says why', async (what, given, sentence) => {
    const incident = await stored('awaiting-approval');
    const withoutPlan = { ...incident, head: { ...incident.head, plan: undefined } } as unknown as Incident;
    const told = await press(what === 'no plan' ? withoutPlan : incident, given);
    expect(told).toEqual([expect.stringMatching(sentence)]);
    expect(await decisionsOf(incident)).toEqual([]);
    expect(world.woken).toEqual([]);
  });

  it('stores nothing while no approver is configured', async () => {
    world.approvers = [];
    const incident = await stored('awaiting-approval');
    expect(await press(incident)).toEqual([
      expect.stringMatching(/^Nobody may approve yet, so nothing was changed/),
    ]);
    expect(await decisionsOf(incident)).toEqual([]);
  });

  it('stores nothing after the buttons have expired', async () => {
    const incident = await stored('awaiting-approval', {}, 9 * 60);
    expect(await press(incident)).toEqual([
      expect.stringMatching(/^The buttons expired at .*, so nothing was changed/),
    ]);
    expect(await decisionsOf(incident)).toEqual([]);
  });

  it('on old evidence is stored as a wish to collect again and says that a second click is needed', async () => {
    const incident = await stored('awaiting-approval', {}, 20);
    expect(await press(incident)).toEqual([
      expect.stringMatching(/too old, so nothing was changed: .* click once more\.$/),
    ]);
    expect((await decisionsOf(incident)).map(({ kind }) => kind)).toEqual(['refresh']);
    expect(world.woken).toEqual(['callback-id']);
  });

  it('made twice decides once; the second says who decided', async () => {
    const incident = await stored('awaiting-approval');
    await press(incident);
    const told = await press(incident, { action: 'medic.dismiss' });
    expect(told).toEqual([expect.stringMatching(/^Decided already by @ana \(apply-one, /)]);
    expect((await decisionsOf(incident)).map(({ kind }) => kind)).toEqual(['apply-one']);
  });

  it('made by two approvers at the same moment decides once', async () => {
    world.approvers = [ANA.id, BO.id];
    const incident = await stored('awaiting-approval');
    await Promise.all([press(incident), press(incident, { user: BO, action: 'medic.apply-all' })]);
    expect(await decisionsOf(incident)).toHaveLength(1);
  });

  it('that Slack sends again changes nothing', async () => {
    const incident = await stored('awaiting-approval');
    await press(incident);
    await press(incident, { retry: 1 });
    expect(await decisionsOf(incident)).toHaveLength(1);
  });

  it('that was stored but did not reach the workflow is delivered by the next click', async () => {
    const incident = await stored('awaiting-approval');
    world.isWorkflowDown = true;
    expect(await press(incident)).toEqual([
      expect.stringMatching(/^Your decision is stored, but the workflow could not be woken/),
    ]);
    world.isWorkflowDown = false;
    expect(await press(incident)).toEqual([expect.stringMatching(/^Decided already by @ana/)]);
    expect(world.woken).toEqual(['callback-id']);
    expect(await decisionsOf(incident)).toHaveLength(1);
  });

  it('on another message does not deliver what is stored', async () => {
    const incident = await stored('awaiting-approval');
    world.isWorkflowDown = true;
    await press(incident);
    world.isWorkflowDown = false;
    await press(incident, { message: '1.1' });
    expect(world.woken).toEqual([]);
  });

  it('on an incident that is gone says so', async () => {
    const incident = buildIncident('awaiting-approval', { head: { id: 'inc-gone-for-good' } });
    expect(await press(incident)).toEqual([
      'inc-gone-for-good is not known here any more, so nothing was done.',
    ]);
  });

  it('leaves a running change alone', async () => {
    const incident = await stored('applying-canary');
    expect(await press(incident, { action: 'medic.apply-all' })).toEqual([
      expect.stringMatching(/^The incident is applying-canary since @ana decided/),
    ]);
    expect(await decisionsOf(incident)).toHaveLength(1);
    expect(world.woken).toEqual([]);
  });
});

describe('a rollback after the end', () => {
  it('is stored once and starts its own execution', async () => {
    const incident = await stored('resolved');
    expect(await press(incident, { action: 'medic.rollback' })).toEqual([]);
    expect(world.rollbacks.map(({ number: n, kind }) => [n, kind])).toEqual([[2, 'rollback']]);
    expect((await store.head(incident.head.id))?.state).toBe('rolling-back');
    expect(world.woken).toEqual([]);
  });

  it('clicked twice is still one decision, and the same execution is asked for again', async () => {
    const incident = await stored('resolved');
    await press(incident, { action: 'medic.rollback' });
    const told = await press(incident, { action: 'medic.rollback' });
    expect(told).toEqual([
      expect.stringMatching(/^The incident is rolling-back since @ana decided \(rollback/),
    ]);
    expect(await decisionsOf(incident)).toHaveLength(2);
    expect(new Set(world.rollbacks.map(({ number: n }) => n))).toEqual(new Set([2]));
  });

  it('ordered while the workflow waits wakes that one', async () => {
    const incident = await stored('applied-one');
    expect(await press(incident, { action: 'medic.rollback' })).toEqual([]);
    expect(world.woken).toEqual(['callback-id']);
    expect(world.rollbacks).toEqual([]);
  });
});

describe('Show runbook', () => {
  it('opens a modal for anyone who sees the card', async () => {
    const incident = await stored('resolved');
    expect(await press(incident, { action: 'medic.show-runbook', user: BO })).toEqual([]);
    const opened = slack.calls.find(({ path }) => path === '/api/views.open');
    const view: unknown = JSON.parse(String(opened?.body['view']));
    expect(findViewLimitViolations(view)).toEqual([]);
    expect(JSON.stringify(view)).toContain(`Runbook of ${incident.head.id}`);
    expect(await decisionsOf(incident)).toHaveLength(1);
  });

  it('opens nothing from another message', async () => {
    const incident = await stored('resolved');
    expect(await press(incident, { action: 'medic.show-runbook', message: '1.1' })).toHaveLength(1);
    expect(slack.calls.map(({ path }) => path)).toEqual(['/response/1']);
  });
});
