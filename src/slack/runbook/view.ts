import type { ModalView } from '@slack/types';
import type { Runbook } from '../../core/notifier.ts';
import { LIMITS } from '../block-limits.ts';
import { cut, plainText } from '../block-text.ts';
import { section } from '../blocks.ts';
import { type RunbookPiece, runbookPieces } from './mrkdwn.ts';

/** Longest text of one section, its fences included. */
const SECTION_CHARS = 2900;
const CUT_NOTE = '_The rest is on the page of the incident._';

/** The runbook as a modal that only shows; a runbook too long for one says where the rest is. */
export function runbookView(runbook: Runbook): ModalView {
  const texts = packed(runbookPieces(withoutTitle(runbook)));
  const most = LIMITS.viewBlocks - 2;
  const shown = texts.length <= most ? texts : [...texts.slice(0, most), CUT_NOTE];
  return {
    type: 'modal',
    title: plainText('Runbook', LIMITS.viewTitleChars),
    close: plainText('Close', LIMITS.viewTitleChars),
    blocks: [
      { type: 'header', text: plainText(runbook.title, LIMITS.headerChars) },
      ...shown.map((text) => section({ mrkdwn: text }, LIMITS.sectionChars)),
    ],
  };
}

/** The modal shows the title as its header. */
function withoutTitle({ title, markdown }: Runbook): string {
  const heading = `# ${title}\n`;
  return markdown.startsWith(heading) ? markdown.slice(heading.length) : markdown;
}

/** Pieces under one heading share a section as far as it holds them. */
function packed(pieces: readonly RunbookPiece[]): string[] {
  const sections: string[] = [];
  for (const piece of pieces) {
    const [first = '', ...others] = textsOf(piece);
    const last = sections.at(-1);
    const isRoomy = last !== undefined && last.length + 2 + first.length <= SECTION_CHARS;
    if (isRoomy && !piece.isHeading) sections[sections.length - 1] = `${last}\n\n${first}`;
    else sections.push(first);
    sections.push(...others);
  }
  return sections;
}

/** One piece as texts that fit into a section each, split between lines. */
function textsOf({ kind, lines }: RunbookPiece): string[] {
  const [open, close] = kind === 'code' ? ['```\n', '\n```'] : ['', ''];
  const room = SECTION_CHARS - open.length - close.length;
  const chunks: string[] = [];
  let chunk: string[] = [];
  let length = 0;
  for (const line of lines.map((whole) => cut(whole, room))) {
    if (chunk.length > 0 && length + 1 + line.length > room) {
      chunks.push(chunk.join('\n'));
      [chunk, length] = [[], 0];
    }
    chunk.push(line);
    length += line.length + 1;
  }
  if (chunk.length > 0) chunks.push(chunk.join('\n'));
  return chunks.map((text) => `${open}${text}${close}`);
}
