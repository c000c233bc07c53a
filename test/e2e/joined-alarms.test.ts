import {
  InvokeCommand,
  LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  SendDurableExecutionCallbackFailureCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isWarning } from '../../src/core/incident/warning-alarm.ts';
import { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

/** Alarms of one test alone, each with its nodes by their numbers. */
const ALARMS: Readonly<Record<string, readonly number[]>> = {
  ...Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`storm-${index + 1}`, [1, 2]])),
  'first-of-grown': [3, 4],
  'second-of-grown': [4, 5],
  'first-of-again': [7],
  'second-of-again': [7, 8],
  'of-warned': [9],
  'first-of-ok': [6],
  'second-of-ok': [6],
};

let scenario: Scenario;
beforeAll(async () => {
  const targets = Object.entries(ALARMS).map(([alarm, nodes]) => ({
    alarm,
    instanceIds: nodes.map(idOf),
    group: { cluster: 'shop', nodeGroup: 'g' },
  }));
  scenario = await Scenario.startUnattended([9], { MEDIC_ALARM_TARGETS: JSON.stringify(targets) });
});
afterAll(() => scenario.close());

const idOf = (index: number): string => `i-0${String(index).padStart(16, '0')}`;

/** An alarm with the nodes of the shared group that it names. */
function patientOf(alarm: string, group: Patient): Patient {
  const ids = new Set((ALARMS[alarm] ?? []).map(idOf));
  return new Patient(
    group.service,
    alarm,
    group.nodes.filter(({ instanceId }) => ids.has(instanceId)),
  );
}

/** A card that had no turn in this second is drawn when the reconciler comes by, which nobody but the test sends here. */
async function cardComesToSay(it: Patient, text: string): Promise<void> {
  await until(
    async () => {
      await it.service.reconcile();
      return (await it.card()).includes(text);
    },
    () => `The card does not say "${text}".`,
  );
}

let group: Patient;
beforeAll(() => {
  group = scenario.take(9);
});

test('twelve alarms about two nodes are one card, and each node is asked once', async () => {
  const patients = Object.keys(ALARMS)
    .filter((name) => name.startsWith('storm-'))
    .map((name) => patientOf(name, group));
  await Promise.all(patients.map((it) => it.fire()));
  await until(
    async () => {
      const heads = await Promise.all(patients.map((it) => it.service.store.newestIncidentOf(it.arn)));
      return (
        heads.filter((head) => head?.state === 'joined').length === 11 &&
        heads.some((head) => head?.state === 'awaiting-approval')
      );
    },
    () => 'The alarms have not become one incident.',
  );
  const heads = await Promise.all(patients.map((it) => it.head()));
  const [leader] = heads.filter(({ state }) => state === 'awaiting-approval');
  expect(heads.flatMap(({ joinedTo }) => joinedTo ?? [])).toEqual(
    Array.from({ length: 11 }, () => leader?.id),
  );
  expect(heads.filter(({ card }) => card !== undefined)).toHaveLength(1);
  const it = patients[heads.findIndex(({ id }) => id === leader?.id)];
  if (it === undefined) throw new Error('No incident leads.');
  await cardComesToSay(it, '12 of 12 alarms');
  expect(it.nodes.map((node) => node.times('medic-collect'))).toEqual([1, 1]);
  await it.press('apply-all');
  const { remediations } = await it.reach('resolved');
  expect(remediations.map(({ instanceId }) => instanceId).toSorted()).toEqual([idOf(1), idOf(2)]);
});

test('a new node speaks again: the buttons of before are gone, and come back for all three nodes', async () => {
  const it = patientOf('first-of-grown', group);
  const { plan } = await it.fallIll();
  expect(plan?.nodes.map(({ instanceId }) => instanceId).toSorted()).toEqual([idOf(3), idOf(4)]);
  await it.cardSays('Apply to 1 node');
  const joining = patientOf('second-of-grown', group);
  await joining.fire();
  await joining.reach('joined');
  // Nobody but the newcomer wakes it: the reconciler has no schedule here.
  await it.cardSays('and 2 more: nf_conntrack_max');
  const grown = await it.head();
  expect(grown.plan?.nodes.map(({ instanceId }) => instanceId).toSorted()).toEqual([3, 4, 5].map(idOf));
  expect(grown.plan?.digest).not.toBe(plan?.digest);
  expect(await it.thread()).toContain(`brought 1 more node: ${idOf(5)}`);
  expect(group.nodes[4]?.times('medic-collect')).toBe(1);
  await it.press('apply-all');
  const { remediations } = await it.reach('resolved');
  expect(remediations.map(({ instanceId }) => instanceId).toSorted()).toEqual([3, 4, 5].map(idOf));
});

test('an incident is resolved once all of its alarms are OK, and says which of them fire until then', async () => {
  const it = patientOf('first-of-ok', group);
  await it.fallIll();
  const joining = patientOf('second-of-ok', group);
  await joining.fire();
  await joining.reach('joined');
  await it.recover(Date.now() + 1000);
  await cardComesToSay(it, '*Firing* 1 of 2 alarms: second-of-ok');
  expect(await it.card()).toContain('*OK again* 1 of 2 alarms: first-of-ok');
  expect(await it.buttons()).toContain('apply-one');
  await joining.recover(Date.now() + 2000);
  await it.service.reconcile();
  await it.reach('resolved');
  await cardComesToSay(it, 'alarm OK since');
  expect(await it.buttons()).not.toContain('apply-one');
});

test('what is collected again after an end are the nodes of all alarms of the card', async () => {
  const it = patientOf('first-of-again', group);
  const { id } = await it.fallIll();
  const joining = patientOf('second-of-again', group);
  await joining.fire();
  await joining.reach('joined');
  await it.cardSays('and 1 more: nf_conntrack_max');
  await it.press('dismiss');
  await it.reach('dismissed');
  await it.press('collect-again');
  await it.openedAfter(id);
  const { plan, alarm } = await it.waits();
  expect(alarm.again).toBe(id);
  expect(plan?.nodes.map(({ instanceId }) => instanceId).toSorted()).toEqual([7, 8].map(idOf));
  // Open, it would take in what the next test has fall ill in the same node group.
  await it.press('dismiss');
  await it.reach('dismissed');
});

test('an early warning that an alarm takes over ends as that, also where its wait for a click is over', async () => {
  const { service } = group;
  const { lambda: endpoint, region, credentials } = service.endpoints;
  const lambda = new LambdaClient({ endpoint, region, credentials });
  const at = new Date(Date.now() - 60_000).toISOString();
  const request = { instanceIds: [idOf(9)], state: 'ALARM', why: 'It fills up.', at } as const;
  const Payload = JSON.stringify({ schema: 'medic.warning-request/1', ...request });
  await lambda.send(new InvokeCommand({ FunctionName: 'medic-intake:live', Payload }));
  const warned = new Patient(service, 'of-warned', []);
  const unfinished = await Promise.all(
    (await service.store.unfinished()).map((id) => service.store.head(id)),
  );
  const warningId = unfinished.find((head) => head !== undefined && isWarning(head.alarm))?.id ?? '';
  warned.lookAt(warningId);
  const { callback } = await warned.waits();
  await warned.cardSays('Apply to 1 node');

  const it = patientOf('of-warned', group);
  const { id } = await it.fallIll();
  expect(await warned.reach('joined')).toMatchObject({ joinedTo: id });
  await warned.cardSays(`Became incident ${id}`);
  // As its end by timeout reaches the workflow.
  await lambda.send(new SendDurableExecutionCallbackFailureCommand({ CallbackId: callback?.id ?? '' }));
  await until(
    async () => {
      const { DurableExecutions = [] } = await lambda.send(
        new ListDurableExecutionsByFunctionCommand({
          FunctionName: 'medic-incident',
          DurableExecutionName: warningId,
        }),
      );
      return DurableExecutions.length > 0 && DurableExecutions.every(({ Status }) => Status === 'SUCCEEDED');
    },
    () => 'The execution of the warning has not ended.',
  );
  const buttons = await warned.buttons();
  for (const kind of ['apply-one', 'apply-all', 'dismiss', 'collect-again', 'trace'])
    expect(buttons).not.toContain(kind);
  expect((await warned.head()).transitions.at(-1)?.to).toBe('joined');
  expect(scenario.failures.join('\n')).toBe('');
  lambda.destroy();
});
