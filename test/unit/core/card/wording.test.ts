import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { everyIncident } from '../../support/every-incident.ts';
import { NOW } from '../../support/incidents.ts';

const cards = everyIncident().map(({ title, incident }) => ({
  title,
  text: JSON.stringify(cardOf(incident, catalogue, NOW)),
}));

/** The titles of the cards whose text has what no text of ours may have, with where it is. */
const withAny = (pattern: RegExp): readonly string[] =>
  cards.flatMap(({ title, text }) => {
    const found = pattern.exec(text);
    return found === null
      ? []
      : [`${title}: …${text.slice(Math.max(0, found.index - 40), found.index + 60)}`];
  });

it('never says that there is at least nothing of something', () => {
  expect(withAny(/at least 0 %/)).toEqual([]);
});

it('never counts one of several', () => {
  expect(
    withAny(
      /(?<![\d.,]|[a-z]\S*)1 (?:[a-z]+ ){0,2}?(?:packets|entries|services|flows|nodes|times|lines|messages)\b/,
    ),
  ).toEqual([]);
});

it('writes the name of a setting or counter as the kernel does', () => {
  expect(withAny(/"label":"[A-Z][a-z0-9]*_/)).toEqual([]);
});
