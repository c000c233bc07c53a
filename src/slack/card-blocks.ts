import type { Button, KnownBlock, StaticSelect } from '@slack/types';
import type {
  Card,
  CardAction,
  CardChange,
  CardColour,
  CardLayer,
  CardVerdict,
  NodeResult,
} from '../core/card/model.ts';
import { LIMITS } from './block-limits.ts';
import {
  cut,
  escapeMrkdwn,
  joinMrkdwn,
  linesThatFit,
  listThatFits,
  type Mrkdwn,
  mrkdwn,
  visible,
} from './block-text.ts';
import { actions, button, context, fieldsSection, header, nodeMenu, section } from './blocks.ts';

/** A message as chat.postMessage and chat.update take it. */
export interface CardMessage {
  /** What phones and screen readers show; Slack also prints it above the card. */
  readonly text: string;
  readonly attachments: readonly [
    { readonly color: string; readonly fallback: string; readonly blocks: KnownBlock[] },
  ];
}

const COLOURS: Readonly<Record<CardColour, string>> = {
  grey: '#8d8d8d',
  red: '#d72b3f',
  amber: '#daa038',
  blue: '#1d7dc2',
  green: '#2eb886',
};

const MARKS: Readonly<Record<NodeResult['state'], string>> = {
  changed: '✓',
  running: '…',
  untouched: '–',
  undone: '↩',
  failed: '✗',
};

/** Characters that each part may take; together with the buttons they stay below the limit of a message. */
const PART = {
  banner: 300,
  lead: 700,
  field: 185,
  evidence: 900,
  verdicts: 1200,
  change: 1600,
  results: 1500,
  gaps: 700,
  history: 300,
  context: 400,
} as const;
const RESULTS_SHOWN = 12;
const RULED_OUT_SHOWN = 5;
const GAPS_SHOWN = 4;
const DECISIONS_SHOWN = 3;
const VERDICT_CHARS = 200;
/** Of what a verdict says, where many verdicts share the part: each has its line. */
const VERDICT_LEAST_CHARS = 40;
const VERDICT_STEP = 20;
/** Of the layers that a change survives, or does not. */
const LAYERS_CHARS = 500;

/** The card as one message in Block Kit: the same card gives the same message, within every limit of Slack. */
export function cardMessage(card: Card): CardMessage {
  const text = cut(escapeMrkdwn(card.banner), PART.banner);
  return { text, attachments: [{ color: COLOURS[card.colour], fallback: text, blocks: cardBlocks(card) }] };
}

function cardBlocks(card: Card): KnownBlock[] {
  const runbook = card.runbook === undefined ? undefined : button(card.incidentId, card.runbook);
  const lead = visible(card.header).length > LIMITS.headerChars ? `${card.header}. ${card.lead}` : card.lead;
  const blocks: KnownBlock[] = [header(card.header), section(mrkdwn`${lead}`, PART.lead, runbook)];
  if (card.fields.length > 0) {
    blocks.push(
      fieldsSection(
        card.fields.map(({ label, value }) => mrkdwn`*${label}*\n${value}`),
        PART.field,
      ),
    );
  }
  if (card.verdicts.length > 0) blocks.push(section(verdictLines(card.verdicts), PART.verdicts));
  const evidence = evidenceLines(card);
  if (evidence.length > 0) blocks.push(section(joinMrkdwn(evidence, '\n'), PART.evidence));
  if (card.change !== undefined) blocks.push(section(changePart(card.change), PART.change));
  if (card.results.length > 0) blocks.push(section(resultLines(card.results), PART.results));
  if (card.gaps.length > 0)
    blocks.push(
      section(
        listThatFits(
          mrkdwn`*Could not see:*`,
          card.gaps.map((gap) => mrkdwn`${gap}`),
          {
            most: GAPS_SHOWN,
            maxChars: PART.gaps,
          },
        ),
        PART.gaps,
      ),
    );
  if (card.actions.length > 0)
    blocks.push(actions(card.actions.flatMap((action) => elementOf(card.incidentId, action) ?? [])));
  if (card.history.length > 0) blocks.push(context(newest(card.history), PART.history));
  blocks.push(
    context(
      card.context.map((line) => mrkdwn`${line}`),
      PART.context,
    ),
  );
  return blocks;
}

function elementOf(incidentId: string, action: CardAction): Button | StaticSelect | undefined {
  return action.instanceIds === undefined
    ? button(incidentId, action)
    : nodeMenu(incidentId, action, action.instanceIds);
}

function evidenceLines({ usage, ruledOut, ruledOutWhere }: Card): Mrkdwn[] {
  const bar = usage === undefined ? [] : [mrkdwn`${usage.bar} ${usage.text}`];
  if (ruledOut.length === 0) return bar;
  const title = mrkdwn`*${ruledOutWhere === '' ? 'Ruled out' : `Ruled out ${ruledOutWhere}`}:*`;
  const taken = joinMrkdwn([...bar, { mrkdwn: '' }], '\n').mrkdwn.length;
  const entries = ruledOut.map((line) => mrkdwn`${line}`);
  return [...bar, listThatFits(title, entries, { most: RULED_OUT_SHOWN, maxChars: PART.evidence - taken })];
}

/** The newest clicks as far as they fit, with how many came before them; the newest is always there. */
function newest(history: readonly string[]): readonly Mrkdwn[] {
  const shown = (count: number): readonly Mrkdwn[] => {
    const before = history.length - count;
    const lines = history.slice(before).map((line) => mrkdwn`${line}`);
    return before > 0 ? [mrkdwn`… ${String(before)} earlier`, ...lines] : lines;
  };
  for (let count = Math.min(history.length, DECISIONS_SHOWN); count > 1; count--) {
    if (joinMrkdwn(shown(count), ' · ').mrkdwn.length <= PART.history) return shown(count);
  }
  return shown(1);
}

/**
 * Each verdict has a line of its own; whose it is stands before what it says, so that a cut never takes the node. The more
 * verdicts there are the less each says.
 */
function verdictLines(verdicts: readonly CardVerdict[]): Mrkdwn {
  const linesOf = (chars: number) =>
    verdicts.map(({ verdict, instanceIds, says, at }) => {
      const [first = '', ...others] = instanceIds;
      const where = others.length === 0 ? first : `${first} and ${others.length} more`;
      return mrkdwn`• *${verdict}* on ${where}, ${at}: ${cut(says, chars)}`;
    });
  const title = mrkdwn`*Verdicts*`;
  const isFitting = (lines: readonly Mrkdwn[]) =>
    joinMrkdwn([title, ...lines], '\n').mrkdwn.length <= PART.verdicts;
  let chars = VERDICT_CHARS;
  while (chars > VERDICT_LEAST_CHARS && !isFitting(linesOf(chars))) chars -= VERDICT_STEP;
  return linesThatFit(title, linesOf(chars), verdicts.length, PART.verdicts);
}

function changePart(change: CardChange): Mrkdwn {
  const lines = changeLines(change);
  return linesThatFit(mrkdwn`*${change.title}*`, lines, lines.length, PART.change);
}

/** What is done and what to mind stands before what it survives: should the part be too long, its end is left out. */
function changeLines({ lines, layers, warnings }: CardChange): Mrkdwn[] {
  const those = (survives: CardLayer['survives']) =>
    layers
      .filter((layer) => layer.survives === survives)
      .map(({ name, how }) => (survives === 'yes' ? mrkdwn`${name}` : mrkdwn`${name} (${how})`));
  const marked = (mark: string, title: Mrkdwn, survives: CardLayer['survives']) => {
    const names = those(survives).map((name) => joinMrkdwn([{ mrkdwn: mark }, name], ' '));
    const bound = { most: names.length, maxChars: LAYERS_CHARS };
    return names.length === 0 ? [] : [listThatFits(title, names, bound, ' ')];
  };
  return [
    ...lines.map((line) => mrkdwn`${line}`),
    ...warnings.map((warning) => mrkdwn`⚠ ${warning}`),
    ...marked('✓', mrkdwn`*Survives:*`, 'yes'),
    ...marked('✗', mrkdwn`*Does not survive:*`, 'no'),
    ...marked('?', mrkdwn`*Not known:*`, 'unknown'),
  ];
}

function resultLines(results: readonly NodeResult[]): Mrkdwn {
  const lines = results.map(({ instanceId, state, text }) => mrkdwn`${MARKS[state]} ${instanceId}: ${text}`);
  return linesThatFit(mrkdwn`*Nodes*`, lines, RESULTS_SHOWN, PART.results);
}
