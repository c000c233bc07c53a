import type { SourceId } from '../../capture/sources.ts';
import { Barren, type Context, type Recogniser, takeTelling, takeWhile } from '../found.ts';
import { waitOf } from '../paste-clock.ts';
import { localizedCounter } from './netstat-localized.ts';
import { namesOfPhrase } from './netstat-phrases.ts';

const PROTOCOL = 'TcpExt|Tcp|IpExt|Ip|UdpLite|Udp|IcmpMsg|Icmp|MPTcpExt|Ip6|Udp6|Icmp6|Udp6Lite|TcpExt6';

const COUNTER = new RegExp(
  `^((?:${PROTOCOL})[A-Z0-9]\\w{1,40})(?:\\s+|\\s*[:=]\\s*)(\\d{1,20})(?:\\s+[\\d.]+)?\\s*$`,
);
const JSON_COUNTER = new RegExp(`"((?:${PROTOCOL})[A-Z0-9]\\w{1,40})"\\s?:\\s?(\\d{1,20})\\b`, 'g');
const NAMES = new RegExp(`^(${PROTOCOL}): +[A-Za-z]`);

function sourceOf({ isPod }: Context): SourceId {
  return isPod ? 'nstat-pod' : 'nstat-node';
}

/** `nstat`: a name, a value and a rate. */
export const nstatLines: Recogniser = (lines, at, context) => {
  const [, name, value] = COUNTER.exec(lines[at]?.text.trim() ?? '') ?? [];
  if (name === undefined || value === undefined) return undefined;
  return { source: sourceOf(context), name: 'nstat', lines: 1, text: `${name} ${value}`, keys: [name] };
};

/** nstat prints what was added since it was run before: `nstat -n; sleep 10; nstat` (nstat(8)); with `-a` it does not. */
const SINCE_LAST =
  /\bnstat\b(?:\s+-\w*n\w*|[^;&|]{0,40}>\s?\/dev\/null[^;&|]{0,10})\s*(?:;|&&)\s*sleep\s+\d{1,4}\s*(?:;|&&)\s*(?:sudo\s+)?nstat\b(?![^;|]*-\w*a)/;

/** The counters of nstat where its command says of how many seconds they are. */
export const nstatInterval: Recogniser = (lines, at, context) => {
  if (!SINCE_LAST.test(context.command)) return undefined;
  const rows = new Map<string, string>();
  const run = takeWhile(lines, at, (text) => {
    const [, name, value] = COUNTER.exec(text.trim()) ?? [];
    if (name !== undefined && value !== undefined) rows.set(name, value);
    return name !== undefined;
  });
  if (rows.size === 0) return undefined;
  return {
    source: sourceOf(context),
    name: 'nstat',
    lines: run.lines,
    text: Array.from(rows, ([name, value]) => `${name} ${value}`).join('\n'),
    keys: [...rows.keys()],
    sinceSeconds: waitOf(context.command) ?? 0,
  };
};

/** `nstat --json`: all counters on one line. */
export const nstatJson: Recogniser = (lines, at, context) => {
  const counters = Array.from(
    (lines[at]?.text ?? '').matchAll(JSON_COUNTER),
    ([, name = '', value = '']) => ({ name, value }),
  );
  if (counters.length === 0) return undefined;
  return {
    source: sourceOf(context),
    name: 'nstat',
    lines: 1,
    text: counters.map(({ name, value }) => `${name} ${value}`).join('\n'),
    keys: counters.map(({ name }) => name),
  };
};

/** /proc/net/netstat and /proc/net/snmp: a line of names, then a line of values. */
export const procNetPair: Recogniser = (lines, at, context) => {
  const [first, second] = [lines[at]?.text ?? '', lines[at + 1]?.text ?? ''];
  const protocol = NAMES.exec(first)?.[1];
  if (protocol === undefined || !new RegExp(`^${protocol}: +-?\\d`).test(second)) return undefined;
  const source = context.isPod ? 'nstat-pod' : protocol.includes('Ext') ? 'netstat' : 'snmp';
  return {
    source,
    name: `/proc/net/${protocol.includes('Ext') ? 'netstat' : 'snmp'}`,
    lines: 2,
    text: `${first}\n${second}`,
    keys: [protocol],
  };
};

const wordless = new Barren();

/** `netstat -s`: counters in words. */
export const netstatWords: Recogniser = (lines, at, context) => {
  if (wordless.has(lines, at)) return undefined;
  const isPhrase = (text: string) =>
    (/[\u0080-\uffff]/.test(text) && localizedCounter(text) !== undefined) ||
    /^\s{0,12}(?:\d{1,20} \S.*|[A-Z]\S.{1,60}: \d{1,20}|(?:Tcp|TcpExt|Ip|IpExt|Udp|UdpLite|Icmp|IcmpMsg|MPTcpExt):)\s*$/.test(
      text,
    );
  const seen = new Map<string, number>();
  let repeated: number | undefined;
  // A heading or a counter that comes again begins the output of the next run.
  const isNew = (text: string, index: number) => {
    const heading = /^[A-Z]\w+:$/.exec(text.trim())?.[0];
    const names = heading === undefined ? namesOfPhrase(text).map(([name]) => name) : [heading];
    repeated = names.map((name) => seen.get(name)).find((line) => line !== undefined);
    if (repeated !== undefined) return false;
    for (const name of names) seen.set(name, index);
    return true;
  };
  const block = takeWhile(lines, at, (text, index) => isPhrase(text) && isNew(text, index));
  const counters = block.taken.flatMap((text) => namesOfPhrase(text));
  if (counters.length === 0) {
    // Past the first of two equal headings a search goes further than this one.
    wordless.note(lines, repeated === undefined ? at + block.lines : repeated + 1);
    return undefined;
  }
  // Of another language not every counter is known, so what is not found is not left out.
  const isWhole =
    !block.taken.some((text) => localizedCounter(text) !== undefined) &&
    block.taken.some((text) => text.startsWith('Ip:')) &&
    block.taken.some((text) => text.startsWith('TcpExt:'));
  // The whole output leaves zero counters out; a part of it (grep) leaves anything out.
  const isOverflowLeftOut = isWhole && !counters.some(([name]) => name === 'TcpExtListenOverflows');
  const rows = isOverflowLeftOut ? [...counters, ['TcpExtListenOverflows', '0'] as const] : counters;
  return {
    source: sourceOf(context),
    name: 'netstat -s',
    lines: block.lines,
    text: rows.map(([name, value]) => `${name} ${value}`).join('\n'),
    keys: rows.map(([name]) => name),
  };
};

/** /proc/net/sockstat. */
export const sockstatLines: Recogniser = (lines, at) => {
  const { taken, lines: count } = takeWhile(lines, at, (text) =>
    /^(?:sockets: used|(?:TCP|UDP|UDPLITE|RAW|FRAG)6?: (?:inuse|.*memory)) ?\d*/.test(text.trim()),
  );
  if (taken.length === 0) return undefined;
  return {
    source: 'sockstat',
    name: '/proc/net/sockstat',
    lines: count,
    text: taken.map((text) => text.trim()).join('\n'),
    keys: ['sockstat'],
  };
};

const SUMMARY =
  /^(?:Total:\s+\d+|TCP:\s+\d+ \(estab \d+.*|Transport\s+Total\s+IP.*|(?:\*|RAW|UDP|TCP|INET|FRAG)\s+(?:\d+|-)\s+(?:\d+|-)\s+(?:\d+|-))/;

const withoutTotals = new Barren();

/** `ss -s`: totals of sockets by state. */
export const socketSummary: Recogniser = (lines, at) => {
  const summary = takeTelling(withoutTotals, lines, at, { test: SUMMARY, telling: /^TCP:/ });
  if (summary !== undefined)
    return {
      source: 'ss-s',
      name: 'ss -s',
      lines: summary.lines,
      text: summary.taken.join('\n'),
      keys: ['ss-s'],
    };
  const first = lines[at]?.text ?? '';
  if (!/^Transport\s/.test(first) || !SUMMARY.test(first)) return undefined;
  const { lines: count } = takeWhile(lines, at, (text) => SUMMARY.test(text));
  return { source: undefined, name: 'ss -s', lines: count, text: '', keys: [], why: 'sockets by family' };
};

const withoutListeners = new Barren();

/** Listeners of `ss -ltn`: what waits in each accept queue, and its limit. */
export const listeners: Recogniser = (lines, at, context) => {
  const run = takeTelling(withoutListeners, lines, at, {
    test: /^\s*(?:State\s+Recv-Q|(?:tcp\s+)?LISTEN\s+\d+\s+\d+\s+\S+)/,
    telling: /LISTEN/,
  });
  if (run === undefined) return undefined;
  const rows = run.taken.filter((text) => text.includes('LISTEN'));
  return {
    source: context.isPod ? 'ss-listen-pod' : 'ss-listen-node',
    name: 'ss -ltn',
    lines: run.lines,
    text: rows.join('\n'),
    keys: ['listeners'],
  };
};
