import { describe, expect, test } from 'vitest';
import type { NodePlan } from '../../../../src/core/record/plan.ts';
import { newsFromOutput } from '../../../../src/core/remediation/answer.ts';
import { buildNodePlan, instanceId } from '../../support/diagnoses.ts';

const NONCE = 'a1b2c3d4e5f6a7b8';
const id = instanceId(0);
const plan = buildNodePlan({
  instanceId: id,
  max: { from: 1000, to: 4000 },
  buckets: { from: 512, to: 4096 },
});

/** What a raise tells that is in force. */
const IN_FORCE = ['max.before=4000', 'max.after=4000', 'buckets.before=4096', 'buckets.after=4096'];

describe('newsFromOutput', () => {
  const output = (text: string) => ({ kind: 'output', instanceId: id, text, exitCode: 0 }) as const;
  const said = (...lines: string[]) =>
    output(
      [`=== medic/1 ${NONCE} result - ok 9.00`, ...lines, `=== medic/1 ${NONCE} end - ok 9.01`, ''].join(
        '\n',
      ),
    );

  test('takes values and what is not covered out of the result', () => {
    const text = said(
      'outcome=raised',
      'code=',
      'detail=Raised.',
      'max.before=1000',
      'max.after=4000',
      'buckets.before=512',
      'buckets.after=4096',
      'not_covered=/etc/sysctl.conf:3 sets 1000',
    );
    expect(newsFromOutput('raise-max', plan, text, NONCE)).toEqual({
      outcome: 'raised',
      detail: 'Raised.',
      warnings: ['Not covered: /etc/sysctl.conf:3 sets 1,000.'],
      max: { before: 1000, after: 4000 },
      buckets: { before: 512, after: 4096 },
    });
  });

  test('keeps what a raise that worked could not make last', () => {
    const text = said('outcome=raised', 'code=not-persisted', 'detail=A reboot may undo it.');
    expect(newsFromOutput('raise-max', plan, text, NONCE).warnings).toEqual(['A reboot may undo it.']);
  });

  test.each<[string, Parameters<typeof newsFromOutput>[0], Parameters<typeof newsFromOutput>[2], string]>([
    ['garbage is unknown', 'raise-max', output('\u0000\u0001'), 'unknown'],
    [
      'another run’s mark is unknown',
      'raise-max',
      { ...said('outcome=raised'), text: said('outcome=raised').text.replaceAll(NONCE, 'b'.repeat(16)) },
      'unknown',
    ],
    [
      'a cut result is unknown',
      'raise-max',
      output(said('outcome=raised').text.split('=== medic/1 a1b2c3d4e5f6a7b8 end')[0] ?? ''),
      'unknown',
    ],
    [
      'no output is unknown',
      'raise-max',
      { kind: 'none', instanceId: id, why: 'timed out', ran: true },
      'unknown',
    ],
    [
      'a command that never started changed nothing',
      'raise-max',
      { kind: 'none', instanceId: id, why: 'gone', ran: false },
      'refused',
    ],
    [
      'a raise that finds itself in force is done',
      'raise-max',
      said('outcome=unchanged', 'code=', ...IN_FORCE),
      'raised',
    ],
    [
      'a rollback with nothing left is done',
      'rollback',
      said('outcome=unchanged', 'code=', 'detail=x'),
      'rolled-back',
    ],
    [
      'a rollback of what was never done is done',
      'rollback',
      said('outcome=refused', 'code=nothing-to-roll-back'),
      'rolled-back',
    ],
    [
      'a rollback that is refused is refused',
      'rollback',
      said('outcome=refused', 'code=count-too-high'),
      'refused',
    ],
  ])('%s', (_what, kind, from, outcome) => {
    expect(newsFromOutput(kind, kind === 'rollback' ? undefined : plan, from, NONCE).outcome).toBe(outcome);
  });
});

describe('an answer that is not the plan', () => {
  const { max: _max, buckets: _buckets, ...common } = plan;
  const settings: NodePlan = {
    instanceId: id,
    arithmetic: common.arithmetic,
    layers: common.layers,
    warnings: [],
    kind: 'shorten-timeouts',
    changes: [{ key: 'net.netfilter.nf_conntrack_tcp_timeout_time_wait', from: 120, to: 60 }],
  };
  const TIME_WAIT = 'value=net.netfilter.nf_conntrack_tcp_timeout_time_wait';
  const text = (lines: readonly string[]) =>
    [`=== medic/1 ${NONCE} result - ok 9.00`, ...lines, `=== medic/1 ${NONCE} end - ok 9.01`, ''].join('\n');
  const news = (of: NodePlan, ...lines: string[]) =>
    newsFromOutput(of.kind, of, { kind: 'output', instanceId: id, text: text(lines), exitCode: 0 }, NONCE);
  const raised = (max: string, buckets: string, outcome = 'raised') => {
    const [maxBefore, maxAfter] = max.split(' ');
    const [bucketsBefore, bucketsAfter] = buckets.split(' ');
    return news(
      plan,
      `outcome=${outcome}`,
      'detail=Done.',
      `max.before=${maxBefore}`,
      `max.after=${maxAfter}`,
      `buckets.before=${bucketsBefore}`,
      `buckets.after=${bucketsAfter}`,
    );
  };

  test.each<[string, string, string, string]>([
    ['another limit', '1000 3900', '512 4096', 'nf_conntrack_max 3,900 instead of 4,000'],
    [
      'no limit at all, which the kernel writes as 0',
      '1000 0',
      '512 4096',
      'nf_conntrack_max 0 instead of 4,000',
    ],
    ['more buckets', '1000 4000', '512 4194304', 'nf_conntrack_buckets 4,194,304 instead of 4,096'],
    ['fewer buckets', '1000 4000', '512 512', 'nf_conntrack_buckets 512 instead of 4,096'],
    ['another beginning', '2000 4000', '512 4096', 'nf_conntrack_max 2,000 before it instead of 1,000'],
  ])('is told as what it is, and none of its numbers is kept: %s', (_what, max, buckets, said) => {
    for (const outcome of ['raised', 'unchanged']) {
      if (outcome === 'unchanged' && said.includes('before it')) continue;
      expect(raised(max, buckets, outcome)).toEqual({
        outcome: 'unknown',
        differs: true,
        detail: `${id}: it answered ${outcome} with ${said}.`,
      });
    }
  });

  test.each([
    ['as planned', '4096'],
    ['rounded up to whole pages of 64 KiB', '8192'],
  ])('is none with buckets %s', (_what, buckets) => {
    expect(raised('1000 4000', `512 ${buckets}`)).toMatchObject({ outcome: 'raised' });
  });

  test('is none where a command that is delivered twice finds a part of its own work', () => {
    expect(raised('1000 4000', '4096 4096')).toMatchObject({ outcome: 'raised' });
  });

  test('is a refusal that tells of a move all the same', () => {
    expect(raised('1000 4000', '512 512', 'refused')).toMatchObject({
      outcome: 'unknown',
      differs: true,
      detail: expect.stringContaining('refused with nf_conntrack_max 1,000 → 4,000'),
    });
    expect(raised('1500 1500', '512 512', 'refused')).toMatchObject({ outcome: 'refused' });
  });

  test.each([
    ['another value', [`${TIME_WAIT} 120 30`], 'tcp_timeout_time_wait 30 instead of 60'],
    [
      'a setting that nobody approved',
      [`${TIME_WAIT} 120 60`, 'value=net.ipv4.ip_forward 0 1'],
      'ip_forward, which is not in the plan',
    ],
  ])('is seen of every setting: %s', (_what, values, said) => {
    const found = news(settings, 'outcome=changed', ...values);
    expect(found).toMatchObject({ outcome: 'unknown', differs: true });
    expect(found.detail).toContain(said);
    expect(found).not.toHaveProperty('values');
  });

  test.each([
    ['does not tell the numbers', () => news(plan, 'outcome=raised', 'max.before=1000', 'max.after=4000')],
    ['is the word for another change', () => news(settings, 'outcome=raised', `${TIME_WAIT} 120 60`)],
    ['is the word for a rollback', () => news(plan, 'outcome=rolled-back')],
  ])('has to be looked for on the node when it %s', (_what, found) => {
    expect(found()).toMatchObject({ outcome: 'unknown' });
    expect(found()).not.toHaveProperty('differs');
    expect(found().detail).toContain('reading the node shows what was done');
  });

  test('is a rollback that answers with a change', () => {
    const output = { kind: 'output', instanceId: id, text: text(['outcome=raised']), exitCode: 0 } as const;
    expect(newsFromOutput('rollback', undefined, output, NONCE)).toMatchObject({ outcome: 'unknown' });
  });
});
