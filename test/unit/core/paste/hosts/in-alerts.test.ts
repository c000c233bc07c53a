import { describe, expect, it } from 'vitest';
import { diagnosedHosts } from '../../../support/pastes.ts';

/** An alert as Alertmanager sends it to a webhook. */
const alert = (status: string, instance: string, percent: string) => ({
  status,
  labels: { alertname: 'NodeHighNumberConntrackEntriesUsed', instance, severity: 'warning' },
  annotations: {
    description: `${percent}% of conntrack entries are used.`,
    summary: 'Number of conntrack are getting close to the limit.',
  },
  startsAt: '2026-11-26T03:11:00Z',
  endsAt: status === 'resolved' ? '2026-11-26T03:20:00Z' : '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus:9090/graph?g0.expr=node_nf_conntrack_entries',
});

const webhook = (alerts: readonly unknown[], indent?: number) =>
  JSON.stringify(
    {
      receiver: 'slack',
      status: 'firing',
      alerts,
      commonAnnotations: { summary: 'Number of conntrack are getting close to the limit.' },
      version: '4',
    },
    null,
    indent,
  );

const FIRES = alert('firing', '10.0.11.4:9100', '97.12');
const IS_OVER = alert('resolved', '10.0.11.5:9100', '95.02');

const inMail = (state: string, instance: string, percent: string) =>
  `**${state}**\n\nLabels:\n - alertname = NodeHighNumberConntrackEntriesUsed\n - instance = ${instance}\nAnnotations:\n - description = ${percent}% of conntrack entries are used.\nSource: http://x\n`;

describe('alerts of which one fires and one is over', () => {
  it.each([
    ['a webhook', webhook([FIRES, IS_OVER], 2)],
    ['a webhook on one line', webhook([FIRES, IS_OVER])],
    ['the one that is over first', webhook([IS_OVER, FIRES], 2)],
    [
      'Alertmanager’s API',
      JSON.stringify([
        { ...FIRES, status: { state: 'active' } },
        { ...IS_OVER, status: { state: 'resolved' } },
      ]),
    ],
    [
      'a chat',
      '[FIRING:1] NodeHighNumberConntrackEntriesUsed node-exporter (10.0.11.4:9100 warning)\n97.12% of conntrack entries are used.\n[RESOLVED] NodeHighNumberConntrackEntriesUsed node-exporter (10.0.11.5:9100 warning)\n95.02% of conntrack entries are used.',
    ],
    [
      'a mail',
      `${inMail('Firing', '10.0.11.4:9100', '97.12')}\n${inMail('Resolved', '10.0.11.5:9100', '95.02')}`,
    ],
  ])('are told apart, each by its instance: %s', (_, text) => {
    const hosts = diagnosedHosts(text);
    expect(hosts.map(({ host, diagnosis: { verdict, offer } }) => [host.host, verdict, offer.raise])).toEqual(
      [
        ['10.0.11.4', 'near-full', false],
        ['10.0.11.5', 'insufficient-evidence', false],
      ],
    );
    expect(hosts[1]?.diagnosis.headline).toMatch(/is over, so what it said is past.* 95 %/);
  });

  it('are told with a line each, which is not ignored too', () => {
    const text = webhook([FIRES, IS_OVER], 2);
    const at = (words: string) => text.split('\n').findIndex((line) => line.includes(words)) + 1;
    const hosts = diagnosedHosts(text);
    expect(hosts.map(({ host }) => host.seen.flatMap(({ lines }) => lines))).toEqual([
      [{ from: at('97.12'), to: at('97.12') }],
      [{ from: at('95.02'), to: at('95.02') }],
    ]);
    expect(hosts.flatMap(({ host }) => host.ignored)).toEqual([]);
  });

  it('are one host where both are of it, and the past takes nothing from what fires', () => {
    const hosts = diagnosedHosts(webhook([FIRES, alert('resolved', '10.0.11.4:9100', '95.02')], 2));
    expect(hosts.map(({ host, diagnosis }) => [host.host, diagnosis.verdict])).toEqual([
      ['10.0.11.4', 'near-full'],
    ]);
  });

  it('say nothing of now where all are over', () => {
    for (const text of [
      webhook([IS_OVER], 2),
      JSON.stringify({
        status: 'resolved',
        alerts: [{ labels: IS_OVER.labels, annotations: IS_OVER.annotations }],
      }),
      inMail('Resolved', '10.0.11.5:9100', '95.02'),
    ])
      expect(diagnosedHosts(text).map(({ diagnosis }) => diagnosis.verdict)).toEqual([
        'insufficient-evidence',
      ]);
  });
});
