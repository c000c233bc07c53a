import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { assess } from '../../../src/core/diagnosis/assess.ts';
import { planIncident } from '../../../src/core/plan/plan-incident.ts';
import type { NodeCollection } from '../../../src/core/record/collection.ts';
import type { NodePlan } from '../../../src/core/record/plan.ts';
import { remediationOf, verifyChange } from '../../../src/core/remediation/verify.ts';
import { type BuiltNode, entries, nodeOutput } from '../support/node-output.ts';

const NONCE = 'a1b2c3d4e5f6a7b8';

function assessed(node: BuiltNode) {
  const assessment = assess(nodeOutput(node), { instanceId: 'i-1', nonce: NONCE, catalogue });
  if (assessment.kind !== 'diagnosed') throw new Error(assessment.why);
  return assessment;
}

function planOf(node: BuiltNode): NodePlan | string {
  const { plan, diagnosis } = assessed(node);
  return plan ?? diagnosis.offer.why;
}

const changesOf = (plan: NodePlan | string) =>
  typeof plan === 'string' || !('changes' in plan)
    ? plan
    : plan.changes.map(({ key, from, to }) => `${key.replace(/^net\.(netfilter\.)?/, '')} ${from}:${to}`);

function collected(collection: number, node: BuiltNode): NodeCollection {
  const { diagnosis, plan, figures, halfApplied } = assessed(node);
  const outcome = { kind: 'diagnosed' as const, diagnosis, figures, halfApplied };
  return {
    instanceId: 'i-1',
    collection,
    collectedAt: '2026-11-23T12:00:00.000Z',
    outcome: plan === undefined ? outcome : { ...outcome, plan },
  };
}

/** What the verification says of a node that was sick and now looks otherwise. */
function verdictAfter(sick: BuiltNode, now: BuiltNode) {
  const plan = planOf(sick);
  if (typeof plan === 'string') throw new Error(plan);
  return verifyChange(remediationOf(catalogue, plan.kind), plan, collected(1, sick), collected(2, now));
}

const arp = (count: number, made: number, unanswered: number, fulls: number) =>
  `entries allocs destroys res_failed table_fulls\n${[count, made, 0, unanswered, fulls]
    .map((value) => value.toString(16).padStart(8, '0'))
    .join(' ')}`;

const neighbours = (
  limits: readonly [number, number, number],
  count: number,
  { fulls = 0, unanswered = 0 } = {},
): BuiltNode => ({
  sections: {
    'neighbours -': `${limits.map((limit, index) => `gc_thresh${index + 1}=${limit}`).join('\n')}\nentries=${count}`,
    'arp_cache 0': arp(count, 1_000, 0, 0),
    'arp_cache 1': arp(count, 1_100, unanswered, fulls),
  },
});

const chains = (buckets: number, refused: number): BuiltNode => ({
  count: 30_000,
  buckets,
  counters: { chainlength: refused, insert_failed: refused },
});

const timeouts = (states: readonly string[], settings: Readonly<Record<string, number>>): BuiltNode => ({
  count: 112_000,
  sections: {
    'timeouts -': Object.entries(settings)
      .map(([name, value]) => `nf_conntrack_tcp_timeout_${name}=${value}`)
      .join('\n'),
    'entries -': entries(states),
  },
});
const CLOSING = [
  'state 620 tcp CLOSE_WAIT assured',
  'state 380 tcp ESTABLISHED assured',
  'established 380 0',
];
const IDLE = ['state 1000 tcp ESTABLISHED assured', 'established 1000 900'];

describe('more buckets', () => {
  it('are one for each entry of the limit, or of the entries where those are more', () => {
    expect(changesOf(planOf(chains(1_024, 40)))).toEqual(['nf_conntrack_buckets 1024:131072']);
    const crowded = {
      ...chains(1_024, 40),
      sections: { 'slabinfo 1': 'nf_conntrack 400000 400000 256 16 1' },
    };
    expect(changesOf(planOf(crowded))).toEqual(['nf_conntrack_buckets 1024:400384']);
  });

  it('are refused where there are enough, where memory is short and where it was not read', () => {
    expect(planOf(chains(131_072, 40))).toMatch(/131,072 buckets for a limit of 131,072 already/);
    const short = { 'meminfo 1': 'MemTotal: 16384000 kB\nMemAvailable: 900000 kB' };
    expect(planOf({ ...chains(1_024, 40), sections: short })).toMatch(/Less than 10 % of the memory/);
    expect(planOf({ ...chains(1_024, 40), sections: { 'meminfo 1': undefined } })).toMatch(/meminfo was not/);
  });

  it('are verified by no more refused packets at the planned number, and at no other', () => {
    const sick = chains(1_024, 40);
    expect(verdictAfter(sick, chains(131_072, 0)).passed).toBe(true);
    // 131,072 fills its pages of any size, so the kernel adds nothing to it.
    expect(verdictAfter(sick, chains(131_584, 0))).toMatchObject({
      passed: false,
      why: expect.stringMatching(/nf_conntrack_buckets is 131,584, not 131,072/),
    });
    expect(verdictAfter(sick, chains(131_072, 3))).toMatchObject({
      passed: false,
      why: 'i-1: still 3 packets refused for long chains in 10 s.',
    });
    expect(verdictAfter(sick, chains(1_024, 0)).why).toMatch(/nf_conntrack_buckets is 1,024, not 131,072/);
  });
});

describe('shorter timeouts', () => {
  it('go to their floors for the states that crowd the table, and no other', () => {
    const plan = planOf(timeouts(CLOSING, { close_wait: 3_600, established: 432_000, time_wait: 120 }));
    expect(changesOf(plan)).toEqual(['nf_conntrack_tcp_timeout_close_wait 3600:60']);
    expect(changesOf(planOf(timeouts(IDLE, { close_wait: 3_600, established: 432_000 })))).toEqual([
      'nf_conntrack_tcp_timeout_established 432000:86400',
    ]);
  });

  it('are refused at the floor, with its reason', () => {
    expect(planOf(timeouts(IDLE, { close_wait: 60, established: 86_400 }))).toMatch(
      /safe floor or below already \(nf_conntrack_tcp_timeout_established 86,400 s, kube-proxy's own default/,
    );
  });

  it('say that a starting kube-proxy writes its own', () => {
    const node = timeouts(CLOSING, { close_wait: 3_600 });
    const running = { 'kube-proxy -': 'running=yes\nversion=1.31.2\nkube_ipvs0=no\ninterfaces=' };
    const plan = planOf({ ...node, sections: { ...node.sections, ...running } });
    expect(typeof plan === 'string' ? plan : plan.layers).toContainEqual(
      expect.objectContaining({ layer: 'kube-proxy', state: 'not-covered' }),
    );
  });

  it('are verified by being in force with no more drops than before', () => {
    const sick = timeouts(CLOSING, { close_wait: 3_600 });
    const well = timeouts(CLOSING, { close_wait: 60 });
    expect(verdictAfter(sick, well).passed).toBe(true);
    expect(verdictAfter(sick, sick).why).toMatch(/nf_conntrack_tcp_timeout_close_wait is 3,600, not 60/);
    expect(verdictAfter(sick, { ...well, counters: { drop: 9 } }).passed).toBe(false);
  });
});

describe('higher neighbour thresholds', () => {
  const sick = neighbours([128, 512, 1_024], 1_024, { fulls: 50 });

  it('are four times the need as a power of two, each half of the next', () => {
    expect(changesOf(planOf(sick))).toEqual([
      'ipv4.neigh.default.gc_thresh3 1024:4096',
      'ipv4.neigh.default.gc_thresh2 512:2048',
      'ipv4.neigh.default.gc_thresh1 128:1024',
    ]);
  });

  it('are refused to a scan, at the ceiling, in an odd order, and where a limit was not read', () => {
    expect(planOf(neighbours([128, 512, 1_024], 1_024, { fulls: 50, unanswered: 90 }))).toMatch(
      /something scans the network/,
    );
    expect(planOf(neighbours([8_192, 16_384, 65_536], 65_536, { fulls: 50 }))).toMatch(/only go to 65,536/);
    expect(planOf(neighbours([4_000, 512, 1_024], 1_024, { fulls: 50 }))).toMatch(/stand in an odd order/);
    const unread = { ...sick.sections, 'neighbours -': 'gc_thresh3=1024\nentries=1024' };
    expect(planOf({ sections: unread })).toMatch(/were not all read/);
  });

  it('are verified by no refusal and room, over two samples', () => {
    const raised = [1_024, 2_048, 4_096] as const;
    expect(verdictAfter(sick, neighbours(raised, 1_200)).passed).toBe(true);
    expect(verdictAfter(sick, neighbours(raised, 1_200, { fulls: 2 })).why).toMatch(/still 2 neighbours/);
    expect(verdictAfter(sick, neighbours(raised, 3_900)).why).toMatch(/95 % of the new limit/);
    expect(verdictAfter(sick, neighbours([128, 512, 1_024], 900)).why).toMatch(/gc_thresh3 is 1,024/);
  });
});

describe('the deletion of stale UDP entries', () => {
  const flows = (...backends: readonly string[]): BuiltNode => ({
    sections: {
      'entries -': entries([
        'state 900 tcp TIME_WAIT assured',
        'state 100 udp - assured',
        `backends ${backends.length}`,
        ...backends.map((backend) => `backend ${backend} assured 10.96.0.10 119`),
      ]),
      'udp-rules -': 'udp_targets=1 unread=0 complete=yes\nudp - 10.1.1.6 53',
    },
  });
  const sick = flows('3 53 10.1.1.5 53', '1 53 10.1.1.9 53');

  it('names service and backend of the most flows and leaves the others for another click', () => {
    expect(planOf(sick)).toMatchObject({
      kind: 'delete-udp-entries',
      destination: '10.96.0.10',
      port: 53,
      target: '10.1.1.5',
      warnings: [expect.stringContaining('10.1.1.9')],
    });
  });

  it('is refused where so many entries are no left-over', () => {
    expect(planOf({ ...flows('90 53 10.1.1.5 53'), count: 100_000, max: 131_072 })).toBeTypeOf('object');
    const many = flows('90 53 10.1.1.5 53');
    const sample = (many.sections?.['entries -'] ?? '').replace('complete=yes', 'complete=no');
    expect(planOf({ ...many, count: 100_000, sections: { ...many.sections, 'entries -': sample } })).toMatch(
      /more than the 1,000 that one click deletes/,
    );
  });

  it('is verified by flows that go there no more, whatever goes elsewhere', () => {
    expect(verdictAfter(sick, flows('4 53 10.1.1.6 53')).passed).toBe(true);
    expect(verdictAfter(sick, flows('1 53 10.1.1.9 53')).passed).toBe(true);
    expect(verdictAfter(sick, flows('2 53 10.1.1.5 53')).why).toMatch(/still go to 10.1.1.5/);
    expect(verdictAfter(sick, { sections: { 'entries -': undefined } }).why).toMatch(/is not verified/);
  });
});

it('the digest of a plan covers every number of every kind', () => {
  const plans = [
    planOf(chains(1_024, 40)),
    planOf(timeouts(CLOSING, { close_wait: 3_600 })),
    planOf(neighbours([128, 512, 1_024], 1_024, { fulls: 50 })),
  ].flatMap((plan) => (typeof plan !== 'string' && 'changes' in plan ? [plan] : []));
  expect(plans).toHaveLength(3);
  const digestOf = (plan: NodePlan) => planIncident('inc-1', 1, [plan])?.digest;
  for (const plan of plans) {
    for (const [index, change] of plan.changes.entries()) {
      for (const other of [
        { ...change, from: change.from + 1 },
        { ...change, to: change.to + 1 },
      ])
        expect(digestOf({ ...plan, changes: plan.changes.with(index, other) })).not.toBe(digestOf(plan));
    }
  }
});
