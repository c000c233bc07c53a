import { assert as assertProperty, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { duration, type Flow, flowOf, forecast, forecastClause } from '../../../../src/core/plan/forecast.ts';
import { renderRunbook } from '../../../../src/core/runbook/incident-runbooks.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { recordedCases } from '../../support/captures.ts';
import { NOW } from '../../support/incidents.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

/** What a table holds after so many seconds if each entry ends after its lifetime on average, by small steps. */
function heldAfter({ perSecond, lifetimeSeconds = Infinity }: Flow, count: number, seconds: number): number {
  const step = seconds / 20_000;
  let held = count;
  for (let at = 0; at < 20_000; at++) held += (perSecond - held / lifetimeSeconds) * step;
  return held;
}

describe('a forecast', () => {
  it('settles where as many entries end as come', () => {
    const flow = { perSecond: 500, lifetimeSeconds: 120 };
    expect(forecast(flow, 20_000, 131_072)).toMatchObject({ kind: 'settles', entries: 60_000 });
    expect(heldAfter(flow, 20_000, 3_600)).toBeCloseTo(60_000, 0);
  });

  it('says when the limit is met on the way to more', () => {
    const flow = { perSecond: 1_000, lifetimeSeconds: 200 };
    const found = forecast(flow, 65_536, 131_072);
    expect(found?.kind).toBe('fills');
    if (found?.kind !== 'fills') return;
    expect(heldAfter(flow, 65_536, found.fullInSeconds) / 131_072).toBeCloseTo(1, 1);
  });

  it('adds up what comes where nothing ends', () => {
    const flow = { perSecond: 100, lifetimeSeconds: undefined };
    expect(forecast(flow, 0, 6_000)).toEqual({ kind: 'unbounded', fullInSeconds: 60, perSecond: 100 });
  });

  it('says nothing where nothing is known of what arrives', () => {
    expect(forecast(undefined, 1_000, 2_000)).toBeUndefined();
    expect(forecast({ perSecond: 0, lifetimeSeconds: 120 }, 1_000, 2_000)).toBeUndefined();
  });

  it.each<[string, Flow]>([
    ['more entries than any table has', { perSecond: 99_999_999_999_999, lifetimeSeconds: 99_999 }],
    ['entries that last for a negative time', { perSecond: 100, lifetimeSeconds: -1 }],
    ['more arrivals than can be counted', { perSecond: Infinity, lifetimeSeconds: undefined }],
    ['a time without an end', { perSecond: 1e-300, lifetimeSeconds: undefined }],
    ['no number', { perSecond: NaN, lifetimeSeconds: 60 }],
  ])('says nothing where a node’s numbers make %s', (_what, flow) => {
    expect(forecast(flow, 65_536, 131_072)).toBeUndefined();
  });

  it('settles below the limit exactly where rate times lifetime does, and else fills in a finite time', () => {
    assertProperty(
      property(
        double({ min: 0.01, max: 1e5, noNaN: true }),
        double({ min: 0.1, max: 4e5, noNaN: true }),
        integer({ min: 0, max: 5_000_000 }),
        integer({ min: 1_000, max: 5_000_000 }),
        (perSecond, lifetimeSeconds, count, limit) => {
          const found = forecast({ perSecond, lifetimeSeconds }, count, limit);
          expect(found?.kind === 'settles').toBe(Math.round(perSecond * lifetimeSeconds) < limit);
          if (found?.kind === 'fills') expect(Number.isSafeInteger(found.fullInSeconds)).toBe(true);
        },
      ),
    );
  });
});

it.each<[Flow, string]>([
  [
    { perSecond: 768.1, lifetimeSeconds: 126 },
    'settles at about 73 % of the new limit (768 new connections/s, 126 s each)',
  ],
  [
    { perSecond: 2_000, lifetimeSeconds: 120 },
    'settles above the new limit: full again in about 77 s (2,000 new connections/s, 120 s each)',
  ],
  [
    { perSecond: 39, lifetimeSeconds: undefined },
    'unbounded: full again in about 42 min (39 new connections/s, and none is seen to end)',
  ],
])('says %j with what it rests on', (flow, clause) => {
  const found = forecast(flow, 32_768, 131_072);
  expect(found && forecastClause(found, 131_072)).toBe(clause);
});

it.each([
  [40, '40 s'],
  [2_400, '40 min'],
  [36_000, '10 h'],
  [864_000, '10 days'],
])('calls %i s %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it('is nothing where entries were not looked at, even where packets are refused', () => {
  const capture = recordedCases().find(({ name }) => name === 'held-open-32768')?.capture;
  if (capture === undefined) throw new Error('There is no such capture.');
  const snapshot = snapshotOf(capture);
  const unread = { known: false, kind: 'unknown', why: 'not read', source: 'entries' } as const;
  expect(flowOf({ ...snapshot, entries: unread })).toBeUndefined();
  expect(flowOf(snapshot)?.perSecond).toBeCloseTo(768, 0);
});

it('is the same in plan, card and runbook, and agrees with the demand that the plan is sized for', () => {
  const incident = recordedIncident('awaiting-approval', [
    recordedReading('i-a', 'table-full/held-open-32768'),
  ]);
  const said = 'settles at about 73 % of the new limit (768 new connections/s, 126 s each)';
  expect(incident.head.plan?.nodes[0]?.arithmetic.join()).toContain('768 new connections/s × 126 s');
  expect(cardOf(incident, catalogue, NOW).change?.lines.join()).toContain(said);
  const { markdown } = renderRunbook(incident, catalogue, runbookTexts);
  expect(markdown).toContain(said);
  expect(markdown).not.toContain('present growth');
});
