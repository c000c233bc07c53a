import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import type { Figures, NodeCollection } from '../../../../src/core/record/collection.ts';
import type { SettingKey } from '../../../../src/core/record/plan.ts';
import { renderRunbook } from '../../../../src/core/runbook/incident-runbooks.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

/** Of the newest reading, or of the change's own numbers, which are not what was there before. */
const NOT_BEFORE =
  /\{\{\s*[?!]?(?:[a-z0-9-]+\.(?:now|to)(?:\.digits)?|max|max\.digits|buckets|plan\.max\S*)\s*\}\}/;

const rollbackOf = (markdown: string): string =>
  /^## Rollback\n([\s\S]*?)(?=^## )/m.exec(markdown)?.[1] ?? '';

describe('the way back', () => {
  it.each(Object.keys(runbookTexts))('of %s is told from the first reading alone', (mode) => {
    expect(rollbackOf(runbookTexts[mode] ?? '')).not.toMatch(NOT_BEFORE);
  });
});

type Shown = Partial<Pick<Figures, 'max' | 'buckets' | 'settings' | 'handSettings'>>;

function reading(
  collection: number,
  capture: string,
  verdict: string | undefined,
  shown: Shown,
): NodeCollection {
  const one = recordedReading('i-a', capture, collection);
  const { outcome } = one;
  if (outcome.kind !== 'diagnosed') throw new Error('The reading has no diagnosis.');
  const diagnosis = verdict === undefined ? outcome.diagnosis : { ...outcome.diagnosis, verdict };
  return { ...one, outcome: { ...outcome, diagnosis, figures: { ...outcome.figures, ...shown } } };
}

const gc = (low: number, middle: number, high: number): Partial<Record<SettingKey, number>> => ({
  'net.ipv4.neigh.default.gc_thresh1': low,
  'net.ipv4.neigh.default.gc_thresh2': middle,
  'net.ipv4.neigh.default.gc_thresh3': high,
});
const closeWait = (seconds: number) => ({
  settings: {
    'net.netfilter.nf_conntrack_tcp_timeout_established': 86_400,
    'net.netfilter.nf_conntrack_tcp_timeout_close_wait': seconds,
  },
});
const byHand = (key: string, value: number): Shown => ({ handSettings: { [key]: value } });

/** What each mode's node showed first, what it shows since the change, and the way back from there. */
const CHANGED: readonly (readonly [string, Shown, Shown, string])[] = [
  [
    'neighbour-overflow',
    { settings: gc(128, 512, 1024) },
    { settings: gc(1024, 2048, 4096) },
    '128, 512 and 1,024',
  ],
  ['timeout-bloat', closeWait(3600), closeWait(60), 'timeout_close_wait=3600'],
  [
    'expectation-table-full',
    byHand('net.netfilter.nf_conntrack_expect_max', 256),
    byHand('net.netfilter.nf_conntrack_expect_max', 512),
    'expect_max=256',
  ],
  [
    'half-open-flood',
    byHand('net.netfilter.nf_conntrack_tcp_timeout_syn_sent', 120),
    byHand('net.netfilter.nf_conntrack_tcp_timeout_syn_sent', 20),
    'timeout_syn_sent=120',
  ],
  [
    'invalid-reset',
    byHand('net.netfilter.nf_conntrack_tcp_be_liberal', 0),
    byHand('net.netfilter.nf_conntrack_tcp_be_liberal', 1),
    'be_liberal=0',
  ],
  [
    'snat-ports-exhausted',
    { settings: { 'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 120 } },
    { settings: { 'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 30 } },
    'timeout_time_wait=120',
  ],
  [
    'softnet-drops',
    byHand('net.core.netdev_max_backlog', 1000),
    byHand('net.core.netdev_max_backlog', 2000),
    'max_backlog=1000',
  ],
  [
    'udp-flood',
    byHand('net.netfilter.nf_conntrack_udp_timeout', 30),
    byHand('net.netfilter.nf_conntrack_udp_timeout', 15),
    'udp_timeout=30',
  ],
];

describe.each(CHANGED)('the way back of %s once the setting is changed', (mode, first, later, expected) => {
  it.each([
    ['by the product', { kind: 'raise-max', instanceId: 'i-a', decision: 1, claimedAt: stepTime(3) }],
    ['by hand', undefined],
  ] as const)('%s gives what was there before', (_by, step) => {
    const healthy = step === undefined ? mode : undefined;
    const incident = recordedIncident(
      'awaiting-approval',
      [
        reading(1, 'not-the-node/healthy-idle', mode, first),
        reading(2, 'not-the-node/healthy-idle', healthy, later),
      ],
      { collection: 2, remediations: step === undefined ? [] : [{ ...step, outcome: 'raised' }] },
    );
    expect(rollbackOf(renderRunbook(incident, catalogue, runbookTexts).markdown)).toContain(expected);
  });
});
