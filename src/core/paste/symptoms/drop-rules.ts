import { counted, show } from '../../words.ts';
import { type Recogniser, takeWhile } from '../found.ts';
import { count, observed, tally } from './observed.ts';

/** nftables: `ct state invalid counter packets 4821 bytes 250692 drop`, also with the state in braces. */
const NFT =
  /\bct state\s+(?:\{[^}]{0,60}\binvalid\b[^}]{0,60}\}|[\w,]{0,40}\binvalid\b[\w,]{0,40})(.{0,200}?)\bcounter packets (\d{1,19}) bytes \d{1,20}(?:.{0,60}\b(drop|reject|accept|jump|goto|log)\b)?/;

/** A rule of nftables on packets that tracking calls invalid. */
export const nftInvalid: Recogniser = (lines, at) => {
  const [, , packets, action = 'counted'] = NFT.exec(lines[at]?.text ?? '') ?? [];
  if (packets === undefined) return undefined;
  return observed(
    'nftables rule on INVALID',
    1,
    'note',
    `A rule of nftables (${action}) hit ${counted(BigInt(packets), 'packet')} that tracking calls invalid, since it was loaded.`,
  );
};

/** A log line of a firewall: interfaces, ends, protocol and flags behind a prefix that names INVALID. */
const LOGGED =
  /\bINVALID\b.{0,120}?\bIN=\S{0,20}\s+OUT=\S{0,20}.{0,300}?\bSRC=(\S{2,45})\s+DST=(\S{2,45})(.{0,400})/;

/** Packets that a firewall logged as invalid. */
export const loggedInvalid: Recogniser = (lines, at) => {
  const flags = new Map<string, number>();
  let all = 0;
  const run = takeWhile(lines, at, (text) => {
    const rest = LOGGED.exec(text)?.[3];
    if (rest === undefined) return false;
    all += 1;
    const set = rest.match(/\b(?:SYN|ACK|RST|FIN)\b/g)?.join('+');
    const protocol = /\bPROTO=(\w{1,10})/.exec(rest)?.[1] ?? '';
    count(flags, set === undefined ? protocol : `${protocol} ${set}`);
    return true;
  });
  return all === 0
    ? undefined
    : observed(
        'firewall log of INVALID',
        run.lines,
        'note',
        `The firewall logged ${counted(all, 'packet')} as INVALID: ${tally(flags)}.`,
      );
};

/** `sar -n TCP,ETCP,EDEV`: a heading of rates, then rows of them. */
const RATES =
  /^(?:\d\d:\d\d:\d\d(?: [AP]M)?|Average:|Linux)\s+(?=.*\b(?:atmptf\/s|retrans\/s|rxdrop\/s|active\/s)\b)(.*)$/;

/** Rates that tell of loss, and those that only stand beside them. */
const TELLING = [
  'retrans/s',
  'atmptf/s',
  'estres/s',
  'orsts/s',
  'rxdrop/s',
  'txdrop/s',
  'rxfifo/s',
  'rxerr/s',
  'active/s',
  'passive/s',
];

/** Rates of sar: the highest of each that tells of loss. */
export const sarRates: Recogniser = (lines, at) => {
  const heading = RATES.exec(lines[at]?.text.trim() ?? '')?.[1]
    ?.trim()
    .split(/\s+/);
  if (heading === undefined) return undefined;
  const highest = new Map<string, { value: number; who: string }>();
  const run = takeWhile(lines, at + 1, (text) => {
    const cells = /^\s*(?:\d\d:\d\d:\d\d(?: [AP]M)?|Average:)\s+(.*)$/.exec(text)?.[1]?.trim().split(/\s+/);
    if (cells === undefined || cells.length !== heading.length || cells.join() === heading.join())
      return text.trim() === '';
    const who = heading[0] === 'IFACE' ? (cells[0] ?? '') : '';
    for (const [index, name] of heading.entries()) {
      const value = Number(cells[index]);
      if (TELLING.includes(name) && value > (highest.get(name)?.value ?? -1))
        highest.set(name, { value, who });
    }
    return true;
  });
  if (highest.size === 0) return undefined;
  const told = TELLING.flatMap((name) => {
    const one = highest.get(name);
    return one === undefined
      ? []
      : [`${name} ${show(one.value)}${one.who === '' || one.value === 0 ? '' : ` (${one.who})`}`];
  });
  return observed('sar', 1 + run.lines, 'note', `Highest rates: ${told.join(', ')}.`);
};
