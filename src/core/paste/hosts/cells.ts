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
