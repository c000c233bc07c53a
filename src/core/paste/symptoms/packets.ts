import { observationLine } from '../../parse/observations.ts';
import { Barren, type Context, type Found, type Recogniser, takeWhile } from '../found.ts';
import { type DnsPacket, dnsPacketOf, readQueries } from './dns-queries.ts';
import { readPackets } from './openings.ts';
import { type Packet, packetOf } from './packet.ts';

/** What tcpdump prints around packets, and packets that are none of TCP. */
const AROUND =
  /^\s*(?:tcpdump: |listening on |dropped privs|reading from file|Capturing on |Running as user|\d{1,9} packets? (?:captured|received|dropped)|\d{1,9} packets? |.{0,40}\bIP6? .{0,200}(?: > |ICMP)|(?:\d\d:){2}\d\d\.\d{1,9} (?:IP6?|ARP|[\w.@-]{1,16}\s+(?:In|Out|M|B|P)) |\^C)/;

const withoutPackets = new Barren();

/** tcpdump or tshark text with connections that open: which SYNs were sent again, and what became of them. */
export const packets: Recogniser = (lines, at, context) => {
  const first = lines[at]?.text ?? '';
  const isPacket = packetOf(first, first) !== undefined || dnsPacketOf(first) !== undefined;
  if (withoutPackets.has(lines, at) || !(AROUND.test(first) || isPacket)) return undefined;
  const seen: Packet[] = [];
  const asked: DnsPacket[] = [];
  let joined = -1;
  const run = takeWhile(lines, at, (text, index) => {
    if (index === joined) return true;
    const whole = /^\s*(?:.{0,60})IP6? \(/.test(text)
      ? `${text} ${lines[index + 1]?.text.trim() ?? ''}`
      : text;
    const packet = packetOf(whole, text);
    if (whole !== text) joined = index + 1;
    const query = packet === undefined ? dnsPacketOf(whole) : undefined;
    if (packet !== undefined) seen.push(packet);
    if (query !== undefined) asked.push(query);
    return (
      packet !== undefined || query !== undefined || AROUND.test(text) || /^\s{4,}\S.* > .*: Flags/.test(text)
    );
  });
  if (seen.length + asked.length === 0) {
    withoutPackets.note(lines, at + run.lines);
    return undefined;
  }
  const [main, ...also] = [
    ...(seen.length === 0 ? [] : [found(run.lines, readPackets(timedBy(seen, context)))]),
    ...(asked.length === 0 ? [] : [found(run.lines, readQueries(timedBy(asked, context)))]),
  ];
  return main === undefined ? undefined : { ...main, also };
};

function found(lines: number, { kind, says }: ReturnType<typeof readPackets>): Found {
  return {
    source: 'observations',
    name: 'captured packets',
    lines,
    text: observationLine({ kind, says }),
    keys: [],
  };
}

/** `-ttt` prints how long after the packet before each one came; everything else prints a time. */
function timedBy<Seen extends Packet | DnsPacket>(
  seen: readonly Seen[],
  { command }: Context,
): readonly Seen[] {
  if (!/\s-\w*(?<!t)ttt(?!t)/.test(command)) return seen;
  let now = 0;
  return seen.map((packet) => {
    now += packet.seconds ?? 0;
    return { ...packet, seconds: now };
  });
}
