import type { Button, KnownBlock, StaticSelect } from '@slack/types';
import type { Card, CardAction, CardColour } from '../../core/card/model.ts';
import { LIMITS } from '../block-limits.ts';
import { cut, escapeMrkdwn, joinMrkdwn, type Mrkdwn, mrkdwn, splitAtClause, visible } from '../block-text.ts';
import { actions, button, context, header, nodeMenu, othersMenu, section } from '../blocks.ts';
import { blocksWithLocalTimes } from './local-times.ts';
import { changeInBrief, fieldValue, gapLines, newestClicks, resultLines } from './parts.ts';

/** A message as chat.postMessage and chat.update take it. */
export interface CardMessage {
  /** What phones and screen readers show. */
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** What the colour of a card is as a picture that differs in its shape, too. */
const SIGNS: Readonly<Record<CardColour, string>> = {
  grey: '⚪',
  red: '🔴',
  amber: '⚠️',
  blue: '⏳',
  green: '✅',
};

/** Characters that each part may take: together they are what fits on the screen of a phone. */
const PART = {
  banner: 300,
  lead: 460,
  change: 620,
  fact: 120,
  results: 400,
  gaps: 130,
  history: 150,
  context: 220,
} as const;
/** Characters of a section: two of them leave the buttons their room, whatever a node said. */
const SECTION_CHARS = 2600;
const RESULTS_SHOWN = 3;
const GAPS_SHOWN = 1;
const DECISIONS_SHOWN = 2;

/**
 * The card as one message in Block Kit: what a decision needs, and the buttons right below it. The same card gives the same
 * message, within every limit of Slack; what it leaves out is behind "More".
 */
export function cardMessage(card: Card): CardMessage {
  const text = cut(escapeMrkdwn(`${SIGNS[card.colour]} ${card.banner}`), PART.banner);
  return { text, blocks: blocksWithLocalTimes(cardBlocks(card), card.madeAt) };
}

function cardBlocks(card: Card): KnownBlock[] {
  const { kept: title, rest } = splitAtClause(
    visible(`${SIGNS[card.colour]} ${card.header}`),
    LIMITS.headerChars,
  );
  const said = [
    sentencesThatFit(
      rest === '' ? card.lead : `… ${rest}. ${card.lead}`,
      rest === '' ? PART.lead : PART.lead + LIMITS.headerChars,
    ),
    ...(card.change === undefined ? [] : [changeInBrief(card.change, PART.change)]),
  ].filter(({ mrkdwn: words }) => words !== '');
  const blocks: KnownBlock[] = [header(title)];
  if (said.length > 0) blocks.push(section(joinMrkdwn(said, '\n'), SECTION_CHARS));
  const elements = [...card.actions, card.trace, card.runbook, card.more, card.page].flatMap((action) =>
    action === undefined ? [] : (elementOf(card.incidentId, action) ?? []),
  );
  const others = othersMenu(card.incidentId, card.others);
  const row = others === undefined ? elements : [...elements, others];
  if (row.length > 0) blocks.push(actions(row));
  const shown = [
    ...(card.results.length === 0
      ? []
      : [resultLines(card.results, { most: RESULTS_SHOWN, maxChars: PART.results })]),
    ...factLines(card),
    ...(card.gaps.length === 0 ? [] : [gapLines(card.gaps, { most: GAPS_SHOWN, maxChars: PART.gaps })]),
  ];
  if (shown.length > 0) blocks.push(section(joinMrkdwn(shown, '\n'), SECTION_CHARS));
  const small = [
    ...(card.history.length === 0
      ? []
      : newestClicks(card.history, { most: DECISIONS_SHOWN, maxChars: PART.history })),
    ...card.footer.map((line) => mrkdwn`${line}`),
  ];
  blocks.push(context(small, PART.history + PART.context));
  return blocks;
}

function elementOf(incidentId: string, action: CardAction): Button | StaticSelect | undefined {
  return action.instanceIds === undefined
    ? button(incidentId, action)
    : nodeMenu(incidentId, action, action.instanceIds);
}

/** The facts that the message has room for, a line each. */
function factLines({ glance }: Card): readonly Mrkdwn[] {
  return glance.map((field) => mrkdwn`*${field.label}* ${fieldValue(field, PART.fact)}`);
}

/** The first sentences as far as they fit, and the last one, which says what to do. */
function sentencesThatFit(text: string, maxChars: number): Mrkdwn {
  const whole = mrkdwn`${text}`;
  if (whole.mrkdwn.length <= maxChars) return whole;
  const sentences = text.split(/(?<=\.) (?=[A-Z]|m?i-)/);
  for (let shown = sentences.length - 2; shown > 0; shown--) {
    const some = mrkdwn`${[...sentences.slice(0, shown), '…', ...sentences.slice(-1)].join(' ')}`;
    if (some.mrkdwn.length <= maxChars) return some;
  }
  return { mrkdwn: cut(whole.mrkdwn, maxChars) };
}
