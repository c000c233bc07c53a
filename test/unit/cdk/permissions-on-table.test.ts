import { expect, it } from 'vitest';
import {
  clickKey,
  collectionKey,
  firingsKey,
  headKey,
  newestKey,
  nodeLockKey,
  okKey,
  openKey,
  paceKey,
  readingKey,
} from '../../../src/adapters/dynamo/items.ts';
import { openIncident } from '../../../src/core/incident/open-incident.ts';
import { UNFINISHED } from '../../../src/core/record/unfinished.ts';
import { buildAlarm } from '../support/diagnoses.ts';
import { exampleConfig, HUB, OUTPUT, SPOKE, statementsByRole, templateOf } from './support.ts';

const config = exampleConfig({ ...HUB, spokes: [SPOKE], commandOutput: OUTPUT });
/** What each role of the hub and of a spoke may do in DynamoDB. */
const onTable = [templateOf(config), templateOf(config, 'spoke')]
  .flatMap((template) => [...statementsByRole(template)])
  .flatMap(([role, statements]) => statements.map((statement) => ({ role, ...statement })))
  .filter(({ actions }) => actions.some((one) => one.startsWith('dynamodb:')));

it('each right to the table reaches its own keys: signed clicks in one function each, turns to speak in those that speak', () => {
  const rights = onTable.map(({ role, actions, condition }) => [
    role.replace('conntrack-medic-', ''),
    actions.map((action) => action.replace('dynamodb:', '')).join(),
    condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'],
  ]);
  const clicks = rights.filter(([, , keys]) => String(keys).includes('click#'));
  expect(clicks).toEqual([
    ['remediate', 'GetItem', ['click#*']],
    ['slack', 'PutItem', ['click#*']],
  ]);
  const unfinished = rights.filter(([, , keys]) => String(keys) === UNFINISHED.value);
  expect(unfinished).toEqual([['reconcile', 'Query', [UNFINISHED.value]]]);
  const counting = rights.filter(([, actions]) => String(actions).includes('UpdateItem'));
  expect(counting.toSorted(([a], [b]) => String(a).localeCompare(String(b)))).toEqual(
    ['intake', 'reconcile', 'slack', 'webhook'].map((role) => [role, 'UpdateItem', ['fired#*']]),
  );
  const pacing = rights.filter(([, , keys]) => String(keys).includes('slack#'));
  expect(pacing.toSorted(([a], [b]) => String(a).localeCompare(String(b)))).toEqual(
    ['incident', 'intake', 'reconcile', 'slack', 'webhook'].map((role) => [
      role,
      'GetItem,PutItem',
      ['slack#*'],
    ]),
  );
  const sweeping = rights.filter(([, , keys]) => String(keys).includes('series#'));
  expect(sweeping).toEqual([
    ['intake', 'GetItem,Query', ['series#*', 'sweep#*']],
    ['sweep', 'GetItem,PutItem,Query', ['series#*', 'sweep#*']],
  ]);
  const apart = [...clicks, ...unfinished, ...counting, ...pacing, ...sweeping];
  const records = rights.filter((right) => !apart.includes(right));
  expect(records.map(([role]) => String(role)).toSorted()).toEqual([
    'incident',
    'intake',
    'reconcile',
    'remediate',
    'slack',
    'webhook',
  ]);
  for (const [, , keys] of records) expect(keys).toEqual(['inc-*', 'open#*', 'node#*', 'fired#*']);
});

it('the rights to records reach every key that records and locks have, and none of a signed click with the right to records', () => {
  const { id } = openIncident(buildAlarm(), '2026-11-23T14:02:05.000Z');
  const ofRecords = [
    headKey(id),
    openKey('arn:aws:x'),
    okKey('arn:aws:x'),
    newestKey('arn:aws:x'),
    firingsKey(id),
    nodeLockKey('i-0'),
    readingKey('i-0'),
    collectionKey(id, 'i-0', 1),
  ];
  const matches = ({ pk }: { readonly pk: string }) => /^(inc-|open#|node#|fired#)/.test(pk);
  expect(ofRecords.filter((key) => !matches(key))).toEqual([]);
  expect(matches(clickKey(id, 'a'))).toBe(false);
  for (const call of ['post', 'edit'] as const) expect(paceKey(call, 'C0123456789').pk).toMatch(/^slack#/);
});
