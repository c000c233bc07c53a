import { counted } from '../../words.ts';
import { type Recogniser, takeWhile } from '../found.ts';
import { count, observed } from './observed.ts';

/** What clients and proxies write where a connection or a look-up came to nothing, by what it says; the more particular first. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/while reading response header from upstream/, 'answer'],
  [
    /\blookup \S{1,253}(?: on \S{1,80})?: .{0,120}(?:i\/o timeout|timed out|server misbehaving)|Temporary failure in name resolution|\bEAI_AGAIN\b|no servers could be reached|^\s*;; (?:communications error to \S{1,80}: timed out|connection timed out)|curl: \((?:6|28)\) (?:Could not resolve|Resolving timed out)/,
    'lookup',
  ],
  [
    /\((?:110|ETIMEDOUT): (?:Connection|Operation) timed out\) while connecting to upstream|\bdial (?:tcp|udp)\S{0,2} \S{1,80}: (?:i\/o timeout|connect: (?:connection|operation) timed out)|\bconnect ETIMEDOUT\b|\bConnect(?:ion)?Timeout(?:Error|Exception)?\b|\bconnect timed out\b|curl: \((?:7|28)\) (?:Failed to connect|Connection timed out|Connection timeout)(?!.*refused)/,
    'connect',
  ],
  [
    /\((?:111|ECONNREFUSED): Connection refused\) while connecting to upstream|\bdial tcp\S{0,2} \S{1,80}: connect: connection refused|\bconnect ECONNREFUSED\b|curl: \(7\) .{0,120}refused/,
    'refused',
  ],
];

type Kind = 'connect' | 'lookup' | 'refused' | 'answer';

const SAYS: Readonly<Record<Kind, (times: number) => string>> = {
  connect: (times) =>
    `${counted(times, 'connection')} timed out before ${times === 1 ? 'it was' : 'they were'} made`,
  lookup: (times) => `${counted(times, 'look-up')} of names failed or timed out`,
  refused: (times) =>
    `${counted(times, 'connection')} ${times === 1 ? 'was' : 'were'} refused, so packets arrived and nothing listened`,
  answer: (times) =>
    `${counted(times, 'request')} timed out while the server’s answer was waited for, after the connection was made`,
};

/** Destinations that are named, at most. */
const MOST_TARGETS = 3;

/** To where such a line says that the connection went. */
const TARGET =
  /upstream: "\w{2,6}:\/\/([\w.:[\]-]{3,80})|\bdial \w{3,4} ([\w.:[\]-]{3,80}): |connect E\w{5,12} ([\w.:[\]-]{3,80})|Failed to connect to (\S{1,80} port \d{1,5})/;

/** Errors of clients and proxies: connections and look-ups that timed out. They are the symptom and name no cause. */
export const clientErrors: Recogniser = (lines, at) => {
  const kinds = new Map<Kind, number>();
  const targets = new Map<string, number>();
  const run = takeWhile(lines, at, (text) => {
    const kind = KINDS.find(([pattern]) => pattern.test(text))?.[1];
    if (kind === undefined) return false;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const target = TARGET.exec(text)
      ?.slice(1)
      .find((one) => one !== undefined);
    if (target !== undefined) count(targets, target);
    return true;
  });
  if (run.lines === 0) return undefined;
  const said = Array.from(kinds, ([kind, times]) => SAYS[kind](times)).join('; ');
  const most = [...targets].toSorted(([, a], [, b]) => b - a).slice(0, MOST_TARGETS);
  const where = most.map(([target, times]) => `${target} (${counted(times, 'time')})`).join(', ');
  const towards = where === '' ? '' : `; towards ${where}`;
  return observed('errors of clients', run.lines, 'symptom', `Clients say: ${said}${towards}.`);
};
