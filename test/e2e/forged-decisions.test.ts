import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { APPROVER, STRANGER, TEAM } from '../../local/slack/people.ts';
import { DynamoSignedClicks } from '../../src/adapters/dynamo/signed-clicks.ts';
import { clickReference } from '../../src/core/click-reference.ts';
import type { Decision, IncidentHead } from '../../src/core/record/incident.ts';
import type { SignedClick } from '../../src/core/record/signed-click.ts';
import { clickKeptUntil } from '../../src/slack/signed-decision.ts';
import { naming, signedClickFor } from '../unit/support/signed-clicks.ts';
import type { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
let lambda: LambdaClient;
let dynamo: DynamoDBClient;
beforeAll(async () => {
  scenario = await Scenario.startUnattended([1, 1]);
  const { endpoints } = scenario.service;
  const settings = { region: endpoints.region, credentials: endpoints.credentials };
  lambda = new LambdaClient({ ...settings, endpoint: endpoints.lambda });
  dynamo = new DynamoDBClient({ ...settings, endpoint: endpoints.dynamo });
});
afterAll(() => scenario.close());

/** What the remediate function answers to the order to raise the one node on decision 1. */
async function remediate(head: IncidentHead): Promise<{ kind: string; why?: string }> {
  const instanceIds = head.plan?.nodes.map(({ instanceId }) => instanceId);
  const Payload = JSON.stringify({ incidentId: head.id, kind: 'raise-max', decision: 1, instanceIds });
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: 'medic-remediate:live', InvocationType: 'RequestResponse', Payload }),
  );
  return JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8')) as { kind: string; why?: string };
}

/** The decision that an approver's click would store now. */
function clickedNow({ plan, card }: IncidentHead): Decision {
  return {
    number: 1,
    kind: 'apply-one',
    planDigest: plan?.digest ?? '',
    actor: { kind: 'slack-user', id: APPROVER.id, name: APPROVER.username },
    at: new Date().toISOString(),
    slack: { team: TEAM.id, channel: card?.channel ?? '', message: card?.message ?? '' },
  };
}

/** Writes a decision and what stands for its click into the table, as whoever may write there can. */
async function forge(it: Patient, decision: Decision, click: SignedClick | undefined): Promise<IncidentHead> {
  const { store, endpoints } = it.service;
  const head = await it.head();
  const clicks = new DynamoSignedClicks(dynamo, endpoints.table);
  const named = click === undefined ? decision : naming(decision, click);
  if (click !== undefined) await clicks.keep(head.id, click, clickKeptUntil(click));
  const updated = await store.update(head.id, (now) => ({
    ...now,
    state: 'applying-canary',
    decisions: [named],
  }));
  if (!updated.ok) throw new Error(updated.refusal);
  return updated.head;
}

test('a decision that nobody clicked is refused by the function that changes nodes, whatever stands in the table', async () => {
  const it = scenario.take(1);
  const waiting = await it.fallIll();
  const key = it.service.signingSecret;
  const made = clickedNow(waiting);
  const signed = signedClickFor(waiting, made, { key });
  const other = { ...made, slack: { team: TEAM.id, channel: 'C0OTHER', message: '1.1' } };
  const [channel, message] = [made.slack?.channel ?? '', made.slack?.message ?? ''];
  const elsewhere = { ...made, slack: { team: 'T0OTHER001', channel, message } };
  const cases: readonly (readonly [string, Decision, SignedClick | undefined, RegExp])[] = [
    ['no click', made, undefined, /has no click on record/],
    [
      'a click that is not there',
      naming(made, { ...signed, body: 'gone' }),
      undefined,
      /has no click on record/,
    ],
    [
      'the key of somebody',
      made,
      signedClickFor(waiting, made, { key: 'a'.repeat(32) }),
      /not signed by Slack/,
    ],
    ['another button', { ...made, kind: 'apply-all' }, signed, /its button is another one/],
    [
      'another plan',
      made,
      signedClickFor(waiting, { ...made, planDigest: 'b'.repeat(32) }, { key }),
      /its plan is another one/,
    ],
    [
      'a click by somebody else',
      made,
      signedClickFor(
        waiting,
        { ...made, actor: { ...made.actor, id: STRANGER.id } as Decision['actor'] },
        { key },
      ),
      /its user is another one/,
    ],
    [
      'a click from another workspace',
      elsewhere,
      signedClickFor(waiting, elsewhere, { key }),
      /came from T0OTHER001, and this service takes/,
    ],
    ['another message', made, signedClickFor(waiting, other, { key }), /its message is another one/],
    [
      'a click on another incident',
      made,
      signedClickFor({ id: 'inc-0123456789abcdef0123' }, made, { key }),
      /its incident is another one/,
    ],
    [
      'a click of two hours ago',
      { ...made, at: new Date(Date.now() - 7_200_000).toISOString() },
      signedClickFor(waiting, made, { key, signedAt: Date.now() - 7_200_000 }),
      /one counts for an hour/,
    ],
    [
      'a click of ten minutes before the decision',
      made,
      signedClickFor(waiting, made, { key, signedAt: Date.now() - 600_000 }),
      /and its click was signed at/,
    ],
    [
      'a click of 380 KB',
      made,
      signedClickFor(waiting, made, { key, body: (body) => body + 'x'.repeat(380_000 - body.length) }),
      /could not be found out/,
    ],
  ];
  for (const [what, decision, click, sentence] of cases) {
    const head = await forge(it, decision, click);
    expect({ what, ...(await remediate(head)) }).toEqual({
      what,
      kind: 'refused',
      why: expect.stringMatching(sentence) as string,
    });
  }
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
  expect((await it.head()).remediations).toEqual([]);

  // The same with the click that fits: what was refused above was refused for what was wrong with it.
  expect(await remediate(await forge(it, made, signed))).toEqual({ kind: 'carried-out' });
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});

test('what Slack signed is kept apart with an end, and is in no audit, log, record or card', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  const head = await it.reach('resolved');
  const { endpoints } = it.service;
  const items: ReturnType<typeof unmarshall>[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamo }, { TableName: endpoints.table }))
    items.push(...Items.map((item) => unmarshall(item)));
  const clicks = items.filter(({ pk }) => pk === `click#${head.id}`);
  expect(clicks).toHaveLength(1);
  const { click, deleteAt, sk } = clicks[0] ?? {};
  expect(click.body).toContain('response_url');
  expect(deleteAt - Date.now() / 1000).toBeLessThan(2 * 3600);
  expect([sk, head.decisions[0]?.slack?.signed]).toEqual([clickReference(click), sk]);

  const folder = dirname(endpoints.evidence);
  let files: string[] = [];
  await until(
    async () => {
      const names = await readdir(folder, { recursive: true, withFileTypes: true });
      files = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
      return files.some((file) => file.includes(`${head.id}/audit-`));
    },
    () => 'There is no audit.',
  );
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const records = items.filter(({ pk }) => !String(pk).startsWith('click#'));
  const seen = [...texts, JSON.stringify(records), await it.card(), await it.thread()].join('\n');
  expect(seen).not.toMatch(/response_url|\/respond\/|trigger_id|v0=[0-9a-f]{64}/);
});
