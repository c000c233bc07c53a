import type { PasteLine } from '../../paste-line.ts';

/**
 * Cells of a row of a table, without the marks around them.
 *
 * @param separator a pattern between two cells; one that describes a whole line stands for single blanks
 */
export function cellsOf(text: string, separator: RegExp): readonly string[] {
  return text
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split(separator.source.startsWith('^') ? ' ' : separator)
    .map((cell) => cell.trim().replaceAll(/^["'`*]+|["'`*]+$/g, ''));
}

/** Longer lines head no table. */
const LONGEST_HEADING = 1_000;

/** A line that may head a table, its cells, and what sets them apart. */
interface TableHeading {
  readonly heading: PasteLine;
  readonly cells: readonly string[];
  readonly separator: RegExp;
}

/**
 * The cells of a line that may head a table, and how they are set apart; nothing of a command, or where no separator stands.
 *
 * @param separators the surest first
 */
export function tableHeadingOf(
  line: PasteLine | undefined,
  separators: readonly RegExp[],
): TableHeading | undefined {
  if (line === undefined || line.command !== undefined || line.text.length > LONGEST_HEADING)
    return undefined;
  const separator = separators.find((one) => one.test(line.text.trim()));
  return separator && { heading: line, cells: cellsOf(line.text, separator), separator };
}

/** Cells of a row; a separator within quotes is none, and two quotes are one. */
export function quotedCellsOf(text: string, separator: string): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"' && isQuoted && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...cells, cell].map((one) => one.trim());
}
