import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Remediation } from '../../../../src/core/record/incident.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';

const stopped = (news: Partial<Remediation>) => {
  const incident = buildIncident('failed', { nodes: 3 });
  const remediations = incident.head.remediations.map(({ verification: _none, max: _max, ...step }) => ({
    ...step,
    ...news,
  }));
  return cardOf({ ...incident, head: { ...incident.head, remediations } }, catalogue, NOW);
};

it('calls no node changed of which nobody knows whether it was', () => {
  const detail = 'no answer came; the node was read at 14:03:00Z and has nf_conntrack_max 131,072 as before';
  expect(stopped({ outcome: 'unknown', detail }).header).toBe(
    'Stopped: it is not known whether 1 node was changed',
  );
});

it('calls nothing changed where a reading told that what was sent never arrived', () => {
  const card = stopped({ outcome: 'refused', setAside: 'lost', detail: 'it never arrived.' });
  expect(card.header).toBe('Stopped: nothing was changed');
  expect(JSON.stringify(card.results)).toContain('set aside, not changed');
});

it('calls a node changed that answered with other numbers than the plan', () => {
  expect(stopped({ outcome: 'unknown', differs: true }).header).toBe('Stopped: 1 node changed');
});

it('offers to try the others again where some nodes stand changed and one was set aside, in whatever state it ended', () => {
  const incident = buildIncident('resolved', { nodes: 3 });
  const { head } = incident;
  const labelOf = (remediations: readonly Remediation[]) =>
    cardOf({ ...incident, head: { ...head, remediations: [...remediations] } }, catalogue, NOW).actions.find(
      ({ kind }) => kind === 'collect-again',
    )?.label;
  const [first, ...others] = head.remediations;
  if (first === undefined) throw new Error('Nothing was changed.');
  const { verification: _none, max: _max, ...step } = first;
  const gone: Remediation = { ...step, outcome: 'refused', setAside: 'not-reached', detail: 'it is gone.' };
  expect(labelOf(head.remediations)).toBeUndefined();
  expect(labelOf([gone, ...others])).toBe('Try the others again');
});
