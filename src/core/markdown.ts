import { printable } from './printable.mjs';

/**
 * Makes foreign text literal in CommonMark: no emphasis, links, HTML, code or table cells come out of it, and no character
 * that acts on what shows it.
 */
export function escapeMarkdown(text: string): string {
  return printable(text.replaceAll(/[\r\n\t]+/g, ' ')).replaceAll(
    /[\\`*_[\]<>|#&~]/g,
    (character) => `\\${character}`,
  );
}

/** A GFM table; cells are escaped. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- ').join('|')}|`, ...rows.map(line)].join('\n');
}
