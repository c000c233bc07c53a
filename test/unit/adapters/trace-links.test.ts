import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readAlarmEvent } from '../../../src/adapters/alarm/alarm-event.ts';
import { readWebhook } from '../../../src/adapters/webhook/read-webhook.ts';
import { withTraceLink } from '../../../src/core/incident/trace-link.ts';
import { Alarm } from '../../../src/core/record/alarm.ts';

const HOME = { partition: 'aws', region: 'eu-central-1', account: '123456789012' };
const ARN = 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:checkout-latency';
const TIME = '2026-11-23T14:02:11.123+0000';
const TEMPLATE = 'https://jaeger.example.com/search?from={fromMs}';

/** The same alarm of one metric, as an event and as an SNS message. */
function alarmsOf(namespace: string, dimensions: Readonly<Record<string, string>>): readonly Alarm[] {
  const state = { value: 'ALARM', reason: 'slow', timestamp: TIME };
  const metricStat = { metric: { namespace, name: 'Latency', dimensions }, stat: 'p99', period: 60 };
  const event = {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [ARN],
    detail: { alarmName: 'checkout-latency', state, configuration: { metrics: [{ metricStat }] } },
  };
  const message = {
    AlarmName: 'checkout-latency',
    AlarmArn: ARN,
    NewStateValue: 'ALARM',
    NewStateReason: 'slow',
    StateChangeTime: TIME,
    Trigger: {
      Namespace: namespace,
      MetricName: 'Latency',
      ExtendedStatistic: 'p99',
      Dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
    },
  };
  return [event, { Records: [{ Sns: { Message: JSON.stringify(message) } }] }].map(readAlarmEvent);
}

describe('an alarm on a metric that is made of traces', () => {
  test.each(['AWS/ApplicationSignals', 'AWS/X-Ray'])(
    '%s leads to them, whichever way it came',
    (namespace) => {
      const [event, sns] = alarmsOf(namespace, { Service: 'checkout', Environment: 'eks:shop' });
      expect(event?.traceUrl).toBe(
        "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#xray:traces/query?~(query~(expression~'service*28*22checkout*22*29)~context~(timeRange~(end~'2026-11-23T14*3a07*3a11.123Z~start~'2026-11-23T13*3a47*3a11.123Z)))",
      );
      expect(sns).toEqual(event);
    },
  );

  test.each(['a"b', "it's (a) ~ test", 'a\\b', 'Füße', 'x'.repeat(300), '</a><script>'])(
    'a service called %j ends nothing in the address, or is left out of it',
    (Service) => {
      const [alarm] = alarmsOf('AWS/ApplicationSignals', { Service });
      const [, query = ''] = /~\(query~\(([^)]*)\)~context/.exec(alarm?.traceUrl ?? '') ?? [];
      expect(query).toMatch(/^(expression~'[\w.*-]+)?$/);
      expect(Alarm.safeParse(alarm).success).toBe(true);
    },
  );

  test('what the configuration names stands before the console, and other metrics lead nowhere', () => {
    const [traced] = alarmsOf('AWS/ApplicationSignals', { Service: 'checkout' });
    expect(withTraceLink(traced ?? expect.unreachable(), TEMPLATE).traceUrl).toMatch(/^https:\/\/jaeger/);
    const [other] = alarmsOf('AWS/ApplicationELB', { LoadBalancer: 'app/checkout/1' });
    expect(other).not.toHaveProperty('traceUrl');
  });
});

/** An alert of another system with this in its annotations, or in the tags of its rule. */
function alertWith(sender: 'grafana' | 'alertmanager' | 'skywalking', name: string, value: string) {
  const file = `${sender}-firing`;
  const body = JSON.parse(readFileSync(`test/fixtures/events/${file}.json`, 'utf8'));
  if (Array.isArray(body)) body[0].tags = [...(body[0].tags ?? []), { key: name, value }];
  else body.alerts[0].annotations = { ...body.alerts[0].annotations, [name]: value };
  const [alarm] = readWebhook(body, HOME);
  return withTraceLink(alarm ?? expect.unreachable(), TEMPLATE).traceUrl;
}

describe('an alert that carries the address of its traces', () => {
  const OWN = 'https://skywalking.example.com/trace?service=checkout&from=1';

  test.each(['grafana', 'alertmanager', 'skywalking'] as const)(
    'of %s leads there and nowhere else',
    (sender) => {
      for (const name of ['trace_url', 'traceURL', 'traces', 'tracing-link']) {
        expect(alertWith(sender, name, OWN)).toBe(OWN);
      }
      expect(alertWith(sender, 'dashboard', OWN)).toMatch(/^https:\/\/jaeger/);
    },
  );

  test.each([
    'http://skywalking.example.com/trace',
    'javascript:alert(1)',
    'https://user:secret@traces.example.com/',
    'https://traces.example.com/<x|y>',
    'https://traces.example.com/a b',
    `https://traces.example.com/${'x'.repeat(700)}`,
    'https:///trace',
    '',
  ])('is passed over where that is no plain address: %j', (value) => {
    expect(alertWith('grafana', 'trace_url', value)).toMatch(/^https:\/\/jaeger/);
  });
});
