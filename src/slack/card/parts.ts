import type {
  Card,
  CardChange,
  CardField,
  CardLayer,
  CardVerdict,
  NodeResult,
} from '../../core/card/model.ts';
import { NOT_TOUCHED } from '../../core/card/results.ts';
import {
  cut,
  cutAtClause,
  joinMrkdwn,
  linesThatFit,
  listThatFits,
  type Mrkdwn,
  mrkdwn,
} from '../block-text.ts';

const MARKS: Readonly<Record<NodeResult['state'], string>> = {
  changed: '✓',
  running: '…',
  untouched: '–',
  undone: '↩',
  failed: '✗',
};

const VERDICT_CHARS = 200;
/** Of what a verdict says, where many verdicts share the part: each has its line. */
const VERDICT_LEAST_CHARS = 40;
const VERDICT_STEP = 20;
/** Of the layers that a change survives, or does not. */
const LAYERS_CHARS = 900;

/** Of a list: how many entries are shown, and how many characters it may take with its title. */
export interface Room {
  readonly most: number;
  readonly maxChars: number;
}

/** What a fact says, cut to what it may take; the words that it begins with lead to their address. */
export function fieldValue({ value, link }: CardField, maxChars: number): Mrkdwn {
  if (link === undefined || link.url.length > LINK_CHARS || !value.startsWith(link.words))
    return { mrkdwn: cut(mrkdwn`${value}`.mrkdwn, maxChars) };
  const words = { mrkdwn: cut(mrkdwn`${link.words}`.mrkdwn, maxChars) };
  const rest = cut(
    mrkdwn`${value.slice(link.words.length)}`.mrkdwn,
    Math.max(1, maxChars - words.mrkdwn.length),
  );
  return { mrkdwn: `<${link.url}|${words.mrkdwn}>${rest}` };
}

/** The longest address that is worth its room. */
const LINK_CHARS = 600;

/** How full the table is, and what was ruled out. */
export function evidenceLines({ usage, ruledOut, ruledOutWhere }: Card, { most, maxChars }: Room): Mrkdwn[] {
  const bar = usage === undefined ? [] : [mrkdwn`${usage.bar} ${usage.text}`];
  if (ruledOut.length === 0) return bar;
  const title = mrkdwn`*${ruledOutWhere === '' ? 'Ruled out' : `Ruled out ${ruledOutWhere}`}:*`;
  const taken = joinMrkdwn([...bar, { mrkdwn: '' }], '\n').mrkdwn.length;
  const entries = ruledOut.map((line) => mrkdwn`${line}`);
  return [...bar, listThatFits(title, entries, { most, maxChars: maxChars - taken })];
}

/** The newest clicks as far as they fit, with how many came before them; the newest is always there. */
export function newestClicks(history: readonly string[], { most, maxChars }: Room): readonly Mrkdwn[] {
  const shown = (count: number): readonly Mrkdwn[] => {
    const before = history.length - count;
    const lines = history.slice(before).map((line) => mrkdwn`${line}`);
    return before > 0 ? [mrkdwn`… ${String(before)} earlier`, ...lines] : lines;
  };
  for (let count = Math.min(history.length, most); count > 1; count--) {
    if (joinMrkdwn(shown(count), ' · ').mrkdwn.length <= maxChars) return shown(count);
  }
  return shown(1);
}

/**
 * Each verdict has a line of its own; whose it is stands before what it says, so that a cut never takes the node. The more
 * verdicts there are the less each says.
 */
export function verdictLines(verdicts: readonly CardVerdict[], maxChars: number): Mrkdwn {
  const linesOf = (chars: number) =>
    verdicts.map(({ verdict, instanceIds, says, at }) => {
      const [first = '', ...others] = instanceIds;
      const where = others.length === 0 ? first : `${first} and ${others.length} more`;
      return mrkdwn`• *${verdict}* on ${where}, ${at}: ${cut(says, chars)}`;
    });
  const title = mrkdwn`*Verdicts*`;
  const isFitting = (lines: readonly Mrkdwn[]) =>
    joinMrkdwn([title, ...lines], '\n').mrkdwn.length <= maxChars;
  let chars = VERDICT_CHARS;
  while (chars > VERDICT_LEAST_CHARS && !isFitting(linesOf(chars))) chars -= VERDICT_STEP;
  return linesThatFit(title, linesOf(chars), verdicts.length, maxChars);
}

/** A change with what to mind, all that its numbers rest on and what undoes it. */
export function changePart(change: CardChange, maxChars: number): Mrkdwn {
  const lines = [
    ...warningLines(change),
    ...change.lines.map((line) => mrkdwn`${line}`),
    ...layerLines(change),
  ];
  return linesThatFit(mrkdwn`*${change.title}*`, lines, lines.length, maxChars);
}

/**
 * The same as a decision needs it: new limits, memory, what to mind, and which layers it survives by their names. What to mind
 * stands before the layers: should it be too long, its end is left out. Once it was decided its numbers are enough.
 */
export function changeInBrief(change: CardChange, maxChars: number): Mrkdwn {
  const [first = '', ...others] = change.brief;
  const lines = [...warningLines(change), ...others.map((line) => mrkdwn`${line}`), ...layersInBrief(change)];
  return linesThatFit(mrkdwn`*${change.title}:* ${first}`, lines, lines.length, maxChars);
}

const warningLines = ({ warnings }: CardChange): readonly Mrkdwn[] =>
  warnings.map((warning) => mrkdwn`⚠ ${warning}`);

function layerLines({ layers }: CardChange): readonly Mrkdwn[] {
  const marked = (title: Mrkdwn, survives: CardLayer['survives']) => {
    const those = layers
      .filter((layer) => layer.survives === survives)
      .map(({ name, how }) => mrkdwn`${LAYER_MARKS[survives]} ${name} (${how})`);
    const room = { most: those.length, maxChars: LAYERS_CHARS };
    return those.length === 0 ? [] : [listThatFits(title, those, room, '\n')];
  };
  return [
    ...marked(mrkdwn`*Survives:*`, 'yes'),
    ...marked(mrkdwn`*Does not survive:*`, 'no'),
    ...marked(mrkdwn`*Not known:*`, 'unknown'),
  ];
}

const LAYER_MARKS: Readonly<Record<CardLayer['survives'], string>> = { yes: '✓', no: '✗', unknown: '?' };

function layersInBrief({ layers }: CardChange): readonly Mrkdwn[] {
  const those = layers.map(({ name, survives }) => mrkdwn`${LAYER_MARKS[survives]} ${name}`);
  const room = { most: those.length, maxChars: LAYERS_CHARS };
  return those.length === 0 ? [] : [listThatFits(mrkdwn`*Survives:*`, those, room, ' ')];
}

/**
 * What is true of each node; those that failed or run stand first, where not all have room. Where the sentences are too long
 * together each says less, so that every node that is shown has its line.
 */
export function resultLines(results: readonly NodeResult[], { most, maxChars }: Room): Mrkdwn {
  const shown = results.length <= most ? results : results.toSorted((a, b) => rank(a) - rank(b));
  const linesOf = (chars: number) =>
    shown.map(
      ({ instanceId, state, text }) => mrkdwn`${MARKS[state]} ${instanceId}: ${cutAtClause(text, chars)}`,
    );
  const isFitting = (lines: readonly Mrkdwn[]) =>
    joinMrkdwn(lines.slice(0, most), '\n').mrkdwn.length <= maxChars - MORE_CHARS;
  let chars = maxChars;
  while (chars > RESULT_LEAST_CHARS && !isFitting(linesOf(chars))) chars = Math.floor(chars * RESULT_STEP);
  const [first = { mrkdwn: '' }, ...others] = linesOf(chars);
  return linesThatFit(first, others, most - 1, maxChars);
}

const RESULT_LEAST_CHARS = 60;
const RESULT_STEP = 0.8;
/** Of the line that says how many were left out. */
const MORE_CHARS = 12;

const FIRST_TOLD: readonly NodeResult['state'][] = ['failed', 'running', 'untouched', 'changed', 'undone'];
/** One that was left alone for a reason is told before those that were changed, one whose turn has not come after all others. */
const rank = ({ state, text }: NodeResult): number =>
  text === NOT_TOUCHED ? FIRST_TOLD.length : FIRST_TOLD.indexOf(state);

/** What a trace found, a line a node. */
export function tracedPart([title = '', ...lines]: readonly string[], maxChars: number): Mrkdwn {
  const told = lines.map((line) => mrkdwn`${line}`);
  return linesThatFit(mrkdwn`*${title}*`, told, told.length, maxChars);
}

/** What could not be seen. */
export function gapLines(gaps: readonly string[], room: Room): Mrkdwn {
  return listThatFits(
    mrkdwn`*Could not see:*`,
    gaps.map((gap) => mrkdwn`${gap}`),
    room,
  );
}
