import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Card } from '../../../../src/core/card/model.ts';
import { everyIncident } from '../../support/every-incident.ts';
import { everyRollout } from '../../support/every-rollout.ts';
import { NOW } from '../../support/incidents.ts';

const TIME = /\d\d:\d\d:\d\dZ/;

/** What is no measurement: names, a count of nodes, and what a plan or a forecast says. */
const NO_MEASUREMENT: readonly RegExp[] = [
  /m?i-[0-9a-f]{17}/g,
  /(?:https?:\/)?\/[\w./-]+(?::\d+)?/g,
  /\b(?:IPv|tcp_|udp_|gc_thresh|UDP |port )\d+/g,
  /\d+ of \d+ nodes?\b/g,
  /\d+ (?:more |other |rolled-back |more rolled-back )?nodes?\b/g,
  /\bon \d+(?: of \d+)?(?=[,.:;]|$)/g,
];

const isMeasured = (text: string): boolean =>
  /\d/.test(
    NO_MEASUREMENT.reduce(
      (rest, pattern) => rest.replaceAll(pattern, ''),
      text.replaceAll(new RegExp(TIME, 'g'), ''),
    ),
  );

const sentencesOf = (text: string) => text.split(/(?<=\.) (?=[A-Z]|m?i-)/);

/** The statements of a card whose numbers nobody can tell the time of. */
function untimed({ lead, header, fields, results, verdicts }: Card): readonly string[] {
  const isRead = fields.some(({ label, value }) => /node/i.test(label) && /read .*\dZ/.test(value));
  const statements = [
    // Until a change is ordered header and lead speak of the node whose reading is shown under them.
    ...(isRead && results.length === 0 ? [] : [header, ...sentencesOf(lead)]),
    ...results.flatMap(({ text }) => text.split('; ')),
    ...verdicts.map(({ says, at }) => `${says} ${at}`),
  ];
  const facts = isRead
    ? []
    : fields.filter(({ label }) => !/^(?:Since|Alarm)$/.test(label)).map(({ value }) => value);
  return [...statements, ...facts].filter((text) => isMeasured(text) && !TIME.test(text));
}

it('shows no number on a card whose time it does not tell', () => {
  const found = [...everyIncident(), ...everyRollout()].flatMap(({ title, incident }) =>
    untimed(cardOf(incident, catalogue, NOW)).map((text) => `${title}: ${text}`),
  );
  expect(found).toEqual([]);
});
