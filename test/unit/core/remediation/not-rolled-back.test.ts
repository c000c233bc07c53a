import { expect, it } from 'vitest';
import type { Remediation } from '../../../../src/core/record/incident.ts';
import { whyNotRolledBack } from '../../../../src/core/remediation/verify.ts';
import { stepTime } from '../../support/diagnoses.ts';

const step = (instanceId: string, outcome: Remediation['outcome']): Remediation => ({
  kind: 'rollback',
  instanceId,
  decision: 2,
  claimedAt: stepTime(6),
  commandId: 'c-1',
  ...(outcome === undefined ? {} : { outcome }),
  detail: `${instanceId}: 45,672 entries are in use.`,
});

it('names every node that refused', () => {
  expect(whyNotRolledBack([step('i-a', 'refused'), step('i-b', 'refused')], ['i-a', 'i-b'])).toBe(
    'i-a: rollback refused: 45,672 entries are in use. Not confirmed as rolled back either: i-b; the list says more.',
  );
});

it('names those that nothing was sent to, and none that was rolled back', () => {
  const why = whyNotRolledBack([step('i-a', 'rolled-back'), step('i-b', 'unknown')], ['i-a', 'i-b', 'i-c']);
  expect(why).toBe(
    'i-b: 45,672 entries are in use. Not confirmed as rolled back either: i-c; the list says more.',
  );
});

it('counts those that it does not name', () => {
  const ids = Array.from({ length: 20 }, (_, index) => `i-${index}`);
  const why = whyNotRolledBack(
    ids.map((id) => step(id, 'refused')),
    ids,
  );
  expect(why).toContain('either: i-1, i-2, i-3, +16 more; the list says more.');
});

it('says nothing where all are rolled back, and one reason for one node', () => {
  expect(whyNotRolledBack([step('i-a', 'rolled-back')], ['i-a'])).toBe('');
  expect(whyNotRolledBack([step('i-a', 'refused')], ['i-a'])).not.toContain('either');
});

it('says of a rollback that was turned away before it was sent that it was not sent, not that the node refused', () => {
  const { commandId: _none, ...sent } = step('i-a', 'refused');
  const why = whyNotRolledBack(
    [{ ...sent, detail: 'i-a: the rollback could not be sent: Rate exceeded' }],
    ['i-a'],
  );
  expect(why).toBe('i-a: the rollback could not be sent: Rate exceeded');
});
