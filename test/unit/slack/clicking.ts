import { CreateTableCommand, DynamoDBClient, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { startDynamo } from '../../../local/dynamo.ts';
import { catalogue } from '../../../runbooks/index.ts';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { headKey } from '../../../src/adapters/dynamo/items.ts';
import { DynamoSignedClicks } from '../../../src/adapters/dynamo/signed-clicks.ts';
import { tableDefinition } from '../../../src/adapters/dynamo/table.ts';
import { cardOf } from '../../../src/core/card/card.ts';
import type { Alarm } from '../../../src/core/record/alarm.ts';
import type { Decision, Incident, IncidentState } from '../../../src/core/record/incident.ts';
import { NEWEST_VERSION } from '../../../src/core/record/stored.ts';
import { slackHandler } from '../../../src/slack/app.ts';
import type { PageRequest } from '../../../src/slack/page-request.ts';
import { fixedSecret } from '../../../src/slack/secret-source.ts';
import type { SignedRequest } from '../../../src/slack/verify-request.ts';
import { ANA, buildIncident, CARD, type IncidentOptions, NOW } from '../support/incidents.ts';
import { clickRequest, SIGNING_SECRET, startSlackStandIn } from './slack-stand-in.ts';

export const BO = { id: 'U0BOB0002', name: 'bo' };

export let slack: Awaited<ReturnType<typeof startSlackStandIn>>;
let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let client: DynamoDBClient;
export let store: DynamoIncidentStore;
let number = 0;
export const world = {
  team: undefined as string | undefined,
  approvers: [ANA.id],
  woken: [] as string[],
  shown: [] as string[],
  carriedOn: [] as string[],
  pages: [] as PageRequest[],
  /** Whether somebody waits on the callbacks. */
  isHeard: true,
  rollbacks: [] as Decision[],
  traces: [] as string[],
  alarms: [] as Alarm[],
  isWorkflowDown: false,
};

/** Starts a table and a stand-in of Slack for the tests of the file that calls it. */
export function setUpClicks(): void {
  beforeAll(async () => {
    slack = await startSlackStandIn();
    dynamo = await startDynamo({ accessKeyId: 'local', secretAccessKey: 'local' });
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
    Object.assign(world, {
      team: undefined,
      approvers: [ANA.id],
      woken: [],
      shown: [],
      carriedOn: [],
      pages: [],
      isHeard: true,
      rollbacks: [],
      traces: [],
      alarms: [],
      isWorkflowDown: false,
    });
  });
}

function handler() {
  return slackHandler({
    secrets: fixedSecret({ botToken: 'xoxb-test' }),
    signing: fixedSecret({ signingSecret: SIGNING_SECRET }),
    apiUrl: slack.apiUrl,
    store,
    clicks: new DynamoSignedClicks(client, 'clicks'),
    delivery: {
      wake: (id) => {
        if (world.isWorkflowDown) return Promise.reject(new Error('Lambda is throttled'));
        world.woken.push(id);
        return Promise.resolve(world.isHeard);
      },
      startRollback: (_head, decision) => {
        world.rollbacks.push(decision);
        return Promise.resolve();
      },
      startKeep: () => Promise.resolve(),
    },
    askDiagnosis: () => Promise.resolve(),
    askPage: async (request) => {
      world.pages.push(request);
    },
    show: async (id) => {
      world.shown.push(id);
    },
    carryOn: async ({ id }) => {
      world.carriedOn.push(id);
      return world.isHeard ? 'nothing' : 'taken-up';
    },
    clock: { now: () => Date.now() },
    team: world.team,
    approvers: world.approvers,
    channel: CARD.channel,
    openByHand: () => Promise.resolve('opened'),
    evidenceMaxAgeSeconds: 900,
    receiveAlarm: (alarm) => Promise.resolve(String(world.alarms.push(alarm))),
    catalogue,
    startTrace: async (id, which) => {
      if (world.isWorkflowDown) throw new Error('Lambda is throttled');
      world.traces.push(`${id} ${which}`);
    },
    cardOf: (incident) => cardOf(incident, catalogue, NOW),
    runbookOf: ({ head }) => ({ title: `Runbook of ${head.id}`, markdown: '# Look\n\nat the **table**' }),
    log: () => undefined,
  });
}

/** Stores a record as the workflow would have left it just now. */
export async function stored(
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

/** Has a record look as if a version of the service had written it that this one must not go on with. */
export async function writtenByNewer({ head }: Incident): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: 'clicks',
      Key: marshall(headKey(head.id)),
      UpdateExpression: 'SET version = :newer',
      ExpressionAttributeValues: marshall({ ':newer': NEWEST_VERSION + 1 }),
    }),
  );
}

export interface Press {
  readonly action?: string;
  readonly user?: { readonly id: string; readonly name: string };
  readonly channel?: string;
  readonly message?: string;
  readonly plan?: string | undefined;
  /** Changes the payload before it is signed. */
  readonly payload?: (payload: object) => object;
}

let presses = 0;
let lastRequest: SignedRequest | undefined;

/** Presses a button of the incident's card and gives what the clicker is told. */
export async function press({ head }: Incident, given: Press = {}): Promise<unknown[]> {
  const {
    action = 'medic.apply-one',
    plan = head.plan?.digest,
    payload = (same: object) => same,
    ...place
  } = given;
  const value = { incident: head.id, ...(plan === undefined ? {} : { plan }) };
  const click = { action, value, responseUrl: slack.responseUrl, ...place };
  presses += 1;
  // Slack gives each press another one, even within a second.
  const trigger = { trigger_id: `1795442521.${presses}.abc` };
  return await arrive(clickRequest(click, { payload: (shape) => payload({ ...shape, ...trigger }) }));
}

/** Slack sends the request of the last press once more; gives what the clicker is told. */
export async function pressAgain(): Promise<unknown[]> {
  if (lastRequest === undefined) throw new Error('Nothing was pressed.');
  const again = { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' };
  return await arrive({ ...lastRequest, headers: { ...lastRequest.headers, ...again } });
}

async function arrive(request: SignedRequest): Promise<unknown[]> {
  slack.calls.length = 0;
  lastRequest = request;
  const answer = await handler()(request);
  expect(answer).toEqual({ statusCode: 200, body: '' });
  return slack.calls.filter(({ path }) => path.startsWith('/response/')).map(({ body }) => body['text']);
}

/** Everything that the table holds, as text. */
export async function tableText(): Promise<string> {
  const { Items } = await client.send(new ScanCommand({ TableName: 'clicks', ConsistentRead: true }));
  return JSON.stringify(Items);
}

export const decisionsOf = async ({ head }: Incident) => (await store.head(head.id))?.decisions ?? [];
