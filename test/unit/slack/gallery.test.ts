import type { KnownBlock } from '@slack/types';
import { expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { cardOf } from '../../../src/core/card/card.ts';
import { isArguing } from '../../../src/core/remediation/node-order.ts';
import { findLimitViolations, findViewLimitViolations } from '../../../src/slack/block-limits.ts';
import { cardMessage } from '../../../src/slack/card/blocks.ts';
import { cardView } from '../../../src/slack/card/view.ts';
import { galleryCases } from '../support/gallery-cases.ts';
import { NOW } from '../support/incidents.ts';

const cards = galleryCases().map(({ verdict, state, moment, nodes, incident }) => {
  const card = cardOf(incident, catalogue, NOW);
  return { title: [verdict, state, moment, nodes].join(', '), incident, card, message: cardMessage(card) };
});

/** Titles of the cards that are as they must not be. */
const those = (isWrong: (one: (typeof cards)[number]) => boolean): readonly string[] =>
  cards.filter(isWrong).map(({ title }) => title);

const numbersIn = (text: string): readonly string[] => text.match(/\d[\d,.]*\d|\d/g) ?? [];

/** What is read of text: its tokens as what Slack shows of them. */
const shown = (text: string): string => text.replaceAll(/<[^<>|]*\|([^<>]*)>/g, '$1');

/** A phone of 390 points: characters of a heading and of text in a line. */
const [HEADING_CHARS, LINE_CHARS] = [32, 44] as const;
/** Lines of text that fit between the channel's name and where a message is written. */
const LINES_OF_SCREEN = 25;
const BUTTON_LINES = 2.2;

/** Lines that blocks take there, each button row counted as what it takes. */
function linesOf(blocks: readonly KnownBlock[]): number {
  return blocks.reduce((sum, block) => {
    if (block.type === 'header') return sum + Math.ceil(block.text.text.length / HEADING_CHARS) * 1.2 + 0.5;
    if (block.type === 'actions') return sum + BUTTON_LINES * Math.ceil(block.elements.length / 3);
    const texts =
      block.type === 'section'
        ? [block.text?.text ?? '']
        : block.type === 'context'
          ? block.elements.map((element) => (element.type === 'mrkdwn' ? element.text : ''))
          : [];
    const lines = texts.flatMap((text) => shown(text).split('\n'));
    return sum + lines.reduce((all, line) => all + Math.max(1, Math.ceil(line.length / LINE_CHARS)), 0.5);
  }, 0);
}

it('shows every verdict in its states on one node, on a few and on a fleet', () => {
  expect(cards.length).toBeGreaterThan(300);
  expect(new Set(cards.map(({ title }) => title)).size).toBe(cards.length);
});

it('is taken by Slack, with what is behind More', () => {
  expect(
    cards.flatMap(({ title, card, message }) => [
      ...findLimitViolations(message).map((why) => `${title}: ${why}`),
      ...findViewLimitViolations(cardView(card)).map((why) => `${title}: ${why}`),
    ]),
  ).toEqual([]);
});

it('has its buttons right below what is said, on the first screen of a phone', () => {
  const isBelow = ({ message }: (typeof cards)[number]) => {
    const at = message.blocks.findIndex(({ type }) => type === 'actions');
    return at === -1 || (at <= 2 && linesOf(message.blocks.slice(0, at)) + BUTTON_LINES <= LINES_OF_SCREEN);
  };
  expect(those((one) => !isBelow(one))).toEqual([]);
});

it('says what it says in at most twelve lines beside its heading and its buttons', () => {
  const lines = ({ message }: (typeof cards)[number]) =>
    message.blocks.flatMap((block) => {
      if (block.type === 'section') return block.text?.text.split('\n') ?? [];
      return block.type === 'context' ? ['small print'] : [];
    }).length;
  expect(those((one) => lines(one) > 12)).toEqual([]);
  expect(those(({ message }) => linesOf(message.blocks) > 2 * LINES_OF_SCREEN)).toEqual([]);
});

it('goes on below its heading where that has no room for all, and says nothing of it twice', () => {
  const textOf = (block: KnownBlock | undefined) =>
    block?.type === 'header' || block?.type === 'section' ? (block.text?.text ?? '') : '';
  const told = cards.map(({ title, message: { blocks } }) => {
    const [heading, said] = [textOf(blocks[0]), textOf(blocks[1])];
    const end = heading.endsWith('…') ? heading.slice(0, -1).split(' ').slice(-4).join(' ') : undefined;
    return { title, said, end, isAllTold: end === undefined || said.startsWith('… ') };
  });
  expect(told.filter(({ end }) => end !== undefined).length).toBeGreaterThan(10);
  expect(
    told.flatMap(({ title, said, end, isAllTold }) =>
      isAllTold && (end === undefined || !said.includes(end)) ? [] : [title],
    ),
  ).toEqual([]);
});

it('has the number of its header among its facts until a change is ordered', () => {
  expect(
    those(({ incident, card }) => {
      // The number of a namespace is its name, and no measurement.
      const numbers = numbersIn(card.header.replace(/namespace \d+/, ''));
      const facts = new Set(card.fields.flatMap(({ value }) => numbersIn(value)));
      const isVerdict = isArguing(incident.head) && incident.collections.length > 0;
      return isVerdict && numbers.length > 0 && !numbers.some((number) => facts.has(number));
    }),
  ).toEqual([]);
});

/** What a trace found is told in sentences behind More, and in a few words on the message. */
const TRACE = 'SYN trace';

it('says each fact once, and the message says what is behind More', () => {
  expect(
    those(({ card: { fields, glance, traced } }) => {
      const labels = fields.map(({ label }) => label);
      const told = new Map(fields.map(({ label, value }) => [label, value]));
      const differs = glance.some(
        ({ label, value }) =>
          !['Alarm', 'Also', TRACE].includes(label) && !/node/i.test(label) && told.get(label) !== value,
      );
      const trace = glance.find(({ label }) => label === TRACE);
      if (trace !== undefined && !trace.value.startsWith('tracing ') && traced.length === 0) return true;
      return new Set(labels).size !== labels.length || differs;
    }),
  ).toEqual([]);
});

it('names one time for one trace', () => {
  expect(
    those(({ card }) => {
      const times = JSON.stringify(card).matchAll(
        /(?:a trace at |"SYN trace","value":"|Traced for \d+ s, )(\d\d:\d\d:\d\d)/g,
      );
      return new Set(Array.from(times, ([, time]) => time)).size > 1;
    }),
  ).toEqual([]);
});
