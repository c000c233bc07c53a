import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { cardActions } from '../../../../src/core/card/actions.ts';
import { IncidentState, type Remediation } from '../../../../src/core/record/incident.ts';
import { renderRunbook } from '../../../../src/core/runbook/incident-runbooks.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

const FIXABLE = [
  'table-full/held-open-32768',
  'near-full/nine-tenths',
  'hash-chains-long/one-thousand-buckets',
  'stale-udp-entry/backend-replaced',
];

/** States whose card gets its button with the next step, which is what the runbook waits for in the thread. */
const BEFORE_THE_BUTTON: readonly string[] = ['diagnosed'];

const changed = (kind: Remediation['kind']): Remediation => ({
  kind,
  instanceId: 'i-a',
  decision: 1,
  claimedAt: stepTime(3),
  outcome: kind === 'raise-max' ? 'raised' : 'changed',
});

describe.each(FIXABLE)('the runbook of %s', (capture) => {
  const reading = recordedReading('i-a', capture);
  const plan = reading.outcome.kind === 'diagnosed' ? reading.outcome.plan : undefined;
  if (plan === undefined) throw new Error(`${capture} has no plan`);

  it.each(IncidentState.options)('speaks of the buttons that the card has in the state %s', (state) => {
    for (const remediations of [[], [changed(plan.kind)]]) {
      const incident = recordedIncident(state, [reading], { remediations });
      const kinds = cardActions(incident, catalogue).actions.map(({ kind }) => kind);
      const mayChange =
        kinds.includes('apply-one') ||
        kinds.includes('apply-all') ||
        BEFORE_THE_BUTTON.includes(incident.head.state);
      const { markdown } = renderRunbook(incident, catalogue, runbookTexts);
      const isReversible = plan.kind !== 'delete-udp-entries';
      expect({
        change: markdown.includes('Use the button on the card'),
        instead: /by hand instead/i.test(markdown),
        rollback: markdown.includes('Roll back'),
      }).toEqual({
        change: mayChange,
        instead: mayChange && capture !== 'near-full/nine-tenths',
        rollback: isReversible && (mayChange || kinds.includes('rollback')),
      });
    }
  });
});

describe('a node that is further by now than its plan', () => {
  it('is told no command that would take it back', () => {
    const reading = recordedReading('i-a', 'table-full/held-open-32768');
    const later = recordedReading('i-a', 'not-the-node/healthy-idle', 2);
    const incident = recordedIncident('resolved', [reading, later], {
      collection: 2,
      remediations: [changed('raise-max')],
    });
    const limits = [reading, later].map(({ outcome }) =>
      outcome.kind === 'diagnosed' ? outcome.figures.max : undefined,
    );
    const { markdown } = renderRunbook(incident, catalogue, runbookTexts);
    expect(limits).toEqual([32_768, 262_144]);
    expect(markdown).toMatch(/^# Connection-tracking table full\n/);
    expect(markdown).toContain('32,768');
    expect(markdown).not.toMatch(/sysctl -w net\.netfilter\.nf_conntrack_max=/);
  });
});

describe('the way onto the node', () => {
  const wayIn = (changes: Parameters<typeof recordedIncident>[2]) =>
    renderRunbook(
      recordedIncident('awaiting-approval', [recordedReading('i-a', 'table-full/held-open-32768')], changes),
      catalogue,
      runbookTexts,
    )
      .markdown.match(/^aws .*$|with credentials of account \d+/gm)
      ?.slice(0, 2);

  it("names account and region, the alarm's where the node has no others", () => {
    expect(wayIn({})).toEqual([
      'with credentials of account 111122223333',
      'aws ssm start-session --target i-a --region eu-central-1',
    ]);
    expect(wayIn({ nodes: [{ instanceId: 'i-a', account: '444455556666', region: 'us-east-2' }] })).toEqual([
      'with credentials of account 444455556666',
      'aws ssm start-session --target i-a --region us-east-2',
    ]);
  });
});
