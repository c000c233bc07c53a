import { observationLine } from '../../parse/observations.ts';
import { counted, show } from '../../words.ts';
import { type Recogniser, takeWhile } from '../found.ts';

/** A line of `conntrack -E`, with `-o timestamp` or not. */
const EVENT = /^\s*(?:\[\d{9,11}\.\d{1,9}\]\s+)?\[(NEW|UPDATE|DESTROY)\]\s+(.*)$/;

const ENDS = /src=(\S{2,45}) dst=(\S{2,45})(?: sport=(\d{1,5}) dport=(\d{1,5}))?/;

/** Events of the table: what came and went while it was watched. They are no entries, so no share and no count comes of them. */
export const conntrackEvents: Recogniser = (lines, at) => {
  const counts = { NEW: 0, UPDATE: 0, DESTROY: 0 };
  const opened = new Set<string>();
  const answered = new Set<string>();
  const { taken, lines: count } = takeWhile(lines, at, (text) => {
    const [, kind, rest = ''] = EVENT.exec(text) ?? [];
    if (kind === undefined) return /^conntrack v[\d.]+ \(conntrack-tools\): \d+ flow events/.test(text);
    counts[kind as keyof typeof counts] += 1;
    const ends = ENDS.exec(rest)?.slice(1).join(' ') ?? rest;
    if (kind === 'NEW') opened.add(ends);
    if (!rest.includes('[UNREPLIED]')) answered.add(ends);
    return true;
  });
  const all = counts.NEW + counts.UPDATE + counts.DESTROY;
  if (all === 0 || taken.length === 0) return undefined;
  const silent = [...opened].filter((ends) => !answered.has(ends)).length;
  const silence =
    opened.size === 0
      ? ''
      : `; of ${counted(opened.size, 'connection')} that began ${silent === 0 ? 'all were' : `${show(silent)} ${silent === 1 ? 'was' : 'were'} not`} answered while it was watched`;
  return {
    source: 'observations',
    name: 'conntrack -E',
    lines: count,
    text: observationLine({
      kind: 'note',
      says: `${counted(all, 'event')}, not entries: ${show(counts.NEW)} new, ${show(counts.UPDATE)} updated, ${show(counts.DESTROY)} destroyed${silence}; they tell no share and no count of the table.`,
    }),
    keys: [],
  };
};
