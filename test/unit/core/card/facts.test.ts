import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Card } from '../../../../src/core/card/model.ts';
import type { Incident, Remediation } from '../../../../src/core/record/incident.ts';
import { recordedCases } from '../../support/captures.ts';
import { buildHealthy, stepTime } from '../../support/diagnoses.ts';
import { buildIncident, NOW } from '../../support/incidents.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

const shown = (incident: Incident): Card => cardOf(incident, catalogue, NOW);

/** The same on every card, whatever the verdict. */
const ABOUT_THE_INCIDENT = new Set(['Node', 'Busiest ports', 'Rests on', 'Since', 'Alarm']);
const factsOf = ({ fields }: Card) => fields.filter(({ label }) => !ABOUT_THE_INCIDENT.has(label));

/** Every number of a text, without its separators. */
const numbersIn = (text: string) =>
  Array.from(text.matchAll(/\d[\d,]*(?:\.\d+)?/g), ([number]) => number.replaceAll(',', ''));

const cases = recordedCases().filter(({ mode, expected }) => mode === expected.verdict);

describe.each(cases)('the card of $mode/$name', ({ mode, name }) => {
  const reading = recordedReading('i-a', `${mode}/${name}`);
  if (reading.outcome.kind !== 'diagnosed') throw new Error('A recorded capture is read.');
  const { diagnosis, plan } = reading.outcome;
  const card = shown(
    recordedIncident(plan === undefined ? 'no-fix-offered' : 'awaiting-approval', [reading]),
  );
  const facts = factsOf(card);

  it('shows the evidence of its verdict and nothing else as a fact', () => {
    const own = diagnosis.findings.find((finding) => finding.mode === diagnosis.verdict)?.because ?? [];
    const names = own.map(({ fact }) => fact.toLowerCase());
    expect(facts.filter(({ label }) => !names.includes(label.toLowerCase()))).toEqual([]);
    expect(facts.length).toBe(Math.min(4, own.length));
  });

  it('is red where packets are lost, with a fact above zero, and amber elsewhere', () => {
    const isLosing = diagnosis.impact === 'drops';
    expect(card.colour).toBe(isLosing ? 'red' : 'amber');
    expect(facts.some(({ label }) => label === 'Drops')).toBe(false);
    const isSeen = facts.some(({ value }) => numbersIn(value).some((number) => Number(number) > 0));
    expect(isSeen || !isLosing).toBe(true);
  });
});

it('says a unit before a share, and draws the bar only where the table is what it is about', () => {
  const full = shown(
    recordedIncident('awaiting-approval', [recordedReading('i-a', 'table-full/held-open-32768')]),
  );
  expect(full.fields).toContainEqual({ label: 'Full-table drops', value: '12,946 packets/10 s' });
  expect(full.fields).toContainEqual({ label: 'Table use', value: '32,768 of 32,768 entries (100 %)' });
  expect(full.usage).toEqual({ bar: '▰▰▰▰▰▰▰▰▰▰', text: '100 % of nf_conntrack_max' });
  const race = shown(
    recordedIncident('no-fix-offered', [recordedReading('i-a', 'snat-race/same-port-pairs')]),
  );
  expect(race.fields).toContainEqual({ label: 'Clash drops', value: '141 packets/10 s' });
  expect(race.usage).toBeUndefined();
});

it('shows early evictions where they are the evidence', () => {
  const reading = recordedReading('i-a', 'near-full/early-drop-mild');
  expect(shown(recordedIncident('no-fix-offered', [reading])).fields).toContainEqual({
    label: 'Early drops',
    value: '1,859 entries/6 s',
  });
});

const raised: Remediation = {
  kind: 'raise-max',
  instanceId: 'i-a',
  decision: 1,
  claimedAt: stepTime(3),
  outcome: 'raised',
};

it('shows the same facts as they are after the change', () => {
  const { fields, usage } = shown(
    recordedIncident(
      'resolved',
      [
        recordedReading('i-a', 'table-full/held-open-32768'),
        recordedReading('i-a', 'not-the-node/held-open-32768-raised', 2),
      ],
      { collection: 2, remediations: [raised] },
    ),
  );
  expect(fields).toContainEqual({ label: 'Full-table drops', value: '0 packets/10 s' });
  expect(fields).toContainEqual({ label: 'Table use', value: '42,300 of 131,072 entries (32 %)' });
  expect(usage?.text).toBe('32 % of nf_conntrack_max');
});

it('says "not readable" where a number is unknown after the change, never zero', () => {
  const unread = shown(
    recordedIncident(
      'failed',
      [recordedReading('i-a', 'table-full/held-open-32768'), recordedReading('i-a', undefined, 2)],
      { collection: 2, remediations: [raised] },
    ),
  );
  expect(factsOf(unread)).toEqual([{ label: 'Facts', value: 'not readable' }]);
  expect(unread.usage).toBeUndefined();

  const incident = buildIncident('resolved');
  const findings = [
    { mode: 'table-full', state: 'unknown' as const, because: [], missing: ['conntrack counters'] },
  ];
  const collections = incident.collections.map((one) =>
    one.outcome.kind === 'diagnosed'
      ? { ...one, outcome: { ...one.outcome, diagnosis: buildHealthy({ findings }) } }
      : one,
  );
  expect(factsOf(shown({ ...incident, collections }))).toEqual([
    { label: 'Not readable', value: 'conntrack counters' },
  ]);
});
