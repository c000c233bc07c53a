import { linesOf } from '../lines.ts';
import { bitRate, counted, mebibytes, show } from '../words.ts';

/** Counters of one interface since it came up, by direction and name: `rx_bytes`, `rx_dropped`, `tx_packets`. */
export interface LinkCounters {
  readonly name: string;
  readonly counters: ReadonlyMap<string, bigint>;
}

/** One interface as it stands on a line of its section: `eth0 rx_bytes=120 rx_packets=3`. */
export function linkLine({ name, counters }: LinkCounters): string {
  return [name, ...Array.from(counters, ([counter, value]) => `${counter}=${value}`)].join(' ');
}

/** Reads a section of such lines. */
export function parseLinks(text: string): readonly LinkCounters[] {
  return linesOf(text).flatMap((line) => {
    const [name = '', ...pairs] = line.split(' ');
    const counters = new Map(
      pairs.flatMap((pair) => {
        const [, counter = '', value = ''] = /^([rt]x_\w{1,20})=(\d{1,20})$/.exec(pair) ?? [];
        return counter === '' ? [] : [[counter, BigInt(value)] as const];
      }),
    );
    return counters.size === 0 ? [] : [{ name, counters }];
  });
}

/** Counters of packets that got lost at an interface, as its tools call them (Documentation/networking/statistics.rst). */
const LOST = /^[rt]x_(?:errors|dropped|missed|overrun|fifo|carrier)$/;
/** Interfaces and counters that stand in one sentence. Our choice. */
const MOST = { interfaces: 4, losses: 8 } as const;

const words = (counter: string): string =>
  counter.replace(/^([rt]x)_/, (_, way: string) => `${way.toUpperCase()} `);

const lossesOf = ({ name, counters }: LinkCounters): readonly string[] =>
  [...counters].flatMap(([counter, value]) =>
    LOST.test(counter) && value > 0n ? [`${name} ${words(counter)} ${show(value)}`] : [],
  );

/** What interfaces carried and lost since they came up, as a clause. */
export function linksTold(links: readonly LinkCounters[]): string {
  const carried = links.slice(0, MOST.interfaces).flatMap(({ name, counters }) => {
    const ways = (['rx', 'tx'] as const).flatMap((way) => {
      const [bytes, packets] = [counters.get(`${way}_bytes`), counters.get(`${way}_packets`)];
      return bytes === undefined
        ? []
        : [
            `${way.toUpperCase()} ${mebibytes(Number(bytes))}${packets === undefined ? '' : ` in ${counted(packets, 'packet')}`}`,
          ];
    });
    return ways.length === 0 ? [] : [`${name} ${ways.join(', ')}`];
  });
  const lost = links.flatMap(lossesOf).slice(0, MOST.losses);
  return [...carried, lost.length === 0 ? 'none lost a packet' : lost.join(', ')].join('; ');
}

/** What interfaces lost since they came up, in a sentence. */
export function linksSentence(links: readonly LinkCounters[]): string {
  const lost = links.flatMap(lossesOf);
  return lost.length === 0
    ? `${counted(links.length, 'interface')}, none lost a packet since it came up.`
    : `Interfaces since they came up: ${lost.slice(0, MOST.losses).join(', ')}.`;
}

/**
 * What interfaces carried and lost between two readings, in a sentence; those that carried most stand first.
 *
 * @param seconds between them
 * @returns `undefined` where no interface stands in both with as much or more
 */
export function linkRates(
  before: readonly LinkCounters[],
  after: readonly LinkCounters[],
  seconds: number,
): string | undefined {
  const earlier = new Map(before.map((link) => [link.name, link.counters]));
  const grown = after.flatMap(({ name, counters }): readonly LinkCounters[] => {
    const then = earlier.get(name);
    if (then === undefined) return [];
    const deltas = [...counters].flatMap(([counter, value]) => {
      const delta = value - (then.get(counter) ?? value);
      return [[counter, delta] as const];
    });
    // What is less than it was has been made anew, or its counter has gone round.
    return deltas.some(([, delta]) => delta < 0n) ? [] : [{ name, counters: new Map(deltas) }];
  });
  if (grown.length === 0) return undefined;
  const of = ({ counters }: LinkCounters, counter: string) => Number(counters.get(counter) ?? 0n);
  const carried = (link: LinkCounters) => of(link, 'rx_bytes') + of(link, 'tx_bytes');
  const busiest = grown.toSorted((a, b) => carried(b) - carried(a)).slice(0, MOST.interfaces);
  const told = busiest.map((link) => {
    const [received, sent] = [of(link, 'rx_bytes'), of(link, 'tx_bytes')].map((bytes) =>
      bitRate((bytes * 8) / seconds),
    );
    const packets = (counter: string) => counted(Math.round(of(link, counter) / seconds), 'packet');
    return `${link.name} ${received} in, ${sent} out (${packets('rx_packets')}/s in, ${packets('tx_packets')}/s out)`;
  });
  const lost = grown.flatMap(lossesOf).slice(0, MOST.losses);
  const losses = lost.length === 0 ? 'none lost a packet' : `lost in that time: ${lost.join(', ')}`;
  return `Interfaces in ${show(seconds)} s: ${told.join('; ')}; ${losses}.`;
}
