import { expect, test } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Incident } from '../../../../src/core/record/incident.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';

/** 41 nodes of which the first three have the verdict; `traitsOf` says what the lookup knew of each. */
function fleet(traitsOf: (index: number) => Partial<Incident['head']['nodes'][number]>): Incident {
  const incident = buildIncident('awaiting-approval', { nodes: 41 });
  return {
    ...incident,
    head: {
      ...incident.head,
      nodes: incident.head.nodes.map(({ instanceId }, index) => ({ instanceId, ...traitsOf(index) })),
    },
    collections: incident.collections.map((one, index) => {
      if (one.outcome.kind !== 'diagnosed' || index < 3) return one;
      const { plan: _none, ...outcome } = one.outcome;
      return {
        ...one,
        outcome: { ...outcome, diagnosis: { ...outcome.diagnosis, verdict: 'not-the-node' } },
      };
    }),
  };
}

const said = (incident: Incident) =>
  cardOf(incident, catalogue, NOW).glance.find(({ label }) => label === 'In common')?.value;

test('a card says what the sick nodes share and the healthy do not all, with the counts of both', () => {
  const incident = fleet((index) => ({
    instanceType: index < 15 ? 'm5.large' : 'm6i.large',
    zone: index < 3 || index === 20 ? 'eu-central-1a' : 'eu-central-1b',
  }));
  expect(said(incident)).toBe(
    '3 of 41 nodes with table-full, all in eu-central-1a (1 of 38 others too), all m5.large (12 of 38 others too); none of 38 others is all of that',
  );
});

test('what nobody knows of a healthy node is not counted as another value', () => {
  const incident = fleet((index) =>
    index < 3 || index > 30 ? { zone: `eu-central-1${index < 3 ? 'a' : 'b'}` } : {},
  );
  expect(said(incident)).toBe('3 of 41 nodes with table-full, all in eu-central-1a (none of 10 others)');
});

test('it says nothing where the healthy ones have all of it, too', () => {
  expect(said(fleet(() => ({ zone: 'eu-central-1a' })))).toBeUndefined();
});

test('it says when the sick were launched: the hour where that is one, otherwise the day', () => {
  const launched = (index: number, minutes: number) =>
    `2026-11-${index < 3 ? 23 : 20}T14:${String(minutes).padStart(2, '0')}:00.000Z`;
  expect(said(fleet((index) => ({ launchedAt: launched(index, index) })))).toBe(
    '3 of 41 nodes with table-full, all launched on 2026-11-23 between 14:00Z and 14:59Z (none of 38 others)',
  );
  expect(said(fleet((index) => ({ launchedAt: launched(index, 0).replace('T14', `T1${index % 3}`) })))).toBe(
    '3 of 41 nodes with table-full, all launched on 2026-11-23 (none of 38 others)',
  );
});
