import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalService, startService } from '../../local/demo/service.ts';
import { openWorkDir } from '../../local/demo/work-dir.ts';
import { APPROVER } from '../../local/slack/people.ts';
import { ModelNode } from './support/model-node.ts';
import { nodesUnderTest } from './support/nodes-under-test.ts';
import { Patient } from './support/patient.ts';
import { until } from './support/until.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

/** Alarms of as many node groups that fire at once: all have something to say while Slack takes one message a second. */
const INCIDENTS = 8;

let service: LocalService;
let workDir: string;
let patients: readonly Patient[];

beforeAll(async () => {
  const groups = Array.from({ length: INCIDENTS }, (_, index) => ({
    alarm: `storm-${index + 1}`,
    node: new ModelNode(index + 1, `group-${index + 1}`),
  }));
  workDir = await openWorkDir();
  service = await startService({
    nodes: nodesUnderTest(
      'model nodes of the tests',
      groups.map(({ node }) => node),
    ),
    workDir,
    port: 0,
    waitSecondMs: WAIT_SECOND_MS,
    slackPatienceMs: 30_000,
    reconcileSeconds: 0,
    environment: {
      MEDIC_SAMPLE_SECONDS: '2',
      MEDIC_SETTLE_SECONDS: '1',
      MEDIC_ALARM_TARGETS: JSON.stringify(
        groups.map(({ alarm, node }) => ({
          alarm,
          group: { cluster: 'shop', nodeGroup: alarm },
          instanceIds: [node.instanceId],
        })),
      ),
    },
    onFailure: () => {},
  });
  patients = groups.map(({ alarm, node }) => new Patient(service, alarm, [node]));
});
afterAll(async () => {
  await service.close();
  await rm(workDir, { recursive: true, force: true });
});

test('in a storm at the limits of Slack every incident gets its card, once, and none fails', async () => {
  await Promise.all(patients.map((it) => it.fire()));
  await Promise.all(patients.map((it) => it.reach('awaiting-approval')));
  await until(
    async () => {
      await service.reconcile();
      const cards = await Promise.all(patients.map((it) => it.card()));
      return cards.every((card) => card.includes('Apply to 1 node'));
    },
    () => 'Some incident has no card with buttons.',
  );
  const cards = service.slack.workspace.channelAs(APPROVER.id);
  expect(cards).toHaveLength(INCIDENTS);
  expect((await Promise.all(patients.map((it) => it.head()))).map(({ state }) => state)).toEqual(
    patients.map(() => 'awaiting-approval'),
  );
  const [one, ...others] = patients;
  await one?.press('apply-one');
  await one?.reach('resolved');
  await Promise.all(others.map((it) => it.press('dismiss')));
  await Promise.all(others.map((it) => it.reach('dismissed')));
  await until(
    async () => {
      await service.reconcile();
      return (await service.store.unfinished()).length === 0;
    },
    () => 'Some card is still owed.',
  );
  await one?.cardSays('Verified');
  for (const it of others) await it.cardSays('Dismissed');
  // Whoever keeps asking is not only refused: Slack may cut the app off.
  expect(service.slack.refusedCalls()).toBe(0);
});
