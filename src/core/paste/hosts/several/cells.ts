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
