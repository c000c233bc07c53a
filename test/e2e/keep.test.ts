import { ListAssociationsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STRANGER } from '../../local/slack/people.ts';
import type { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([3, 3, 1]);
});
afterAll(() => scenario.close());

/** Raises two nodes of a group whose third one is still to come. */
async function raised(): Promise<Patient> {
  const it = scenario.take(3);
  const third = it.nodes[2];
  if (third === undefined) throw new Error('The alarm has three nodes.');
  third.isOnline = false;
  await it.fallIll();
  await it.press('apply-all');
  await it.reach('resolved');
  return it;
}

async function associations(it: Patient): Promise<number> {
  const { ssm: endpoint, region, credentials } = it.service.endpoints;
  const client = new SSMClient({ endpoint, region, credentials });
  const { id } = await it.head();
  const filter = { key: 'AssociationName' as const, value: `conntrack-medic-${id}` };
  const { Associations = [] } = await client.send(
    new ListAssociationsCommand({ AssociationFilterList: [filter] }),
  );
  return Associations.length;
}

const inForce = async (it: Patient) =>
  await until(
    async () => (await it.head()).association?.state === 'in-force',
    () => 'The association is not in force.',
    it.recordNews,
  );

test.concurrent('a second click keeps the raise on the group: a node that joins is raised, the raised ones stay as they are', async () => {
  const it = await raised();
  const [first, second, third] = it.nodes;
  const group = `node group ${first?.tags['eks:nodegroup-name']} of cluster shop`;
  await it.press('keep');
  await inForce(it);
  expect((await it.head()).association).toMatchObject({
    group,
    max: 131_072,
    documentHash: it.service.environment['MEDIC_RAISE_DOCUMENT_HASH'],
  });
  expect(third?.max).toBe(32_768);
  if (third !== undefined) third.isOnline = true;
  await until(
    () => third?.max === 131_072,
    () => `The node that joined has ${third?.max}.`,
  );
  expect([first?.max, second?.max]).toEqual([131_072, 131_072]);
  expect((await it.head()).state).toBe('resolved');
  await it.cardSays(`kept on ${group}`);
  expect(await it.buttons()).not.toContain('keep');
});

test.concurrent('a rollback deletes the association before it touches a node', async () => {
  const it = await raised();
  await it.press('keep');
  await inForce(it);
  expect(await associations(it)).toBe(1);
  let left = -1;
  const [first] = it.nodes;
  if (first === undefined) return;
  first.misbehave = async (document) => {
    if (document === 'medic-rollback') left = await associations(it);
    return undefined;
  };
  await it.press('rollback');
  const head = await it.reach('rolled-back');
  expect(left).toBe(0);
  expect(head.association?.state).toBe('deleted');
  expect(it.nodes.map(({ max }) => max)).toEqual([32_768, 32_768, 32_768]);
});

test.concurrent('nobody but an approver has it kept', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  expect(await it.answerTo(() => it.press('keep', STRANGER), STRANGER)).toContain('not an approver');
  expect((await it.head()).association).toBeUndefined();
});
