import { describe, expect, test } from 'vitest';
import type { NodeCollection } from '../../../../src/core/record/collection.ts';
import type { Remediation } from '../../../../src/core/record/incident.ts';
import { newsFromOutput, outcomeFromNode } from '../../../../src/core/remediation/outcome.ts';
import { buildDiagnosis, instanceId } from '../../support/diagnoses.ts';

const NONCE = 'a1b2c3d4e5f6a7b8';
const id = instanceId(0);
const claim: Remediation = {
  kind: 'raise-max',
  instanceId: id,
  decision: 1,
  claimedAt: '2026-11-23T15:00:00.000Z',
};

function seen(max: number | undefined, halfApplied = false): NodeCollection {
  return {
    instanceId: id,
    collection: 2,
    collectedAt: '2026-11-23T15:01:00.000Z',
    outcome: {
      kind: 'diagnosed',
      diagnosis: buildDiagnosis(),
      figures: max === undefined ? {} : { max },
      halfApplied,
    },
  };
}

const unreadable: NodeCollection = { ...seen(1), outcome: { kind: 'failed', why: `${id}: gone.` } };
const numbers = {
  values: [{ key: 'net.netfilter.nf_conntrack_max', before: 1000, after: 4000 }],
};

describe('outcomeFromNode', () => {
  test.each<[string, Partial<Remediation>, NodeCollection, boolean, string | undefined]>([
    ['raised when the new limit is in force', {}, seen(4000), false, 'raised'],
    [
      'failed when the old limit is and the command is over',
      { outcome: 'unknown' },
      seen(1000),
      true,
      'failed',
    ],
    ['unknown when the old limit is and the command may still arrive', {}, seen(1000), false, 'unknown'],
    ['unknown on any other limit', { outcome: 'unknown' }, seen(2000), true, 'unknown'],
    ['unknown when the limit cannot be read', {}, seen(undefined), true, 'unknown'],
    ['unknown while the change is half done', { outcome: 'failed' }, seen(4000, true), true, 'unknown'],
    ['unknown when the node cannot be read', { outcome: 'unknown' }, unreadable, true, 'unknown'],
    [
      'raised although the script said failed, when the node shows it',
      { outcome: 'failed' },
      seen(4000),
      true,
      'raised',
    ],
    ['left alone when the answer is known', { outcome: 'refused' }, seen(4000), true, undefined],
    [
      'rolled back when the old limit is in force again',
      { kind: 'rollback' },
      seen(1000),
      false,
      'rolled-back',
    ],
  ])('is %s', (_what, step, collection, isOver, outcome) => {
    expect(
      outcomeFromNode({ ...claim, ...step }, { ...numbers, against: [], isOver }, collection).outcome,
    ).toBe(outcome);
  });
});

describe('a deletion whose answer was lost', () => {
  const deletion = { ...claim, kind: 'delete-udp-entries' } as const;
  const expectation = { values: [], against: ['made-up-mode'], isOver: true };
  const found = (state: 'present' | 'absent' | 'unknown'): NodeCollection => ({
    ...seen(1000),
    outcome: {
      kind: 'diagnosed',
      diagnosis: buildDiagnosis({ findings: [{ mode: 'made-up-mode', state, because: [] }] }),
      figures: {},
      halfApplied: false,
    },
  });

  test.each([
    ['absent', 'changed'],
    ['present', 'unknown'],
    ['unknown', 'unknown'],
  ] as const)('is told by its failure mode, seen %s: %s', (state, outcome) => {
    expect(outcomeFromNode(deletion, expectation, found(state)).outcome).toBe(outcome);
  });
});

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
      'not_covered=/etc/sysctl.conf:3 sets 1000',
    );
    expect(newsFromOutput('raise-max', text, NONCE)).toEqual({
      outcome: 'raised',
      detail: 'Raised.',
      warnings: ['Not covered: /etc/sysctl.conf:3 sets 1000.'],
      max: { before: 1000, after: 4000 },
    });
  });

  test('keeps what a raise that worked could not make last', () => {
    const text = said('outcome=raised', 'code=not-persisted', 'detail=A reboot may undo it.');
    expect(newsFromOutput('raise-max', text, NONCE).warnings).toEqual(['A reboot may undo it.']);
  });

  test.each<[string, Parameters<typeof newsFromOutput>[0], Parameters<typeof newsFromOutput>[1], string]>([
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
    ['a raise that finds itself in force is done', 'raise-max', said('outcome=unchanged', 'code='), 'raised'],
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
    expect(newsFromOutput(kind, from, NONCE).outcome).toBe(outcome);
  });
});
