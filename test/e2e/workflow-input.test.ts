import { afterAll, beforeAll, expect, test } from 'vitest';
import { STRANGER } from '../../local/slack/people.ts';
import { openIncident } from '../../src/core/incident/open-incident.ts';
import { buildAlarm } from '../unit/support/diagnoses.ts';
import { Gate } from './support/gate.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
const one = () => scenario.take(1);
const three = () => scenario.take(3);

beforeAll(async () => {
  scenario = await Scenario.start([...Array.from({ length: 13 }, () => 1), 3]);
});

afterAll(() => scenario.close());

test.concurrent('an alarm that is OK again before a click closes its incident', async () => {
  const it = one();
  await it.fallIll();
  await it.recover();
  const head = await it.reach('resolved');
  expect(head.decisions).toMatchObject([{ kind: 'alarm-ok' }]);
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
  await it.cardSays('nothing was changed');
});

test.concurrent('an alarm that is OK again after a click stops nothing and leaves a note', async () => {
  const it = one();
  await it.fallIll();
  const [node] = it.nodes;
  if (node === undefined) return;
  const alarmIsOk = new Gate();
  node.misbehave = async (document) => {
    if (document === 'medic-collect') await alarmIsOk.passed;
    return undefined;
  };
  await it.press('apply-one');
  await it.reach('verifying');
  await it.recover();
  await until(
    async () => (await it.head()).alarmOkAt !== undefined,
    () => 'The alarm is not seen to be OK.',
  );
  alarmIsOk.open();
  const head = await it.reach('resolved');
  expect(head.remediations).toMatchObject([{ verification: { passed: true } }]);
  expect(head.alarmOkAt).toBeDefined();
  expect(await it.thread()).toContain('The alarm is OK again');
});

test.concurrent('repeated deliveries over every transport change nothing; another firing is counted', async () => {
  const it = one();
  const at = Date.now();
  await it.fire(at);
  await it.waits();
  await it.cardSays('Nothing was changed yet');
  await it.quiet();
  const before = await it.head();
  const { detail } = it.event('ALARM', at) as { detail: { configuration: object; state: object } };
  await it.service.send(it.event('ALARM', at));
  await it.service.send({ source: 'aws.cloudwatch', alarmArn: it.arn, alarmData: detail });
  await it.quiet();
  expect(await it.head()).toEqual(before);
  await it.service.send(it.event('ALARM', at + 60_000));
  await it.cardSays('seen 2');
  await it.service.send(it.event('ALARM', at + 60_000));
  await it.quiet();
  expect((await it.head()).seen.count).toBe(2);
  expect(it.nodes[0]?.times('medic-collect')).toBe(1);
});

test.concurrent('an incident whose workflow died does not swallow the next firing', async () => {
  const it = one();
  const { store } = it.service;
  const longAgo = new Date(Date.now() - 5 * 3_600_000).toISOString();
  const { detail } = it.event('ALARM', Date.parse(longAgo)) as { detail: { alarmName: string } };
  const alarm = buildAlarm({ arn: it.arn, name: detail.alarmName, changedAt: longAgo });
  const { head: dead } = await store.open(openIncident(alarm, longAgo));
  const head = await it.fallIll();
  expect(head.id).not.toBe(dead.id);
  expect(await store.head(dead.id)).toMatchObject({ state: 'failed' });
  await it.press('apply-one');
  await it.reach('resolved');
});

test.concurrent('a node that is offline is named on the card and the others are healed', async () => {
  const it = three();
  const [, offline] = it.nodes;
  if (offline !== undefined) offline.isOnline = false;
  await it.fallIll();
  await it.cardSays(`${offline?.instanceId} was not asked`);
  await it.press('apply-all');
  await it.reach('resolved');
  expect(offline?.commands).toEqual([]);
});

test.concurrent('a node that goes away after it was found is told of as unreachable', async () => {
  const it = one();
  const [node] = it.nodes;
  if (node === undefined) return;
  let pings = 0;
  node.ping = () => (++pings > 1 ? 'ConnectionLost' : 'Online');
  await it.fire();
  const head = await it.reach('failed');
  expect(head.transitions.at(-1)?.why).toContain('could not be delivered');
});

test.concurrent('binary garbage from a node ends in a sentence, not in a guess', async () => {
  const it = one();
  const [node] = it.nodes;
  if (node !== undefined) {
    node.misbehave = () => ({ exitCode: 0, stdout: '\u0000\u0001\ufffd<!channel>'.repeat(4000), stderr: '' });
  }
  await it.fire();
  await it.reach('failed');
  await it.cardSays('no readable evidence');
  expect(await it.card()).not.toContain('<!channel>');
});

test.concurrent('a node that rebooted between raise and verification does not count as verified', async () => {
  const it = one();
  await it.fallIll();
  const [node] = it.nodes;
  if (node === undefined) return;
  node.misbehave = (document, self, nonce) =>
    document === 'medic-collect'
      ? { exitCode: 0, stdout: self.evidence(nonce).replace(/^boot_id=.*/m, 'boot_id=another'), stderr: '' }
      : undefined;
  await it.press('apply-one');
  const head = await it.reach('failed');
  expect(head.transitions.at(-1)?.why).toContain('rebooted');
});

test.concurrent('output that was cut off is not enough for a button', async () => {
  const it = one();
  const [node] = it.nodes;
  if (node !== undefined) {
    node.misbehave = (_document, self, nonce) => {
      const text = self.evidence(nonce);
      return { exitCode: 0, stdout: text.slice(0, text.indexOf(`${nonce} conntrack 1`)), stderr: '' };
    };
  }
  await it.fire();
  const head = await it.reach('no-fix-offered');
  expect(head.plan).toBeUndefined();
  await it.cardSays('ends before its closing section');
});

test.concurrent('two boots in one window are no evidence of anything', async () => {
  const it = one();
  const [node] = it.nodes;
  if (node !== undefined) {
    node.misbehave = (_document, self, nonce) => ({
      exitCode: 0,
      stdout: self.evidence(nonce).replaceAll(/^(=== \S+ \S+ \S+ 1 ok) [\d.]+$/gm, '$1 12.00'),
      stderr: '',
    });
  }
  await it.fire();
  const head = await it.reach('no-fix-offered');
  expect(head.plan).toBeUndefined();
  await it.cardSays('boot');
});

test.concurrent('a node that another change holds is not touched', async () => {
  const it = one();
  await it.fallIll();
  const id = it.nodes[0]?.instanceId ?? '';
  expect(await it.service.store.lockNode(id, 'inc-another#1')).toBe(true);
  await it.press('apply-one');
  await it.reach('failed');
  await it.cardSays('another change of this node');
  expect(it.nodes[0]?.times('medic-raise')).toBe(0);
});

test.concurrent('an alarm without nodes says which setting is missing', async () => {
  const it = one();
  const event = JSON.stringify(it.event('ALARM', Date.now()));
  await it.service.send(JSON.parse(event.replaceAll(/alarm-\d+/g, 'nameless')));
  const message = () => JSON.stringify(it.service.slack.workspace.channelAs(STRANGER.id));
  await until(() => message().includes('MEDIC_ALARM_TARGETS'), message);
  expect(message()).toContain('MEDIC_ALARM_TARGETS');
});

test.concurrent('an event that is no alarm fails with one sentence, for the dead-letter queue to keep', async () => {
  await scenario.service.send({ hello: 'world' });
  await until(
    () => scenario.failures.length > 0,
    () => 'Nothing failed.',
  );
  expect(scenario.failures).toHaveLength(1);
  expect(scenario.failures[0]).toContain('This event is no CloudWatch alarm: it is an object with hello.');
});
