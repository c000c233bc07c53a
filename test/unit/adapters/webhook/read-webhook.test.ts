import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readWebhook } from '../../../../src/adapters/webhook/read-webhook.ts';
import { Alarm } from '../../../../src/core/record/alarm.ts';
import { selectorsOfAlarm } from '../../../../src/core/resolve/alarm-tree.ts';

const HOME = { partition: 'aws', region: 'eu-central-1', account: '123456789012' };
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/events/${name}.json`, import.meta.url), 'utf8'));
const readOne = (name: string): Alarm => {
  const [alarm] = readWebhook(fixture(name), HOME);
  return Alarm.parse(alarm);
};
/** The same group with other alerts in it. */
const withAlerts = (name: string, change: (alerts: object[]) => object[]) => {
  const group = fixture(name) as { alerts: object[] };
  return readWebhook({ ...group, alerts: change(group.alerts) }, HOME)[0];
};

describe('Alertmanager', () => {
  test('one group is one alarm, about the machines that its alerts name', async () => {
    const alarm = readOne('alertmanager-firing');
    expect(alarm).toMatchObject({
      name: 'CheckoutLatencyHigh',
      state: 'ALARM',
      region: 'eu-central-1',
      accountId: '123456789012',
      // Its newest alert, in UTC.
      changedAt: '2026-11-23T13:03:00.000Z',
      reason: 'p99 of checkout is above 500 ms on 10.0.3.7',
      metric: '2 firing alerts of Alertmanager',
    });
    expect(await selectorsOfAlarm(undefined, alarm, [])).toEqual({
      selectors: [
        { kind: 'address', address: '10.0.3.7' },
        { kind: 'address', address: '10.0.4.9' },
      ],
      gaps: [],
    });
  });

  test('a repeated notification is the same state change, another alert in the group a new one', () => {
    const first = readOne('alertmanager-firing');
    expect(withAlerts('alertmanager-firing', (alerts) => alerts.toReversed())?.changedAt).toBe(
      first.changedAt,
    );
    const joined = withAlerts('alertmanager-firing', ([one = {}, ...rest]) => [
      { ...one, startsAt: '2026-11-23T13:09:00Z' },
      ...rest,
    ]);
    expect(joined).toMatchObject({ arn: first.arn, changedAt: '2026-11-23T13:09:00.000Z' });
  });

  test('resolved closes the same alarm, later than it fired', () => {
    const [fired, resolved] = [readOne('alertmanager-firing'), readOne('alertmanager-resolved')];
    expect(resolved).toMatchObject({ arn: fired.arn, state: 'OK', changedAt: '2026-11-23T13:25:30.500Z' });
  });

  test('a group of which one alert is over still fires, and is about the other one', () => {
    const alarm = withAlerts('alertmanager-firing', ([one = {}, ...rest]) => [
      { ...one, status: 'resolved', endsAt: '2026-11-23T13:20:00Z' },
      ...rest,
    ]);
    expect(alarm).toMatchObject({ state: 'ALARM', changedAt: '2026-11-23T13:03:00.000Z' });
    expect(alarm?.dimensions).toContainEqual({ name: 'PrivateIpAddress', value: '10.0.4.9' });
    expect(alarm?.dimensions).not.toContainEqual({ name: 'PrivateIpAddress', value: '10.0.3.7' });
  });

  test.each([
    ['i-0f1e2d3c4b5a69780', { kind: 'instance', instanceId: 'i-0f1e2d3c4b5a69780' }],
    ['[2001:db8::7]:9100', { kind: 'address', address: '2001:db8::7' }],
  ])('reads the instance %s', async (instance, selector) => {
    const alarm = withAlerts('alertmanager-firing', ([one = {}]) => [{ ...one, labels: { instance } }]);
    expect((await selectorsOfAlarm(undefined, alarm as Alarm, [])).selectors).toEqual([selector]);
  });
});

describe('Grafana', () => {
  test('the target in an annotation counts more than labels', async () => {
    const alarm = readOne('grafana-firing');
    expect(alarm).toMatchObject({ name: 'Checkout p99', metric: '1 firing alert of Grafana' });
    expect(await selectorsOfAlarm(undefined, alarm, [])).toEqual({
      selectors: [{ kind: 'instance', instanceId: 'i-0f1e2d3c4b5a69780' }],
      gaps: [],
    });
  });

  test('without it, the node that the label names', async () => {
    const alarm = withAlerts('grafana-firing', ([one = {}]) => [{ ...one, annotations: {} }]);
    expect((await selectorsOfAlarm(undefined, alarm as Alarm, [])).selectors).toEqual([
      { kind: 'node-name', name: 'ip-10-0-3-7.eu-central-1.compute.internal' },
    ]);
  });

  test('resolved closes the same alarm', () => {
    const [fired, resolved] = [readOne('grafana-firing'), readOne('grafana-resolved')];
    expect(resolved).toMatchObject({ arn: fired.arn, state: 'OK', changedAt: '2026-11-23T13:31:00.000Z' });
  });
});

describe('SkyWalking', () => {
  const alarms = readWebhook(fixture('skywalking-firing'), HOME).map((alarm) => Alarm.parse(alarm));

  test('each message is an alarm of its own, named by its rule', () => {
    expect(alarms.map(({ name, state }) => [name, state])).toEqual([
      ['service_instance_resp_time_rule', 'ALARM'],
      ['service_resp_time_rule', 'ALARM'],
    ]);
    expect(new Set(alarms.map(({ arn }) => arn)).size).toBe(2);
  });

  test('the pod of an instance is found by its address, everything else by the tags of the rule', async () => {
    const [instance, service] = alarms;
    expect((await selectorsOfAlarm(undefined, instance as Alarm, [])).selectors).toEqual([
      { kind: 'address', address: '10.0.3.21' },
    ]);
    expect((await selectorsOfAlarm(undefined, service as Alarm, [])).selectors).toEqual([
      { kind: 'cluster', name: 'shop' },
    ]);
  });

  test('a recovery closes the same alarms', () => {
    const recovered = readWebhook(fixture('skywalking-recovered'), HOME);
    expect(recovered.map(({ arn, state }) => [arn, state])).toEqual(alarms.map(({ arn }) => [arn, 'OK']));
    expect(Date.parse(recovered[0]?.changedAt ?? '')).toBe(1_795_439_520_000);
  });
});

test('alerts of different senders are never the same alarm', () => {
  const arns = ['alertmanager-firing', 'grafana-firing', 'skywalking-firing'].map(
    (name) => readOne(name).arn,
  );
  expect(new Set(arns).size).toBe(3);
});

test.each([
  [{}, 'no known shape'],
  ['text', 'no known shape'],
  [[], 'not one of SkyWalking alarms'],
  [
    { groupKey: 'x', status: 'firing', receiver: 'r', alerts: [] },
    'not one of Alertmanager or Grafana alerts: alerts',
  ],
  [
    {
      groupKey: 'x',
      status: 'firing',
      receiver: 'r',
      alerts: [{ status: 'firing', startsAt: 'now', endsAt: '' }],
    },
    'alerts[0].startsAt must be a time',
  ],
])('refuses %j in one sentence', (body, sentence) => {
  expect(() => readWebhook(body, HOME)).toThrow(sentence);
});
