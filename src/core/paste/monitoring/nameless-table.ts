import { observationLine } from '../../parse/observations.ts';
import { type Recogniser, takeWhile } from '../found.ts';
import { quotedCellsOf } from '../hosts/several/cells.ts';

/** How an export of a panel, of a query or of a shell’s history begins its columns. */
const HEADING = /^\s*"?(?:(?:time|date|timestamp)\w{0,10}|series|name"?,"?tags)"?\s?[,;\t]/i;

/** Columns that are named in the answer. */
const MOST_NAMED = 4;

/** A table of numbers over time in which nothing says what they count: told with what is missing. */
export const namelessTable: Recogniser = (lines, at) => {
  const heading = lines[at]?.text ?? '';
  if (heading.length > 1_000 || !HEADING.test(heading)) return undefined;
  const separator = ['\t', ';', ','].find((one) => heading.includes(one)) ?? ',';
  const names = quotedCellsOf(heading, separator);
  let last: readonly string[] = [];
  const run = takeWhile(lines, at + 1, (text) => {
    const row = quotedCellsOf(text, separator);
    const isRow =
      row.length === names.length && row.slice(1).some((cell) => /^-?\d[\d.,]{0,20}%?$/.test(cell));
    if (isRow) last = row;
    return isRow;
  });
  if (run.lines === 0) return undefined;
  const shown = names
    .slice(1, 1 + MOST_NAMED)
    .map((name, index) => `${plain(name)} ${plain(last[index + 1] ?? '')}`);
  const more = names.length - 1 - shown.length;
  return {
    source: 'observations',
    name: 'a table without a metric’s name',
    lines: 1 + run.lines,
    text: observationLine({
      kind: 'note',
      says: `A table of numbers whose metric nothing names (${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''} in its last row): put its query or its panel’s title above it, with conntrack’s count and its limit as columns of their own.`,
    }),
    keys: [],
  };
};

/** A cell as it may stand in a sentence. */
function plain(cell: string): string {
  return cell
    .replaceAll(/[^\p{L}\p{N}\s.:%_-]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 40);
}
