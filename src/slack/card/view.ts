import type { KnownBlock, ModalView } from '@slack/types';
import type { Card } from '../../core/card/model.ts';
import { LIMITS } from '../block-limits.ts';
import { joinMrkdwn, type Mrkdwn, mrkdwn, plainText, visible } from '../block-text.ts';
import { context, fieldsSection, header, section } from '../blocks.ts';
import { blocksWithLocalTimes } from './local-times.ts';
import {
  changePart,
  evidenceLines,
  fieldValue,
  gapLines,
  newestClicks,
  resultLines,
  tracedPart,
  verdictLines,
} from './parts.ts';

/** Characters of one part; a modal has no room that all of them share, so each may fill a section. */
const PART_CHARS = 2900;
/** Of one fact, its label and address apart. */
const FIELD_CHARS = 600;
const LIST = { most: 60, maxChars: PART_CHARS } as const;

/** A modal of blocks that are known. */
export type CardView = Omit<ModalView, 'blocks'> & { readonly blocks: KnownBlock[] };

/** Everything that is said of an incident as a modal that only shows: also what its message leaves out. */
export function cardView(card: Card): CardView {
  const evidence = evidenceLines(card, LIST);
  const blocks: (KnownBlock | undefined)[] = [
    header(card.header),
    card.lead === '' && !isCut(card) ? undefined : section(leadOf(card), PART_CHARS),
    ...fieldSections(card.fields),
    card.verdicts.length === 0 ? undefined : section(verdictLines(card.verdicts, PART_CHARS), PART_CHARS),
    evidence.length === 0 ? undefined : section(joinMrkdwn(evidence, '\n'), PART_CHARS),
    card.traced.length === 0 ? undefined : section(tracedPart(card.traced, PART_CHARS), PART_CHARS),
    card.change && section(changePart(card.change, PART_CHARS), PART_CHARS),
    card.results.length === 0
      ? undefined
      : section(joinMrkdwn([mrkdwn`*Nodes*`, resultLines(card.results, LIST)], '\n'), PART_CHARS),
    card.gaps.length === 0 ? undefined : section(gapLines(card.gaps, LIST), PART_CHARS),
    card.history.length === 0 ? undefined : context(newestClicks(card.history, LIST), PART_CHARS),
    context(
      card.context.map((line) => mrkdwn`${line}`),
      PART_CHARS,
    ),
  ];
  return {
    type: 'modal',
    title: plainText('Everything that was read', LIMITS.viewTitleChars),
    close: plainText('Close', LIMITS.viewTitleChars),
    blocks: blocksWithLocalTimes(
      blocks.filter((block) => block !== undefined),
      card.madeAt,
    ),
  };
}

/** All facts, in as many sections as they take. */
function fieldSections(fields: Card['fields']): readonly KnownBlock[] {
  const shown = fields.map((field) => mrkdwn`*${field.label}*\n${fieldValue(field, FIELD_CHARS)}`);
  const sections = Math.ceil(shown.length / LIMITS.fields);
  return Array.from({ length: sections }, (_, index) =>
    fieldsSection(shown.slice(index * LIMITS.fields, (index + 1) * LIMITS.fields), LIMITS.fieldChars),
  );
}

const isCut = ({ header: title }: Card): boolean => visible(title).length > LIMITS.headerChars;

/** A heading that is too long for one is told whole below it. */
const leadOf = (card: Card): Mrkdwn =>
  isCut(card) ? mrkdwn`${card.header}. ${card.lead}` : mrkdwn`${card.lead}`;
