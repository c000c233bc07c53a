import { rm } from 'node:fs/promises';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { headKey } from '../../src/adapters/dynamo/items.ts';
import type { IncidentHead } from '../../src/core/record/incident.ts';
import { laterIn, withLater } from '../unit/support/later-fields.ts';
import { buildWith, registryOf, type TextBuild } from './support/builds.ts';
import type { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

let scenario: Scenario;
let older: TextBuild;
let newer: TextBuild;
let again: TextBuild;

beforeAll(async () => {
  // A service of its own: others must not meet the deployments.
  scenario = await Scenario.start([2, 2, 2, 1, 1, 1], { MEDIC_DRIFT_SECONDS: '86400' }, 1000, WAIT_SECOND_MS);
  [older, newer, again] = [
    await buildWith(undefined),
    await buildWith('one comment more'),
    await buildWith(undefined),
  ];
});
afterAll(async () => {
  await scenario.close();
  for (const { bundles } of [older, newer, again]) await rm(bundles, { recursive: true, force: true });
});

const hashOf = ({ documents }: TextBuild, kind: string) => documents.get(`medic-${kind}`)?.sha256;

/** Hashes of the texts that an incident's collections ran, in their order. */
async function collectedWith(it: Patient, { id }: IncidentHead): Promise<readonly (string | undefined)[]> {
  const history = await it.service.store.history(id);
  const all = (history?.collections ?? []).toSorted((a, b) => a.collection - b.collection);
  return [...new Map(all.map(({ collection, command }) => [collection, command?.documentHash])).values()];
}

test('incidents of before, within and after an upgrade are read, raised, verified and rolled back', async () => {
  const { service } = scenario;
  const { register, promote } = registryOf(service);
  const [waiting, half, done, late] = [
    scenario.take(2),
    scenario.take(2),
    scenario.take(2),
    scenario.take(1),
  ];
  await Promise.all([waiting, half, done].map((it) => it.fallIll()));
  await half.press('apply-one');
  await done.press('apply-all');
  await half.reach('applied-one');
  await done.reach('resolved');

  await register(newer);
  await service.deploy(newer);

  // The default is the older text still; then the newer one: no command goes by it.
  await waiting.press('apply-all');
  const raised = await waiting.reach('resolved');
  await promote(newer, '2');
  await half.press('apply-all');
  await done.press('rollback');
  const completed = await half.reach('resolved');
  const back = await done.reach('rolled-back');

  const hashes = (head: IncidentHead) => head.remediations.map(({ documentHash }) => documentHash);
  expect(raised.remediations.map(({ verification }) => verification?.passed)).toEqual([true, true]);
  expect(hashes(raised)).toEqual([hashOf(newer, 'raise'), hashOf(newer, 'raise')]);
  expect(new Set(await collectedWith(waiting, raised))).toEqual(new Set([hashOf(older, 'collect')]));
  expect(completed.remediations.map(({ verification }) => verification?.passed)).toEqual([true, true]);
  expect(hashes(completed)).toEqual([hashOf(older, 'raise'), hashOf(newer, 'raise')]);
  expect(new Set(await collectedWith(half, completed))).toEqual(new Set([hashOf(older, 'collect')]));
  expect(completed.documents?.map(({ name, hash, version }) => [name, hash, version])).toEqual([
    ['medic-collect', hashOf(older, 'collect'), '1'],
    ['medic-raise', hashOf(older, 'raise'), '1'],
    ['medic-raise', hashOf(newer, 'raise'), '2'],
  ]);
  // Taking back is an execution of its own, and so all of the newer build.
  expect(hashes(back).slice(2)).toEqual([hashOf(newer, 'rollback'), hashOf(newer, 'rollback')]);
  expect((await collectedWith(done, back)).at(-1)).toBe(hashOf(newer, 'collect'));
  expect(done.nodes.map(({ max }) => max)).toEqual([32_768, 32_768]);

  await late.fallIll();
  await late.press('apply-one');
  const fresh = await late.reach('resolved');
  expect(new Set(await collectedWith(late, fresh))).toEqual(new Set([hashOf(newer, 'collect')]));

  // The way back: the text may be refused as one that is there already, and the functions need no other.
  await expect(register(older)).rejects.toThrow(/has a version with this content already/);
  await service.deploy(again);
  const returned = scenario.take(1);
  await returned.fallIll();
  await late.press('rollback');
  await late.reach('rolled-back');
  await returned.press('apply-one');
  const last = await returned.reach('resolved');
  expect(hashes(last)).toEqual([hashOf(older, 'raise')]);
  expect(new Set(await collectedWith(returned, last))).toEqual(new Set([hashOf(older, 'collect')]));
  expect(scenario.failures.join('\n')).toBe('');
});

test('what a newer function has written besides is carried through a whole incident', async () => {
  const { environment, endpoints } = scenario.service;
  const client = new DynamoDBClient({
    region: environment['AWS_REGION'] ?? '',
    endpoint: endpoints.dynamo,
    credentials: endpoints.credentials,
  });
  const it = scenario.take(1);
  const { id } = await it.fallIll();
  const read = async () => {
    const key = { TableName: endpoints.table, Key: marshall(headKey(id)), ConsistentRead: true };
    return unmarshall((await client.send(new GetItemCommand(key))).Item ?? {});
  };
  const later = withLater(await read()) as Record<string, unknown>;
  await client.send(new PutItemCommand({ TableName: endpoints.table, Item: marshall(later) }));
  await it.press('apply-one');
  await it.reach('resolved');
  await it.press('rollback');
  await it.reach('rolled-back');
  // The plan and the callback are gone by then, and so is what was in them.
  const expected = laterIn(later).filter((path) => !/^\/head\/(plan|callback|card)/.test(path));
  expect(expected).toContain('/head/transitions/0');
  expect(laterIn(await read())).toEqual(expect.arrayContaining(expected));
});
