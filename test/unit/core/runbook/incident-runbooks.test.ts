import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import type { Incident, Remediation } from '../../../../src/core/record/incident.ts';
import { renderRunbook, renderRunbooks } from '../../../../src/core/runbook/incident-runbooks.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

const FULL = 'table-full/held-open-32768';
const OVERFLOW = 'listen-overflow/busy-event-loop';
const HEALED = 'not-the-node/held-open-32768-raised';

const textOf = (incident: Incident) => renderRunbook(incident, catalogue, runbookTexts).markdown;
const raised: Remediation = {
  kind: 'raise-max',
  instanceId: 'i-a',
  decision: 1,
  claimedAt: stepTime(3),
  outcome: 'raised',
  detail: 'The limit went from 32,768 to 131,072.',
};

it('stays that of the verdict that was acted on, with what was read since', () => {
  const markdown = textOf(
    recordedIncident('resolved', [recordedReading('i-a', FULL), recordedReading('i-a', HEALED, 2)], {
      collection: 2,
      remediations: [raised],
    }),
  );
  expect(markdown).toMatch(/^# Connection-tracking table full\n/);
  expect(markdown).toContain('12,946 packets');
  expect(markdown).not.toContain('Nothing on the node was changed');
  const [, since = ''] = /## Since then\n\n([^]*?)\n\n## Meaning/.exec(markdown) ?? [];
  expect(since.split('\n')).toEqual([
    '- 2026-11-23 14:02:30Z: i-a: raise: The limit went from 32,768 to 131,072.',
    expect.stringMatching(/^- 2026-11-23 14:02:50Z: i-a: No cause on this node's network path in 10 s/),
  ]);
});

it('tells what is true once the raise was taken back, and of a node that could not be read again', () => {
  const markdown = textOf(
    recordedIncident('rolled-back', [recordedReading('i-a', FULL), recordedReading('i-a', undefined, 2)], {
      collection: 2,
      remediations: [raised, { ...raised, kind: 'rollback', claimedAt: stepTime(7), outcome: 'rolled-back' }],
    }),
  );
  expect(markdown).toMatch(/^# Connection-tracking table full\n/);
  expect(markdown).toMatch(/i-a did not answer\.\n.*: rollback: /);
});

it('says nothing of a time since where no change was ordered, and follows a newer reading', () => {
  const markdown = textOf(
    recordedIncident('no-fix-offered', [recordedReading('i-a', FULL), recordedReading('i-a', HEALED, 2)], {
      collection: 2,
    }),
  );
  expect(markdown).toMatch(/^# Not connection tracking/);
  expect(markdown).not.toContain('Since then');
});

it('has one for each verdict of a mixed incident, with the node that it is about', () => {
  const mixed = recordedIncident('awaiting-approval', [
    recordedReading('i-b', OVERFLOW),
    recordedReading('i-a', FULL),
    recordedReading('i-c', undefined),
  ]);
  const runbooks = renderRunbooks(mixed, catalogue, runbookTexts);
  expect(runbooks.map(({ title }) => title)).toEqual([
    'Connection-tracking table full',
    'Accept queue overflow: the application accepts too slowly',
  ]);
  expect(runbooks[1]?.markdown).toContain('1,188');
  expect(runbooks[1]?.markdown).toContain('This is about `i-b`, one of 3 nodes that were asked.');
  expect(textOf(mixed)).toContain('- Accept queue overflow: the application accepts too slowly');
});
