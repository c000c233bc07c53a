import { describe, expect, test } from 'vitest';
import type { Incident } from '../../../src/core/record/incident.ts';
import type { NodeTrace, NodeTraced } from '../../../src/core/record/traced/found.ts';
import { combSentence } from '../../../src/page/charts/connect-times.ts';
import { stepTime } from '../support/diagnoses.ts';
import { HOSTILE, madeHostile, pageOfIncident } from '../support/pages.ts';
import { recordedIncident, recordedReading } from '../support/recorded-incident.ts';

const FOUND: NodeTraced = {
  kind: 'traced',
  rung: 'python',
  seconds: 15,
  thin: 1,
  counts: { connections: 1480, delayed: 212, troubled: 212, refused: 0 },
  lost: [{ edge: 'node', packet: 'SYN', last: 'uplink', missing: 'veth', count: 209 }],
  tableDrops: 209,
  sentences: ['212 of 1,480 new connections (14 %) to tcp 30080 were delayed 1.0 s or more.'],
  consequences: [],
  path: { uplink: 1480, veth: 1271, pod: 1271, answered: 1268 },
  connectTimes: [
    { label: 'below 1 s', count: 1268 },
    { label: '1 s', count: 180 },
    { label: '3 s', count: 26 },
    { label: '7 s', count: 5 },
    { label: 'no answer', count: 1 },
  ],
};

function tracedBy(...nodes: readonly NodeTrace[]): Incident {
  const actor = { kind: 'slack-user', id: 'U012', name: 'ana' } as const;
  const synTraces = [
    {
      number: 1,
      at: stepTime(3),
      actor,
      instanceIds: nodes.map(({ instanceId }) => instanceId),
      seconds: 15,
      endedAt: stepTime(5),
      nodes: [...nodes],
    },
  ];
  return recordedIncident(
    'awaiting-approval',
    nodes.map(({ instanceId }) => recordedReading(instanceId, 'table-full/held-open-32768')),
    { synTraces },
  );
}

const textOf = (page: string) =>
  page
    .replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('\u202f', ' ')
    .replaceAll(/\s+/g, ' ');

describe('where new connections are lost', () => {
  test('is drawn on the page, and said again in words and in tables', () => {
    const page = pageOfIncident(tracedBy({ instanceId: 'i-a', outcome: FOUND }));
    const words =
      'aria-label="1,480 first SYNs came to the uplink, 1,271 of them to the pods&#39; interfaces on the node, 1,271 into a pod, and 1,268 were answered there."';
    expect(page.split(words)).toHaveLength(3);
    expect(page.match(/<g class="fell">/g)).toHaveLength(4);
    expect(textOf(page)).toContain(
      'Step Got there Lost before client → NIC 1,480 0 NIC → netfilter 1,480 0 netfilter → veth 1,271 209 veth → pod 1,271 0 pod → listener 1,268 3',
    );
    expect(textOf(page)).toContain(
      '1,268 connections took less than a second, 180 took 1 s, 26 took 3 s, 5 took 7 s and 1 had no answer.',
    );
  });

  test('has a row for each connection that had trouble, with the name of its pod where the node told it', () => {
    const row = { begin: 0, from: '10.9.8.7', to: '10.1.1.1', port: 30_080, attempts: 2, gap: 1 };
    const flows = [
      { ...row, pod: 1, answeredAfter: 1, packet: 'SYN', last: 'uplink', missing: 'veth' } as const,
      { ...row, pod: 2, packet: 'SYN', last: 'pod' } as const,
    ];
    const outcome = { ...FOUND, pods: [{ number: 1, name: 'shop/checkout-7d9' }], flows };
    const page = textOf(pageOfIncident(tracedBy({ instanceId: 'i-a', outcome })));
    expect(page).toContain('The first 2 of 212 connections that had trouble');
    expect(page).toContain('10.9.8.7 10.1.1.1 30080 shop/checkout-7d9 2 1 s first SYN the uplink');
    expect(page).toContain('30080 pod 2 2 no answer first SYN inside the pod');
  });

  test('is told without a drawing where no packet was seen, and as one sentence where nothing is known', () => {
    const { path: _, counts: __, ...counters } = FOUND;
    const page = textOf(
      pageOfIncident(
        tracedBy(
          { instanceId: 'i-a', outcome: { ...counters, rung: 'counters', connectTimes: [] } },
          { instanceId: 'i-b', outcome: { kind: 'failed', why: 'i-b: the trace printed nothing.' } },
        ),
      ),
    );
    expect(page).toContain('No packet could be looked at on this node, so nothing is drawn.');
    expect(page).toContain('i-b: the trace printed nothing.');
    expect(page).not.toContain('The way of first SYNs');
  });

  test('is no chapter where nobody traced', () => {
    expect(
      pageOfIncident(
        recordedIncident('no-fix-offered', [recordedReading('i-a', 'not-the-node/healthy-busy')]),
      ),
    ).not.toContain('id="lost"');
  });

  test('escapes what a node or a person put into it', () => {
    for (const words of HOSTILE) {
      const page = pageOfIncident(madeHostile(tracedBy({ instanceId: 'i-a', outcome: FOUND }), words));
      const chapter = page.slice(
        page.indexOf('id="lost"'),
        page.indexOf('</section>', page.indexOf('id="lost"')),
      );
      expect(chapter).not.toMatch(/<(script|img|iframe|base|meta|link|template)/);
    }
  });

  test('counts what waited by second, however many seconds', () => {
    expect(combSentence([{ label: 'below 1 s', count: 1 }])).toBe('1 connection took less than a second.');
    expect(
      combSentence([
        { label: '31 s', count: 2 },
        { label: 'odd', count: 3 },
      ]),
    ).toBe('3 connections took less than a second and 2 took 31 s.');
  });
});
