import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { IncidentState } from '../../../../src/core/record/incident.ts';
import { buildDiagnosis, buildLookAlike } from '../../support/diagnoses.ts';
import { buildIncident, type IncidentOptions, NOW } from '../../support/incidents.ts';

const card = (state: IncidentState, options: IncidentOptions = {}) =>
  cardOf(buildIncident(state, options), catalogue, NOW);

it.each<[IncidentState, string]>([
  ['collecting', 'grey'],
  ['diagnosed', 'red'],
  ['awaiting-approval', 'red'],
  ['applying-canary', 'blue'],
  ['applied-one', 'amber'],
  ['applying-rest', 'blue'],
  ['verifying', 'blue'],
  ['resolved', 'green'],
  ['partially-applied', 'red'],
  ['rolling-back', 'blue'],
  ['rolled-back', 'red'],
  ['no-fix-offered', 'red'],
  ['dismissed', 'grey'],
  ['expired', 'grey'],
  ['failed', 'red'],
])('colours %s %s', (state, colour) => {
  expect(card(state, { nodes: 3 }).colour).toBe(colour);
});

it('is amber while a table is nearly full and nothing is dropped', () => {
  const diagnosis = buildDiagnosis({ verdict: 'near-full', impact: 'pressure' });
  expect(
    card('awaiting-approval', { diagnosis, figures: { count: 120_000, max: 131_072, fullDrops: 0 } }).colour,
  ).toBe('amber');
});

it('is red for any verdict that loses packets, and amber for one that does not', () => {
  const figures = { count: 10, max: 100, fullDrops: 0 };
  const colourOf = (impact: 'drops' | 'pressure') =>
    card('no-fix-offered', { diagnosis: buildLookAlike({ impact }), figures }).colour;
  expect([colourOf('drops'), colourOf('pressure')]).toEqual(['red', 'amber']);
});
