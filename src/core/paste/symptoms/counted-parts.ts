import { observationLine } from '../../parse/observations.ts';
import { counted, percent, show } from '../../words.ts';
import { type Context, type Found, type Recogniser, takeWhile } from '../found.ts';
import { observed } from './observed.ts';
import { holdsAllPorts, takenPorts } from './sockets.ts';

/** `118233 src=10.244.3.17`, `4102 tcp ESTABLISHED dst=10.96.0.10 dport=53`: what `uniq -c` makes of parts of entries. */
const PART =
  /^\s*(\d{1,12})\s+((?:[\w-]{1,16}\s+){0,4}(?:src|dst|sport|dport)=\S{1,60}(?:\s+(?:src|dst|sport|dport)=\S{1,60}){0,3})\s*$/;

/** An address or a port alone, where the command tells of what. */
const BARE =
  /^\s*(\d{1,12})\s+((?:[\da-f]{0,4}[.:]){1,8}[\da-f]{1,5}(?:[:.]\d{1,5})?|\[[\da-f:.]{2,45}\](?::\d{1,5})?)\s*$/i;

/** A command that counts equal lines of a list, and what the list is of. */
const COUNTS = /\|\s*(?:sudo\s+)?uniq\s+-\w*c/;
const OF_TABLE = /\bconntrack\s+-L\b|\/proc\/(?:self\/)?net\/(?:nf|ip)_conntrack\b/;
const OF_SOCKETS = /(?:^|[\s;|(/'"])(?:ss|netstat)\s/;

/** Parts that are named one by one. */
const MOST_NAMED = 5;

/** Entries counted by source, destination or port: who holds the table; sockets counted by peer. */
export const countedParts: Recogniser = (lines, at, context) => {
  const isOfTable = counts(context, OF_TABLE);
  const isOfSockets = !isOfTable && counts(context, OF_SOCKETS);
  const parts: { readonly count: number; readonly what: string }[] = [];
  const run = takeWhile(lines, at, (text) => {
    const [, count, what = ''] = PART.exec(text) ?? (isOfTable || isOfSockets ? (BARE.exec(text) ?? []) : []);
    if (count === undefined) return false;
    parts.push({ count: Number(count), what });
    return true;
  });
  const [first] = parts.toSorted((a, b) => b.count - a.count);
  if (first === undefined) return undefined;
  if (isOfSockets) return peersFound(parts, first, run.lines);
  const all = parts.reduce((sum, { count }) => sum + count, 0);
  const share = parts.length > 1 ? `; the first has ${percent(first.count / all)} of those listed` : '';
  return observed(
    'entries, counted',
    run.lines,
    'note',
    `Entries of the table counted by a part of them: ${namedOf(parts)}${share}.`,
  );
};

function counts({ command }: Context, list: RegExp): boolean {
  return COUNTS.test(command) && list.test(command);
}

function namedOf(parts: readonly { readonly count: number; readonly what: string }[]): string {
  const sorted = parts.toSorted((a, b) => b.count - a.count);
  const rest = sorted.length > MOST_NAMED ? ` and ${show(sorted.length - MOST_NAMED)} more` : '';
  return `${sorted
    .slice(0, MOST_NAMED)
    .map(({ count, what }) => `${show(count)} ${what.replaceAll(/\s+/g, ' ')}`)
    .join(', ')}${rest}`;
}

function peersFound(
  parts: readonly { readonly count: number; readonly what: string }[],
  first: { readonly count: number; readonly what: string },
  lines: number,
): Found {
  const isUsedUp = holdsAllPorts(first.count);
  const held = isUsedUp ? `; ${takenPorts(first.count)} towards ${first.what}` : '';
  return {
    source: 'observations',
    name: 'sockets, counted',
    lines,
    text: observationLine({
      kind: isUsedUp ? 'symptom' : 'note',
      says: `${counted(
        parts.reduce((sum, { count }) => sum + count, 0),
        'socket',
      )} counted by address: ${namedOf(parts)}${held}.`,
      ...(isUsedUp ? { portsUsedUp: true } : {}),
    }),
    keys: [],
  };
}
