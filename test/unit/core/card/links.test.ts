import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { alarmValue } from '../../../../src/core/card/fields/alarm-value.ts';
import { alarmLink, nodeLink } from '../../../../src/core/card/fields/links.ts';
import { buildAlarm } from '../../support/diagnoses.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';

const NODE = 'i-0123456789abcdef0';
const CROSSED =
  'Threshold Crossed: 2 out of the last 3 datapoints [2.4013 (23/11/26 14:01:00), 1.9 (23/11/26 14:00:00)] were greater than the threshold (0.5) (minimum 1 datapoint for OK -> ALARM transition).';

it('leads to the alarm and to the node in the console of their region and partition', () => {
  const alarm = buildAlarm({ name: 'p99 (checkout)/eu|x>' });
  expect(alarmLink(alarm)).toBe(
    'https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#alarmsV2:alarm/p99%20%28checkout%29%2Feu%7Cx%3E',
  );
  expect(nodeLink({ instanceId: NODE, region: 'eu-west-1' }, alarm)).toBe(
    `https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#InstanceDetails:instanceId=${NODE}`,
  );
  const arn = 'arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:p99';
  expect(nodeLink({ instanceId: NODE }, buildAlarm({ arn, region: 'cn-north-1' }))).toContain(
    'https://cn-north-1.console.amazonaws.cn/ec2/',
  );
});

it('leads nowhere where no address is known', () => {
  const alert = buildAlarm({ arn: `alert:aws:grafana:eu-central-1:111122223333:${'a'.repeat(32)}` });
  expect(alarmLink(alert)).toBeUndefined();
  expect(nodeLink({ instanceId: `${NODE}|evil` }, buildAlarm())).toBeUndefined();
  expect(nodeLink({ instanceId: NODE, region: 'eu|evil' }, buildAlarm())).toBeUndefined();
  const other = buildAlarm({ arn: 'arn:aws-eusc:cloudwatch:eusc-de-east-1:111122223333:alarm:p99' });
  expect(alarmLink(other)).toBeUndefined();
});

it('tells the phone how slow it is, where the alarm says so', () => {
  const value = (reason: string, metric = 'TargetResponseTime p99') => alarmValue({ reason, metric });
  expect(value(CROSSED)).toEqual({ value: '2.4 s', limit: '0.5 s' });
  expect(value(CROSSED, 'Latency p99')).toEqual({ value: '2.4', limit: '0.5' });
  expect(value('Threshold Crossed: 3 datapoints were greater than the threshold (0.5).')).toBeUndefined();
  expect(value('somebody wrote [9 (x)] and (1)')).toBeUndefined();
  const card = cardOf(
    buildIncident('awaiting-approval', { nodes: 3, alarm: { reason: CROSSED } }),
    catalogue,
    NOW,
  );
  expect(card.banner).toBe('table-full on 3 of 3 nodes · checkout-p99 2.4 s · fix ready');
});
