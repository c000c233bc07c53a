import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Card } from '../../../../src/core/card/model.ts';
import { renderRunbook } from '../../../../src/core/runbook/incident-runbooks.ts';
import { everyIncident } from '../../support/every-incident.ts';
import { everyRollout } from '../../support/every-rollout.ts';
import { NOW } from '../../support/incidents.ts';

const cases = everyIncident().map(({ title, incident }) => ({
  title,
  card: cardOf(incident, catalogue, NOW),
  runbook: renderRunbook(incident, catalogue, runbookTexts),
}));

const rollouts = everyRollout().map(({ title, incident }) => ({
  title,
  card: cardOf(incident, catalogue, NOW),
}));

/** Titles of the cases that are as they must not be. */
const those = (isWrong: (one: (typeof cases)[number]) => boolean): readonly string[] =>
  cases.filter(isWrong).map(({ title }) => title);

const headOf = ({ banner, header, lead }: Card) => `${banner} ${header} ${lead}`;

/** What says that packets are being lost, in whatever words. */
const LOSS =
  /[1-9][\d,]* packets?[^.;]*? dropped|dropped [1-9][\d,]* packets?|packets are lost|sent? [\d.]+ % of segments again/;

describe('nothing contradicts a fact beside it', () => {
  it('calls no node clean on which packets are lost', () => {
    expect(
      those(({ card, runbook: { title, markdown } }) => {
        const [intro = ''] = markdown.split(/^## /m);
        const meaning = /^## Meaning$[^]*?(?=^## )/m.exec(markdown)?.[0] ?? '';
        return (
          LOSS.test(`${headOf(card)} ${intro}`) &&
          /\bclean\b|No cause on this node|stood still\. The cause|nothing is lost yet/.test(
            `${title} ${headOf(card)} ${intro} ${meaning}`,
          )
        );
      }),
    ).toEqual([]);
  });

  it('promises no end of a fault that the plan foresees again', () => {
    expect(
      those(
        ({ card }) =>
          /full again|settles at about 9\d %/.test(card.change?.lines.join() ?? '') &&
          /\bends the (?:drops|pressure)/.test(card.lead),
      ),
    ).toEqual([]);
  });

  it('does not say that a raise would not help, nor what the cause is, where a table was full just before', () => {
    expect(
      those(
        ({ card: { header, lead } }) =>
          /until .* ago .* full/.test(header) && /will not help|is not the cause/.test(lead),
      ),
    ).toEqual([]);
  });

  it('draws the bar as full as the table use beside it', () => {
    expect(
      those(({ card: { usage, fields } }) => {
        const use = fields.find(({ label }) => label === 'Table use')?.value;
        return usage !== undefined && !use?.includes(usage.text.split(' of ')[0] ?? '?');
      }),
    ).toEqual([]);
  });

  it('rules nothing out by a number that speaks for it', () => {
    expect(those(({ card }) => card.ruledOut.some((line) => /(?:drops|overflows) [1-9]/.test(line)))).toEqual(
      [],
    );
  });

  it('calls no share of memory nothing', () => {
    expect(those(({ runbook: { markdown } }) => /\b0 % of memory/.test(markdown))).toEqual([]);
  });

  it('is red where packets are lost until somebody acts', () => {
    expect(
      those(
        ({ card }) =>
          ['diagnosed', 'awaiting-approval', 'no-fix-offered'].includes(card.state) &&
          LOSS.test(card.header) &&
          card.colour !== 'red',
      ),
    ).toEqual([]);
  });

  it('answers neither yes nor no where what decides was not read', () => {
    const isUnread = (how: string) => /not read|not known|of unknown|may write/.test(how);
    expect(
      those(({ card, runbook: { markdown } }) => {
        const isTold = card.change?.layers.some(
          ({ survives, how }) => survives !== 'unknown' && isUnread(how),
        );
        const rows = markdown.split('\n').filter((line) => /^\| [\w.-]+ \| [✓✗–?] \|/.test(line));
        return isTold === true || rows.some((row) => isUnread(row) && !/^\| [\w.-]+ \| \? \|/.test(row));
      }),
    ).toEqual([]);
  });

  it('counts among the nodes that lose packets those that a change did not help', () => {
    const wrong = rollouts.filter(({ title, card }) => {
      if (!title.endsWith('second failed') || !/lost on/.test(card.header)) return false;
      const isLosing = card.fields.some(
        ({ label, value }) => label.endsWith('drops') && /^[1-9]/.test(value),
      );
      return isLosing && !card.header.endsWith('lost on 2');
    });
    expect(wrong.map(({ title }) => title)).toEqual([]);
  });

  it('speaks of no change that a node refused, and of none as read-only where a command was sent', () => {
    const text = ({ fields, context }: Card) =>
      `${fields.map(({ value }) => value).join()} ${context.join()}`;
    const refused = rollouts.filter(
      ({ title, card }) => title.endsWith('second refused') && /, before the/.test(text(card)),
    );
    const lost = rollouts.filter(
      ({ title, card }) => title.endsWith('answer lost') && /read-only/.test(text(card)),
    );
    expect([...refused, ...lost].map(({ title }) => title)).toEqual([]);
  });
});
