import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APPROVER, type Person, STRANGER } from '../../local/slack/people.ts';
import { readWebhook } from '../../src/adapters/webhook/read-webhook.ts';
import { manualAlarm } from '../../src/core/incident/manual-alarm.ts';
import { incidentId } from '../../src/core/incident/open-incident.ts';
import type { Alarm } from '../../src/core/record/alarm.ts';
import type { IncidentHead } from '../../src/core/record/incident.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const HOME = { partition: 'aws', region: 'eu-central-1', account: '123456789012' };

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1, 1, 1]);
});
afterAll(async () => {
  await scenario.close();
});

/** A group of one alert of Alertmanager about one node. */
function group(instanceId: string, status: 'firing' | 'resolved', startsAt: number, endsAt = 0) {
  const labels = { alertname: 'CheckoutLatencyHigh', instance: instanceId };
  return JSON.stringify({
    version: '4',
    groupKey: '{}:{alertname="CheckoutLatencyHigh"}',
    receiver: 'conntrack-medic',
    status,
    truncatedAlerts: 0,
    groupLabels: { alertname: 'CheckoutLatencyHigh' },
    commonLabels: labels,
    commonAnnotations: { summary: 'p99 of checkout is above 500 ms' },
    externalURL: 'http://alertmanager.example.com:9093',
    alerts: [
      {
        status,
        labels,
        annotations: {},
        startsAt: new Date(startsAt).toISOString(),
        endsAt: endsAt === 0 ? '0001-01-01T00:00:00Z' : new Date(endsAt).toISOString(),
        generatorURL: '',
        fingerprint: '1a30ba71cca2921f',
      },
    ],
  });
}

/** Posts as a monitoring system would; the body and the status. */
async function post(body: string, secret = scenario.service.endpoints.webhookSecret): Promise<string> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const answer = await fetch(scenario.service.endpoints.webhook, { method: 'POST', headers, body });
  return `${await answer.text()} ${answer.status}`;
}

const channelAs = (person: Person) => scenario.service.slack.workspace.channelAs(person.id);
const cardsWith = (text: string) =>
  channelAs(APPROVER).filter((message) => JSON.stringify(message).includes(text));
const alarmOf = (body: string) => readWebhook(JSON.parse(body), HOME)[0] as Alarm;

async function reach(id: string, state: IncidentHead['state']): Promise<IncidentHead> {
  let head: IncidentHead | undefined;
  await until(
    async () => {
      head = await scenario.service.store.head(id);
      return head?.state === state;
    },
    () => `${id} is ${head?.state}, not ${state}`,
  );
  return head as IncidentHead;
}

async function openIncidentOf(arn: string): Promise<IncidentHead> {
  let head: IncidentHead | undefined;
  await until(
    async () => {
      head = await scenario.service.store.openIncidentOf(arn);
      return head !== undefined;
    },
    () => `no incident of ${arn} is open`,
  );
  return head as IncidentHead;
}

describe('an alert that a monitoring system posts', () => {
  test.concurrent('opens one incident with one card, counts a firing once, and closes it when it is over', async () => {
    const [node] = scenario.take(1).nodes;
    const id = node?.instanceId ?? '';
    const startsAt = Date.now();
    const firing = group(id, 'firing', startsAt);
    expect(await post(firing)).toBe('{"received":[{"alarm":"CheckoutLatencyHigh","outcome":"opened"}]} 200');
    const { arn, changedAt } = alarmOf(firing);
    const incident = incidentId({ arn, changedAt });
    const head = await reach(incident, 'awaiting-approval');
    expect(head.nodes.map(({ instanceId }) => instanceId)).toEqual([id]);
    expect(cardsWith(id)).toHaveLength(1);

    // Alertmanager repeats what still fires; one more alert in the group is a firing.
    expect(await post(firing)).toContain('"exists"');
    expect((await scenario.service.store.head(incident))?.seen.count).toBe(1);
    expect(await post(group(id, 'firing', startsAt + 1_000))).toContain('already-open');
    expect((await scenario.service.store.head(incident))?.seen.count).toBe(2);

    expect(await post(group(id, 'resolved', startsAt, startsAt + 2_000))).toContain('closing');
    await reach(incident, 'resolved');
    expect(cardsWith(id)).toHaveLength(1);
  });

  test.concurrent('opens nothing without the secret', async () => {
    const body = group('i-0aaaaaaaaaaaaaaaa', 'firing', Date.now());
    expect(await post(body, 'not-the-shared-secret')).toMatch(/ 401$/);
    expect(await scenario.service.store.openIncidentOf(alarmOf(body).arn)).toBeUndefined();
  });
});

describe('/medic', () => {
  test.concurrent('opens an incident for a node, once, for an approver only', async () => {
    const [node] = scenario.take(1).nodes;
    const id = node?.instanceId ?? '';
    const { slack } = scenario.service;
    expect((await slack.command(STRANGER, id)).body).toContain('are not an approver');
    expect((await slack.command(APPROVER, id)).body).toContain(`Reading ${id}`);
    const { arn } = manualAlarm({ instanceIds: [id], by: 'x', at: '' }, HOME);
    const head = await openIncidentOf(arn);
    await reach(head.id, 'awaiting-approval');
    expect(cardsWith(`Look at ${id}`)).toHaveLength(1);
    expect((await slack.command(APPROVER, id)).body).toContain('being looked at already');
    expect((await openIncidentOf(arn)).id).toBe(head.id);
    // What the app answers is for who typed it.
    const said = (person: Person) => channelAs(person).filter(({ text }) => text.includes('Reading'));
    expect([said(APPROVER).length, said(STRANGER).length]).toEqual([1, 0]);
  });
});

test('no invocation failed with nobody waiting for it', () => {
  expect(scenario.failures.join('\n')).toBe('');
});
