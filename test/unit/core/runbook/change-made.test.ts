import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { commandsOf, settingsOf } from '../../../../src/core/plan/kinds.ts';
import type { NodeCollection } from '../../../../src/core/record/collection.ts';
import type { Incident, Remediation } from '../../../../src/core/record/incident.ts';
import type { NodePlan } from '../../../../src/core/record/plan.ts';
import { BUCKETS_KEY, MAX_KEY } from '../../../../src/core/record/settings.ts';
import { renderRunbook } from '../../../../src/core/runbook/incident-runbooks.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

/** A recorded node of each kind of change that has a recorded capture. */
const FIXABLE = [
  'table-full/held-open-32768',
  'near-full/nine-tenths',
  'hash-chains-long/one-thousand-buckets',
  'stale-udp-entry/backend-replaced',
];

const planOf = ({ outcome }: NodeCollection): NodePlan => {
  const plan = outcome.kind === 'diagnosed' ? outcome.plan : undefined;
  if (plan === undefined) throw new Error('The reading has no plan.');
  return plan;
};

/** The same node with what its plan brings, or with what it had, seen later. */
function later(reading: NodeCollection, collection: number, end: 'from' | 'to'): NodeCollection {
  const { instanceId, outcome } = reading;
  if (outcome.kind !== 'diagnosed') throw new Error('The reading has no diagnosis.');
  const values = new Map(settingsOf(planOf(reading)).map((move) => [move.key, move[end]]));
  const { max, buckets } = outcome.figures;
  const figures = {
    ...outcome.figures,
    max: values.get(MAX_KEY) ?? max,
    buckets: values.get(BUCKETS_KEY) ?? buckets,
  };
  const { collectedAt } = recordedReading(instanceId, undefined, collection);
  return { instanceId, collection, collectedAt, outcome: { ...outcome, figures } };
}

const done = (plan: NodePlan): Remediation => ({
  kind: plan.kind,
  instanceId: plan.instanceId,
  decision: 1,
  claimedAt: stepTime(3),
  outcome: plan.kind === 'raise-max' ? 'raised' : 'changed',
});
const rolledBack: Remediation = {
  kind: 'rollback',
  instanceId: 'i-a',
  decision: 2,
  claimedAt: stepTime(7),
  outcome: 'rolled-back',
};

/** What the runbook orders, and how it argues for that. */
function stepsOf(incident: Incident): string {
  const { markdown } = renderRunbook(incident, catalogue, runbookTexts);
  return Array.from(markdown.matchAll(/^## (?:What to do now|The change)\n[\s\S]*?(?=^## )/gm), String).join(
    '',
  );
}

describe.each(FIXABLE)('the steps of %s', (capture) => {
  const first = recordedReading('i-a', capture);
  const plan = planOf(first);
  const commands = commandsOf(plan);
  const hasCommands = capture !== 'near-full/nine-tenths';

  it.each(['resolved', 'partially-applied', 'failed'] as const)(
    'say in the state %s that the change is made, and order it no more',
    (state) => {
      const incident = recordedIncident(state, [first, later(first, 2, 'to')], {
        collection: 2,
        remediations: [done(plan)],
      });
      expect(stepsOf(incident)).toContain('The change is made on `i-a`: ');
      expect(stepsOf(incident)).not.toContain(commands);
      expect(stepsOf(incident)).not.toContain('buckets first');
    },
  );

  it('name the nodes that are still to get it', () => {
    const second = recordedReading('i-b', capture);
    const incident = recordedIncident('failed', [first, second, later(first, 2, 'to')], {
      collection: 2,
      remediations: [done(plan)],
    });
    const [sentence = ''] = /It is still to be made on [^\n]*/.exec(stepsOf(incident)) ?? [];
    expect(sentence).toContain('`i-b`');
    expect(sentence).not.toContain('`i-a`');
  });

  it('order it again once it was taken back', () => {
    for (const after of [[], [later(first, 3, 'from')]]) {
      const incident = recordedIncident('rolled-back', [first, later(first, 2, 'to'), ...after], {
        collection: 2 + after.length,
        remediations: [done(plan), rolledBack],
      });
      if (plan.kind === 'delete-udp-entries') continue;
      expect(stepsOf(incident)).not.toContain('The change is made');
      if (hasCommands && after.length > 0) expect(stepsOf(incident)).toContain(commands);
    }
  });
});

describe('a raise that did not help', () => {
  const first = recordedReading('i-a', 'table-full/held-open-32768');
  const second = recordedReading('i-b', 'table-full/held-open-32768');
  const plan = planOf(first);
  const failed: Remediation = {
    ...done(plan),
    verification: { passed: false, why: 'i-a: still 9,243 packets dropped in 10 s.', collection: 2 },
  };
  const steps = (
    state: 'failed' | 'rolled-back',
    remediations: readonly Remediation[],
    last: 'from' | 'to',
  ) =>
    stepsOf(
      recordedIncident(state, [first, second, later(first, 2, 'to'), later(first, 3, last)], {
        collection: 3,
        remediations: [...remediations],
      }),
    );

  it('is ordered neither again nor on the other nodes while it stands', () => {
    const text = steps('failed', [failed], 'to');
    expect(text).toContain('Do not make this change again');
    expect(text).toContain('still 9,243 packets dropped in 10 s.');
    expect(text).toContain('Leave `i-b`');
    expect(text).not.toContain('still to be made');
    expect(text).not.toContain('sysctl -w');
  });

  it('is not ordered or argued for again once it was taken back', () => {
    const text = steps('rolled-back', [failed, rolledBack], 'from');
    expect(text).toContain('Do not make this change again: it was made on `i-a`');
    expect(text).not.toContain('sysctl -w');
    expect(text).not.toContain('A larger table ends the drops');
    expect(text).not.toContain('settles at about');
  });

  it.each([
    [
      'somebody had moved the value back',
      'i-a: nf_conntrack_max is 32,768, not 131,072.',
      later(first, 2, 'from'),
    ],
    [
      'the node could not be read',
      'i-a: the second collection failed: i-a did not answer.',
      recordedReading('i-a', undefined, 2),
    ],
  ])('is not called one where %s before it was verified', (_what, why, reading) => {
    const verification = { passed: false, why, collection: 2 };
    const text = stepsOf(
      recordedIncident('failed', [first, second, reading], {
        collection: 2,
        remediations: [{ ...done(plan), verification }],
      }),
    );
    expect(text).not.toContain('Do not make this change again');
    expect(text).not.toContain('Leave `i-b`');
  });

  it('is not argued for once the table is full again', () => {
    const drift = [
      {
        at: '2026-01-01T00:00:00.000Z',
        collection: 2,
        nodes: [
          { instanceId: 'i-a', state: 'refilled' as const, why: 'i-a: the raised table is 97 % full again.' },
        ],
      },
    ].map((look) => ({ ...look, at: stepTime(20) }));
    const text = stepsOf(
      recordedIncident('resolved', [first, second, later(first, 2, 'to')], {
        collection: 2,
        remediations: [done(plan)],
        drift,
      }),
    );
    expect(text).toContain('the raised table is 97 % full again.');
    expect(text).not.toContain('A larger table ends the drops');
    expect(text).not.toContain('still to be made');
  });

  it('names a node that it failed on apart from those that wait, with the command for it', () => {
    const broken: Remediation = { ...done(plan), instanceId: 'i-b', outcome: 'failed' };
    const text = steps('failed', [done(plan), broken], 'to');
    expect(text).not.toContain('still to be made');
    expect(text).toContain('It did not go through on `i-b`');
    expect(text).toContain('By hand on `i-b`, as root:');
    expect(text).toContain(commandsOf(planOf(second)));
  });

  it('does not call a node open whose answer was lost', () => {
    const lost: Remediation = { ...done(plan), instanceId: 'i-b', outcome: 'unknown' };
    const text = steps('failed', [done(plan), lost], 'to');
    expect(text).toMatch(/Whether it went through on `i-b` \([^)]*\) is not known/);
    expect(text).not.toContain('still to be made');
  });
});
