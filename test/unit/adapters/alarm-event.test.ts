import { describe, expect, test } from 'vitest';
import { readAlarmEvent } from '../../../src/adapters/alarm/alarm-event.ts';

const ARN = 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:checkout p99';
const REASON = 'Threshold Crossed: 3 out of the last 3 datapoints were greater than the threshold (0.5).';
const TIME = '2026-11-23T14:02:11.123+0000';

const loadBalancer = {
  LoadBalancer: 'app/checkout/50dc6c495c0c9188',
  TargetGroup: 'targetgroup/checkout/73e2',
};
const asList = (dimensions: Record<string, string>) =>
  Object.entries(dimensions)
    .map(([name, value]) => ({ value, name }))
    .toReversed();

const state = { value: 'ALARM', reason: REASON, reasonData: '{"version":"1.0"}', timestamp: TIME };
const plain = {
  description: 'p99',
  metrics: [
    {
      id: '3b7e1a5c',
      metricStat: {
        metric: { namespace: 'AWS/ApplicationELB', name: 'TargetResponseTime', dimensions: loadBalancer },
        period: 60,
        stat: 'p99',
      },
      returnData: true,
    },
  ],
};
const math = {
  metrics: [
    { id: 'e1', expression: 'm1/m2', label: 'Errors for each request', returnData: true },
    {
      id: 'm1',
      metricStat: {
        metric: { namespace: 'AWS/EC2', name: 'A', dimensions: { InstanceId: 'i-0aaaaaaaaaaaaaaaa' } },
        period: 60,
        stat: 'Sum',
      },
      returnData: false,
    },
    {
      id: 'm2',
      metricStat: {
        metric: {
          namespace: 'AWS/EC2',
          name: 'B',
          dimensions: { InstanceId: 'i-0bbbbbbbbbbbbbbbb', Zone: 'a' },
        },
        period: 60,
        stat: 'SampleCount',
      },
      returnData: false,
    },
  ],
};

const eventBridge = (configuration: object, changes: object = {}) => ({
  version: '0',
  id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: '123456789012',
  time: '2026-11-23T14:02:11Z',
  region: 'eu-central-1',
  resources: [ARN],
  detail: {
    alarmName: 'checkout p99',
    configuration,
    state: { ...state, ...changes },
    previousState: { value: 'OK', timestamp: TIME },
    alarmTags: { team: 'shop' },
  },
});
const direct = (configuration: object) => ({
  source: 'aws.cloudwatch',
  alarmArn: ARN,
  accountId: '123456789012',
  time: '2026-11-23T14:02:12.004+0000',
  region: 'eu-central-1',
  alarmData: { alarmName: 'checkout p99', state, previousState: { value: 'OK' }, configuration },
});
const sns = (message: object | string) => ({
  Records: [
    {
      EventSource: 'aws:sns',
      Sns: { Type: 'Notification', Message: typeof message === 'string' ? message : JSON.stringify(message) },
    },
  ],
});
const snsMessage = (trigger: object) => ({
  AlarmName: 'checkout p99',
  AlarmDescription: 'p99',
  AWSAccountId: '123456789012',
  NewStateValue: 'ALARM',
  NewStateReason: REASON,
  StateChangeTime: TIME,
  Region: 'EU (Frankfurt)',
  AlarmArn: ARN,
  OldStateValue: 'OK',
  ...trigger,
});
const snsPlain = {
  Trigger: {
    MetricName: 'TargetResponseTime',
    Namespace: 'AWS/ApplicationELB',
    StatisticType: 'ExtendedStatistic',
    ExtendedStatistic: 'p99',
    Dimensions: asList(loadBalancer),
    Period: 60,
    Threshold: 0.5,
    TreatMissingData: '- TreatMissingData: missing',
  },
};
const snsMath = {
  Trigger: {
    Period: 60,
    Metrics: [
      { Id: 'e1', Expression: 'm1/m2', Label: 'Errors for each request', ReturnData: true },
      {
        Id: 'm2',
        MetricStat: {
          Metric: {
            Dimensions: asList({ InstanceId: 'i-0bbbbbbbbbbbbbbbb', Zone: 'a' }),
            MetricName: 'B',
            Namespace: 'AWS/EC2',
          },
          Period: 60,
          Stat: 'SampleCount',
        },
        ReturnData: false,
      },
      {
        Id: 'm1',
        MetricStat: {
          Metric: {
            Dimensions: asList({ InstanceId: 'i-0aaaaaaaaaaaaaaaa' }),
            MetricName: 'A',
            Namespace: 'AWS/EC2',
          },
          Period: 60,
          Stat: 'Sum',
        },
        ReturnData: false,
      },
    ],
  },
};

describe('readAlarmEvent', () => {
  test('takes what is needed from an EventBridge event', () => {
    expect(readAlarmEvent(eventBridge(plain))).toEqual({
      arn: ARN,
      name: 'checkout p99',
      accountId: '123456789012',
      region: 'eu-central-1',
      state: 'ALARM',
      changedAt: '2026-11-23T14:02:11.123Z',
      reason: REASON,
      metric: 'TargetResponseTime p99',
      dimensions: [
        { name: 'LoadBalancer', value: 'app/checkout/50dc6c495c0c9188' },
        { name: 'TargetGroup', value: 'targetgroup/checkout/73e2' },
      ],
    });
  });

  test.each([
    ['one metric', plain, snsPlain],
    ['metric math', math, snsMath],
    ['a composite alarm', { alarmRule: 'ALARM(a) AND ALARM(b)' }, { AlarmRule: 'ALARM(a) AND ALARM(b)' }],
  ])('gives the same bytes for %s over all three transports', (_what, configuration, trigger) => {
    const bytes = JSON.stringify(readAlarmEvent(eventBridge(configuration)));
    expect(JSON.stringify(readAlarmEvent(direct(configuration)))).toBe(bytes);
    expect(JSON.stringify(readAlarmEvent(sns(snsMessage(trigger))))).toBe(bytes);
  });

  test('collects the dimensions of every metric of an expression', () => {
    const alarm = readAlarmEvent(eventBridge(math));
    expect(alarm.metric).toBe('Errors for each request');
    expect(alarm.dimensions).toEqual([
      { name: 'InstanceId', value: 'i-0aaaaaaaaaaaaaaaa' },
      { name: 'InstanceId', value: 'i-0bbbbbbbbbbbbbbbb' },
      { name: 'Zone', value: 'a' },
    ]);
  });

  test('writes a plain statistic the same way, however it is shouted', () => {
    const trigger = {
      Trigger: { ...snsPlain.Trigger, ExtendedStatistic: undefined, Statistic: 'SAMPLE_COUNT' },
    };
    expect(readAlarmEvent(sns(snsMessage(trigger))).metric).toBe('TargetResponseTime SampleCount');
  });

  test('a composite alarm has no dimensions', () => {
    expect(readAlarmEvent(direct({ alarmRule: 'ALARM(a)' }))).toMatchObject({
      metric: 'composite alarm',
      dimensions: [],
    });
  });

  test.each([
    ['a log alarm', { scheduledQueryConfiguration: { queryString: 'fields @message' } }, 'log alarm'],
    ['an alarm of another kind', { traceRule: 'x' }, 'alarm of a kind that is not known here'],
  ])('names %s for what it is, over every transport', (_what, configuration, metric) => {
    for (const event of [
      eventBridge(configuration),
      direct(configuration),
      sns(snsMessage(configuration)),
      sns(snsMessage({ Trigger: configuration })),
    ])
      expect(readAlarmEvent(event)).toMatchObject({ metric, dimensions: [] });
  });

  test.each([
    ['2026-11-23T14:02:11+0000', '2026-11-23T14:02:11.000Z'],
    ['2026-11-23T16:02:11.5+0200', '2026-11-23T14:02:11.500Z'],
    ['2026-11-23T14:02:11.123Z', '2026-11-23T14:02:11.123Z'],
  ])('reads the time %s', (timestamp, iso) => {
    expect(readAlarmEvent(eventBridge(plain, { timestamp })).changedAt).toBe(iso);
  });

  test.each([
    ['nothing', undefined, 'no CloudWatch alarm: it is undefined'],
    ['a text', 'hello', 'no CloudWatch alarm: it is "hello"'],
    ['a list', [1], 'no CloudWatch alarm: it is a list'],
    ['another object', { hello: 1 }, 'an object with hello'],
    [
      'another EventBridge event',
      { ...eventBridge(plain), 'detail-type': 'EC2 Instance State-change Notification' },
      'detail-type',
    ],
    ['an SNS message of something else', sns('Hello from a budget'), 'not JSON'],
    ['an SNS message in JSON of something else', sns({ hello: 1 }), 'AlarmName'],
    ['several SNS records', { Records: [{ Sns: { Message: '{}' } }, { Sns: { Message: '{}' } }] }, 'Records'],
    ['an unknown state', eventBridge(plain, { value: 'PANIC' }), 'detail.state.value'],
    ['no time', eventBridge(plain, { timestamp: 'yesterday' }), 'not a time: "yesterday"'],
    [
      'an ARN of something else',
      { ...eventBridge(plain), resources: ['arn:aws:ec2:eu-central-1:123456789012:instance/i-0'] },
      'arn',
    ],
  ])('refuses %s with one sentence', (_what, event, part) => {
    expect(() => readAlarmEvent(event)).toThrow(part);
    expect(() => readAlarmEvent(event)).toThrow(/^[A-Z][^\n]{0,500}\.$/);
  });
});
