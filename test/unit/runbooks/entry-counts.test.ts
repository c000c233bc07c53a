import { expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { runbookTexts } from '../../../src/adapters/runbook-texts.ts';
import { cardOf } from '../../../src/core/card/card.ts';
import { renderRunbook } from '../../../src/core/runbook/incident-runbooks.ts';
import { recordedCases } from '../support/captures.ts';
import { NOW } from '../support/incidents.ts';
import { recordedIncident, recordedReading } from '../support/recorded-incident.ts';

/** Amounts of entries that a text tells, of whichever table. */
const countsIn = (text: string) =>
  new Set(
    Array.from(
      text.matchAll(/\b(\d{1,3}(?:,\d{3})+) (?:of [\d,]+ )?entries\b/g),
      ([, amount = '']) => amount,
    ),
  );

it('tells one number of entries for one reading, or whose they are', () => {
  const found = recordedCases().flatMap(({ mode, name }) => {
    const reading = recordedReading('i-a', `${mode}/${name}`);
    const incident = recordedIncident('diagnosed', [reading]);
    const { header, lead, fields } = cardOf(incident, catalogue, NOW);
    const { markdown } = renderRunbook(incident, catalogue, runbookTexts);
    const said = [header, lead, ...fields.map(({ value }) => value), markdown].join('\n');
    const limit = reading.outcome.kind === 'diagnosed' ? reading.outcome.figures.max : undefined;
    const counts = [...countsIn(said)]
      .map((amount) => Number(amount.replaceAll(',', '')))
      .filter((amount) => amount !== limit);
    return counts.flatMap((one) =>
      counts.some((other) => other !== one && Math.abs(other - one) < one * 0.05)
        ? [`${mode}/${name}: ${one}`]
        : [],
    );
  });
  expect(found).toEqual([]);
});
