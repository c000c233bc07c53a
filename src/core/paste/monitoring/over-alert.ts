import { observationLine } from '../../parse/observations.ts';
import type { Recogniser } from '../found.ts';

const MARK = 'alert that is over: ';

/** A sentence of an alert that is over, as a line that tells it. */
export function overAlertLine(sentence: string): string {
  return `${MARK}${sentence}`;
}

/** What an alert said about the table before it was over: told as past, and no reading. */
export const overAlert: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  if (!text.startsWith(MARK) || !/conntrack/i.test(text)) return undefined;
  const use = /(\d{1,3}(?:[.,]\d{1,6})?)\s?%/.exec(text)?.[1];
  const told =
    use === undefined ? '' : ` It told of ${Math.round(Number(use.replace(',', '.')))} % while it fired.`;
  return {
    source: 'observations',
    name: 'an alert that is over',
    lines: 1,
    text: observationLine({
      kind: 'note',
      says: `An alert about the connection-tracking table is over, so what it said is past.${told}`,
    }),
    keys: [],
  };
};
