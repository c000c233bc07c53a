import { type Observation, observationLine } from '../../parse/observations.ts';
import { show } from '../../words.ts';
import type { Found } from '../found.ts';

/** How a query asks how fast a counter rises: `rate(node_nf_conntrack_stat_drop{instance="a"}[5m])`. */
const ASKED =
  /\b(rate|irate|increase|delta|idelta)\s*\(\s*([A-Za-z_][\w:]{2,100})\s*(?:\{[^{}]{0,600}\})?\s*\[\s*(\d{1,4})\s?(s|m|h|d)/;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Begins the name that a query's answer is given here, since it has none. */
const PREFIX = 'rise_of';

/** A rise by its counter, and how many seconds a value of it stands for. */
interface Rise {
  readonly metric: string;
  readonly seconds: number;
}

/** The name for what a query answers, `undefined` where it does not ask for the rise of a counter. */
export function riseAsked(text: string): string | undefined {
  const [, verb, metric, count, unit = ''] = ASKED.exec(text) ?? [];
  if (metric === undefined) return undefined;
  const seconds = /rate/.test(verb ?? '') ? 1 : Number(count) * (SECONDS[unit] ?? 1);
  return riseName(metric, seconds);
}

/** A name for the rise of a counter over so many seconds. */
export function riseName(metric: string, seconds = 1): string {
  return `${PREFIX}:${seconds}:${metric}`;
}

/** The rise that such a name stands for. */
export function riseOf(name: string): Rise | undefined {
  const [, seconds, metric] = /^rise_of:(\d{1,9}):([\w:]{3,100})$/.exec(name) ?? [];
  return metric === undefined ? undefined : { metric, seconds: Number(seconds) };
}

/** What it means that a counter rises, by its kernel's name; of the others nothing follows by itself. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /^drop$/,
    'connection tracking drops packets of new connections: for a full table, or for an insert race, which insert_failed beside it tells apart',
  ],
  [
    /^insert_failed$/,
    'entries found no place: two claimed the same ports or tuple at once, or a hash chain was too long',
  ],
  [/^early_drop$/, 'a table at its limit evicts entries for new ones'],
  [/^chaintoolong$/, 'hash chains are too long for new entries'],
  [
    /^TcpExtListen(?:Overflows|Drops)$/,
    'handshakes end at a full accept queue: the application accepts too slowly',
  ],
  [/_allowance_exceeded$/, 'EC2 queues or drops packets at its own limit, outside the instance'],
  [/^TcpRetransSegs$|SynRetrans$|TCPTimeouts$/, 'segments are sent again: packets are lost somewhere'],
];

/** Counters whose rise says that packets are lost, and where. */
const LOSSES =
  /^(?:drop|insert_failed|early_drop|chaintoolong|TcpExtListen(?:Overflows|Drops))$|_allowance_exceeded$/;

/** A counter's rise when a monitoring system looked at it. */
interface Told {
  /** The counter as the kernel calls it. */
  readonly counter: string;
  readonly value: number;
  /** Seconds in which it rose by the value. */
  readonly seconds: number;
}

/** How fast a counter rose when a monitoring system looked at it, as an observation. */
export function toldRise(name: string, lines: number, { counter, value, seconds }: Told): Found {
  const perSecond = value / seconds;
  const time = seconds === 1 ? 'a second' : `in ${show(seconds)} s`;
  const meaning = MEANINGS.find(([pattern]) => pattern.test(counter))?.[1];
  const amount = show(Math.round(value * 100) / 100);
  const kind: Observation['kind'] = perSecond > 0 && LOSSES.test(counter) ? 'loss' : 'note';
  const says =
    perSecond > 0
      ? `Monitoring tells that ${counter} rose by ${amount} ${time}${meaning === undefined ? '' : `: ${meaning}`}.`
      : `Monitoring tells that ${counter} did not rise.`;
  return {
    source: 'observations',
    name,
    lines,
    text: observationLine({ kind, says, rate: { name: counter, perSecond } }),
    keys: [],
  };
}
