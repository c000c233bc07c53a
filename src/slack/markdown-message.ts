import type { MarkdownBlock } from '@slack/types';
import { keepUnits } from '../core/words.ts';
import { cut, plainText } from './block-text.ts';

/** Below the 12,000 characters that Slack takes in the markdown blocks of one message. */
const MESSAGE_CHARS = 10_000;

/** A message of the thread. */
export interface MarkdownMessage {
  readonly text: string;
  readonly blocks: readonly MarkdownBlock[];
}

/**
 * Markdown as messages with Slack's native block for it, split at headings where one message is too small.
 *
 * @param title what each is called where blocks are not shown, with its number where there are several
 */
export function markdownMessages(title: string, markdown: string): readonly MarkdownMessage[] {
  const parts = packed(splitAtHeadings(withUnitsKept(withoutTokens(markdown))));
  return parts.map((text, index) => ({
    text: plainText(parts.length === 1 ? title : `${title} (${index + 1}/${parts.length})`, 200).text,
    blocks: [{ type: 'markdown', text }],
  }));
}

/** Slack reads its own `<!here>`, `<@U…>`, `<#C…>` and `<scheme:…>` tokens inside a markdown block too. */
function withoutTokens(markdown: string): string {
  return markdown.replaceAll(/<(?=[!@#]|[a-z][a-z0-9+.-]*:)/gi, '&lt;');
}

/** Keeps numbers and their units together in the text; what stands in code is copied and stays as it is. */
function withUnitsKept(markdown: string): string {
  return markdown.replaceAll(/^\s*```[^]*?^\s*```|`[^`\n]*`|[^`]+|`/gm, (piece) =>
    piece.trimStart().startsWith('`') ? piece : keepUnits(piece),
  );
}

/** Splits before each heading that is not inside a fence. */
function splitAtHeadings(markdown: string): string[] {
  const parts: string[][] = [[]];
  let isFenced = false;
  for (const line of markdown.split('\n')) {
    if (/^\s*```/.test(line)) isFenced = !isFenced;
    if (!isFenced && /^#{1,6}\s/.test(line)) parts.push([]);
    parts.at(-1)?.push(line);
  }
  return parts.map((lines) => lines.join('\n')).filter((part) => part.trim() !== '');
}

function packed(parts: readonly string[]): string[] {
  const messages: string[] = [];
  for (const part of parts.map((text) => cut(text, MESSAGE_CHARS))) {
    const last = messages.at(-1);
    if (last !== undefined && last.length + part.length + 1 <= MESSAGE_CHARS)
      messages[messages.length - 1] = `${last}\n${part}`;
    else messages.push(part);
  }
  return messages;
}
