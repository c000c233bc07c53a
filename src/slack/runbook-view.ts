import type { ModalView, SectionBlock } from '@slack/types';
import type { Runbook } from '../core/runbook.ts';
import { LIMITS } from './block-limits.ts';
import { cut, plainText } from './block-text.ts';
import { type RunbookPiece, runbookPieces } from './runbook-mrkdwn.ts';

/** Longest text of one section, its fences included. */
const SECTION_CHARS = 2900;

/** The runbook as a modal that only shows; a runbook too long for one says where the rest is. */
export function runbookView(runbook: Runbook): ModalView {
  const texts = runbookPieces(runbook.markdown).flatMap((piece) => textsOf(piece));
  const most = LIMITS.viewBlocks - 2;
  const shown =
    texts.length <= most ? texts : [...texts.slice(0, most), '_The rest is in the thread of the card._'];
  return {
    type: 'modal',
    title: plainText('Runbook', LIMITS.viewTitleChars),
    close: plainText('Close', LIMITS.viewTitleChars),
    blocks: [{ type: 'header', text: plainText(runbook.title, LIMITS.headerChars) }, ...shown.map(sectionOf)],
  };
}

function sectionOf(text: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

/** One piece as texts that fit into a section each, split between lines. */
function textsOf({ kind, lines }: RunbookPiece): string[] {
  const [open, close] = kind === 'code' ? ['```\n', '\n```'] : ['', ''];
  const room = SECTION_CHARS - open.length - close.length;
  const chunks: string[] = [];
  let chunk = '';
  for (const line of lines.map((whole) => cut(whole, room))) {
    if (chunk !== '' && chunk.length + 1 + line.length > room) {
      chunks.push(chunk);
      chunk = '';
    }
    chunk = chunk === '' ? line : `${chunk}\n${line}`;
  }
  if (chunk !== '') chunks.push(chunk);
  return chunks.map((text) => `${open}${text}${close}`);
}
