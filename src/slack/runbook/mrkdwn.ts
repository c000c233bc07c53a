import { escapeEntities, escapeMrkdwn, visible } from '../block-text.ts';

/** A piece of a runbook in Slack's mrkdwn; a fenced piece must be closed again when it is split. */
export interface RunbookPiece {
  readonly kind: 'text' | 'code';
  /** Whether it starts with a heading. */
  readonly isHeading: boolean;
  /** Lines without the fence. Escaped. */
  readonly lines: readonly string[];
}

/**
 * Turns our runbooks' Markdown into mrkdwn, because a modal takes no markdown block. It knows what our texts use:
 * headings, lists, fenced code, tables, bold, code spans, web links and backslash escapes; anything else stays literal.
 */
export function runbookPieces(markdown: string): readonly RunbookPiece[] {
  const pieces: RunbookPiece[] = [];
  let lines: string[] = [];
  let isHeading = false;
  let code: string[] | undefined;
  const flush = () => {
    if (lines.length > 0) pieces.push({ kind: 'text', isHeading, lines });
    lines = [];
    isHeading = false;
  };
  for (const line of markdown.split('\n')) {
    if (/^\s*```/.test(line)) {
      if (code === undefined) flush();
      else pieces.push({ kind: 'code', isHeading: false, lines: code });
      code = code === undefined ? [] : undefined;
    } else if (code !== undefined) {
      code.push(codeLine(line));
    } else if (line.trim() === '') {
      flush();
    } else if (!/^\s*(?:\|[\s:|-]+\||-{3,}|\*{3,})\s*$/.test(line)) {
      if (lines.length === 0) isHeading = line.startsWith('#');
      lines.push(textLine(line));
    }
  }
  if (code !== undefined) pieces.push({ kind: 'code', isHeading: false, lines: code });
  flush();
  return pieces;
}

// A fence inside fenced text would close it, so backticks become look-alikes; nothing else is formatted there.
function codeLine(line: string): string {
  return escapeEntities(visible(line.replace(/^\t/, '    '))).replaceAll('```', 'ˋˋˋ');
}

function textLine(line: string): string {
  const heading = /^#{1,6}\s+(.*)$/.exec(line);
  if (heading?.[1] !== undefined) return `*${escapeMrkdwn(unescapeMarkdown(heading[1]))}*`;
  const bullet = /^(\s*)[-*]\s+(.*)$/.exec(line);
  if (bullet?.[2] !== undefined) return `${bullet[1] ?? ''}• ${inline(bullet[2])}`;
  if (/^\s*\|.*\|\s*$/.test(line)) return `• ${cellsOf(line).map(inline).join(' · ')}`;
  return inline(line);
}

function cellsOf(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

const INLINE = /`([^`]+)`|\*\*((?:\\.|[^*\\])+)\*\*|\[((?:\\.|[^\]\\])+)\]\((https?:\/\/[^\s()<>|]+)\)/g;

function inline(text: string): string {
  let result = '';
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, label, url] = match;
    result += literal(text.slice(from, match.index));
    if (code !== undefined) result += `\`${escapeEntities(visible(code))}\``;
    else if (bold !== undefined) result += `*${literal(bold)}*`;
    else result += `<${escapeEntities(url ?? '')}|${literal(label ?? '')}>`;
    from = match.index + whole.length;
  }
  return result + literal(text.slice(from));
}

function literal(text: string): string {
  return escapeMrkdwn(unescapeMarkdown(text));
}

function unescapeMarkdown(text: string): string {
  return text.replaceAll(/\\([!-/:-@[-`{-~])/g, '$1');
}
