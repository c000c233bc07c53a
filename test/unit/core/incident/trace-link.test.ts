import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { TraceTemplate, traceLink, withTraceLink } from '../../../../src/core/incident/trace-link.ts';
import { Alarm } from '../../../../src/core/record/alarm.ts';
import { cardMessage } from '../../../../src/slack/card/blocks.ts';
import { buildAlarm } from '../../support/diagnoses.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';
import { HOSTILE } from '../../support/poisoned.ts';

const TEMPLATE =
  'https://traces.example.com/search?service={dimension.Service}&from={fromMs}&to={toMs}&why={alarm}#{fromTime}';
const alarmOf = (service: string, name = 'p99') =>
  buildAlarm({
    name,
    changedAt: '2026-11-23T14:02:00.500Z',
    dimensions: [{ name: 'Service', value: service }],
  });

describe('the link to traces', () => {
  it('spans from a quarter of an hour before the alarm fired to five minutes after it', () => {
    expect(traceLink(TEMPLATE, alarmOf('checkout'))).toBe(
      'https://traces.example.com/search?service=checkout&from=1795441620500&to=1795442820500&why=p99#2026-11-23T13%3A47%3A00.500Z',
    );
  });

  it('is left out where the alarm lacks a dimension of it, or it would be too long', () => {
    expect(traceLink(TEMPLATE, buildAlarm({ dimensions: [] }))).toBeUndefined();
    expect(traceLink(TEMPLATE, alarmOf('x'.repeat(600)))).toBeUndefined();
    expect(withTraceLink(buildAlarm({ dimensions: [] }), TEMPLATE)).not.toHaveProperty('traceUrl');
  });

  it.each(HOSTILE)('keeps what an alarm says one value of the configured address: $what', ({ poison }) => {
    const alarm = withTraceLink(alarmOf(`a&to=1#@evil.example/${poison}`.slice(0, 60)), TEMPLATE);
    const { host, searchParams } = new URL(alarm.traceUrl ?? '');
    expect(host).toBe('traces.example.com');
    expect([...searchParams.keys()]).toEqual(['service', 'from', 'to', 'why']);
    expect(searchParams.get('to')).toBe('1795442820500');
    expect(Alarm.parse(alarm).traceUrl).toBe(alarm.traceUrl);
  });

  it('stands on the card, beside the alarm', () => {
    const incident = buildIncident('awaiting-approval', {
      alarm: withTraceLink(alarmOf('checkout'), TEMPLATE),
    });
    const text = JSON.stringify(cardMessage(cardOf(incident, catalogue, NOW)).blocks);
    expect(text).toContain('<https://traces.example.com/search?service=checkout&from=1795441620500');
  });
});

describe('a template of the configuration', () => {
  it.each([
    TEMPLATE,
    'https://grafana.example:3000/explore?from={fromSeconds}&to={toSeconds}&r={region}&a={account}',
  ])('is sound: %s', (template) => expect(TraceTemplate.parse(template)).toBe(template));

  it.each([
    'http://traces.example.com/',
    'https://{alarm}.example.com/',
    'https://user@traces.example.com/{alarm}',
    'https://traces.example.com/{unknown}',
    'https://traces.example.com/ {alarm}',
    'https://traces.example.com/<{alarm}|x>',
    'javascript:alert(1)',
    `https://traces.example.com/${'x'.repeat(600)}`,
  ])('is refused: %s', (template) =>
    expect(TraceTemplate.safeParse(template).error?.issues[0]?.message).toMatch(/^(must|knows) /),
  );
});
