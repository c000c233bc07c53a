import { counted } from '../../words.ts';
import { type Recogniser, takeWhile } from '../found.ts';
import { count, observed, tally } from './observed.ts';

/** hubble: `… 10.0.1.5:4711 (ID:12) <> default/web:80 (ID:3) Stale or unroutable IP DROPPED (TCP Flags: SYN)`; `cilium monitor`: `xx drop (Policy denied) flow …`. */
const HUBBLE = /\)\s+([A-Z][\w:,' /-]{3,60}?)\s+DROPPED\s+\(/;
const MONITOR = /\bxx drop \(([^)]{3,80})\)/;

/** Drops that Cilium's data path showed one by one. */
export const ciliumDrops: Recogniser = (lines, at) => {
  const reasons = new Map<string, number>();
  const run = takeWhile(lines, at, (text) => {
    const reason = HUBBLE.exec(text)?.[1] ?? MONITOR.exec(text)?.[1];
    if (reason !== undefined) count(reasons, `for “${reason}”`);
    return reason !== undefined;
  });
  if (reasons.size === 0) return undefined;
  const all = [...reasons.values()].reduce((sum, one) => sum + one, 0);
  return observed(
    'drops of Cilium',
    run.lines,
    'loss',
    `Cilium was seen to drop ${counted(all, 'packet')}: ${tally(reasons)}.`,
  );
};

/** `cilium bpf ct list global`: `TCP OUT 10.0.1.5:51744 -> 10.0.2.9:8080 expires=… RxPackets=0 … SeenNonSyn`. */
const CT =
  /^\s*(TCP|UDP|ICMP|ICMPv6|SCTP)\s+(IN|OUT|SVC|RELATED)\s+\S{3,60}:\d{1,5}\s+->\s+\S{3,60}:\d{1,5}\s+expires=\d/;

/** Entries of Cilium's own connection map, which the kernel's table does not count. */
export const ciliumEntries: Recogniser = (lines, at) => {
  const kinds = new Map<string, number>();
  let silent = 0;
  const run = takeWhile(lines, at, (text) => {
    const [, protocol, direction] = CT.exec(text) ?? [];
    if (protocol === undefined || direction === undefined) return false;
    count(kinds, `${protocol} ${direction}`);
    if (protocol === 'TCP' && direction !== 'SVC' && /\bRxPackets=0\b/.test(text) && !/SeenNonSyn/.test(text))
      silent += 1;
    return true;
  });
  if (kinds.size === 0) return undefined;
  const all = [...kinds.values()].reduce((sum, one) => sum + one, 0);
  const never = silent === 0 ? '' : `; ${silent} without an answer`;
  return observed(
    'cilium bpf ct list',
    run.lines,
    'note',
    `${counted(all, 'entry')} of Cilium’s own map, not of the kernel’s table: ${tally(kinds)}${never}.`,
  );
};

/** OVS: `tcp,orig=(src=…,dst=…,sport=…,dport=…),reply=(…),protoinfo=(state=SYN_SENT)`. */
const OVS =
  /^\s*(tcp|udp|icmp|icmpv6|sctp),orig=\(src=\S{3,200}\),reply=\(src=[^)]{3,200}\)(?:.{0,120}\bstate=([A-Z_0-9]{3,20}))?/;
const OVS_TOTAL =
  /^\s*(?:Total|TCP|UDP|ICMP|Other|TIME_WAIT|ESTABLISHED|SYN_SENT|SYN_RECV|CLOSED?|FIN_WAIT(?:_[12])?|CLOSE_WAIT|CLOSING|LAST_ACK): \d{1,12}\s*$/;

/** Connections of Open vSwitch: its list, or its own counts (`dpctl/ct-stats-show`). */
export const ovsConnections: Recogniser = (lines, at) => {
  const first = lines[at]?.text ?? '';
  if (/^\s*Connections Stats:/.test(first)) {
    const { taken, lines: rows } = takeWhile(
      lines,
      at + 1,
      (text) => OVS_TOTAL.test(text) || /^\s*Conn per TCP states/.test(text),
    );
    if (taken.length === 0) return undefined;
    const shown = taken
      .filter((text) => OVS_TOTAL.test(text))
      .slice(0, 8)
      .map((text) => text.trim().replace(':', ''));
    return observed(
      'counts of Open vSwitch',
      1 + rows,
      'note',
      `Connections of Open vSwitch: ${shown.join(', ')}.`,
    );
  }
  const kinds = new Map<string, number>();
  const run = takeWhile(lines, at, (text) => {
    const [, protocol, state] = OVS.exec(text) ?? [];
    if (protocol === undefined) return false;
    count(kinds, state === undefined ? protocol : `${protocol} ${state}`);
    return true;
  });
  if (kinds.size === 0) return undefined;
  const all = [...kinds.values()].reduce((sum, one) => sum + one, 0);
  return observed(
    'connections of Open vSwitch',
    run.lines,
    'note',
    `${counted(all, 'connection')} as Open vSwitch lists them: ${tally(kinds)}.`,
  );
};

/** What Open vSwitch says of its own table's size: `dpctl/ct-get-nconns`, `dpctl/ct-get-maxconns`. */
const OVS_SIZES: readonly (readonly [RegExp, (connections: number) => string])[] = [
  [
    /\bct-get-nconns\b/,
    (connections) => `Open vSwitch holds ${counted(connections, 'connection')} in its own table`,
  ],
  [
    /\bct-get-maxconns\b/,
    (connections) => `Open vSwitch’s own table has room for ${counted(connections, 'connection')}`,
  ],
];

/** Size and use of Open vSwitch's own table, which is not the kernel's where its data path runs in user space. */
export const ovsSizes: Recogniser = (lines, at, { command }) => {
  const value = /^\s*(\d{1,10})\s*$/.exec(lines[at]?.text ?? '')?.[1];
  const says = OVS_SIZES.find(([pattern]) => pattern.test(command))?.[1];
  return value === undefined || says === undefined
    ? undefined
    : observed('size of Open vSwitch’s table', 1, 'note', `${says(Number(value))}.`);
};
