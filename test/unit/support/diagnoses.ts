import type { Alarm } from '../../../src/core/record/alarm.ts';
import type { Diagnosis, Evidence } from '../../../src/core/record/diagnosis.ts';
import type { RaisePlan } from '../../../src/core/record/plan.ts';

/** When the alarm of every built incident fired; the steps after it are ten seconds apart. */
export const OPENED_AT = Date.parse('2026-11-23T14:02:00.000Z');

/** Time of a step of the built incidents, ISO 8601. */
export const stepTime = (step: number): string => new Date(OPENED_AT + step * 10_000).toISOString();

const zero = (fact: string, source: string): Evidence => ({
  fact,
  value: '0',
  unit: 'in 10 s',
  threshold: '0',
  source,
});

export function buildAlarm(changes: Partial<Alarm> = {}): Alarm {
  return {
    arn: 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:checkout-p99',
    name: 'checkout-p99',
    accountId: '111122223333',
    region: 'eu-central-1',
    state: 'ALARM',
    changedAt: stepTime(0),
    reason: 'Threshold Crossed: 3 datapoints were greater than the threshold (0.5).',
    metric: 'TargetResponseTime p99',
    dimensions: [{ name: 'LoadBalancer', value: 'app/checkout/0123456789abcdef' }],
    ...changes,
  };
}

/** `i-` and 17 hex digits, the same for the same number. */
export const instanceId = (index: number): string => `i-0${(index + 0xa1).toString(16).padStart(16, '0')}`;

/** The diagnosis of a node whose table is full, with the look-alikes ruled out by number. */
export function buildDiagnosis(changes: Partial<Diagnosis> = {}): Diagnosis {
  return {
    schema: 'medic.diagnosis/1',
    verdict: 'table-full',
    impact: 'drops',
    confidence: 'high',
    contributing: [],
    offer: {
      raise: true,
      why: 'A larger table ends the drops and fits into memory.',
      nf_conntrack_max: { from: 131_072, to: 262_144 },
      nf_conntrack_buckets: { from: 32_768, to: 65_536 },
      memoryBytes: 134_742_016,
      remediations: [],
    },
    findings: [
      {
        mode: 'table-full',
        state: 'present',
        because: [
          {
            fact: 'full-table drops',
            value: '4812',
            unit: 'packets in 10 s',
            threshold: '0',
            source: 'stat',
          },
        ],
      },
      { mode: 'listen-overflow', state: 'absent', because: [zero('ListenOverflows', '/proc/net/netstat')] },
      { mode: 'snat-race', state: 'absent', because: [zero('insert_failed', 'stat')] },
      { mode: 'hash-chains-long', state: 'absent', because: [zero('chaintoolong', 'stat')] },
      { mode: 'netns-table-full', state: 'unknown', because: [], missing: ['kernel-log'] },
    ],
    gaps: ['ethtool -S: not installed → ENA limits unknown'],
    headline: 'Connection-tracking table full: new connections are being dropped.',
    ...changes,
  };
}

/** The diagnosis of a look-alike: the node's trouble is not one that a raise cures. */
export function buildLookAlike(changes: Partial<Diagnosis> = {}): Diagnosis {
  return buildDiagnosis({
    verdict: 'listen-overflow',
    offer: {
      raise: false,
      why: 'A larger table does not fix this failure mode.',
      remediations: [],
    },
    headline: 'An accept queue overflows: 9,120 connections were turned away in 10 s.',
    ...changes,
  });
}

/** The diagnosis of a node on which nothing is wrong, as one that was healed shows it. */
export function buildHealthy(changes: Partial<Diagnosis> = {}): Diagnosis {
  const { findings } = buildDiagnosis();
  return buildDiagnosis({
    verdict: 'not-the-node',
    impact: 'pressure',
    offer: { raise: false, why: 'Connection tracking is not the cause.', remediations: [] },
    findings: [
      {
        mode: 'table-full',
        state: 'absent',
        because: [{ ...zero('full-table drops', 'stat'), unit: 'packets in 10 s' }],
      },
      ...findings.slice(1),
      { mode: 'not-the-node', state: 'present', because: [zero('full-table drops', 'stat')] },
    ],
    gaps: [],
    headline: "No cause on this node's network path in 10 s.",
    ...changes,
  });
}

export function buildNodePlan(changes: Partial<RaisePlan> = {}): RaisePlan {
  return {
    kind: 'raise-max',
    instanceId: instanceId(0),
    max: { from: 131_072, to: 262_144 },
    buckets: { from: 32_768, to: 65_536 },
    memoryBytes: 134_742_016,
    memoryTotalBytes: 16_384 * 1024 * 1024,
    arithmetic: ['demand 131,072 entries', 'headroom × 1.5 = 196,608', 'rounded up to 262,144'],
    chainWhenFull: 8,
    layers: [
      { layer: 'running-kernel', state: 'covered', how: 'written and read back' },
      { layer: 'sysctl.d', state: 'covered', how: '/etc/sysctl.d/99-zz-conntrack-medic.conf' },
      { layer: 'module-load-order', state: 'covered', how: '/etc/modules-load.d/conntrack-medic.conf' },
      { layer: 'hashsize', state: 'covered', how: '/etc/modprobe.d/conntrack-medic.conf' },
      {
        layer: 'kube-proxy',
        state: 'not-covered',
        how: 'conntrack.maxPerCore 32768 is written again at its restart',
      },
      { layer: 'node-replacement', state: 'not-covered', how: 'a new node starts with its own default' },
    ],
    warnings: [],
    ...changes,
  };
}
