import { observationLine } from '../../parse/observations.ts';
import { timesOf } from '../../parse/request-timings.ts';
import { counted, show } from '../../words.ts';
import { Barren, type Context, type Found, type Recogniser, takeWhile } from '../found.ts';

/** One TCP packet that opens, answers or refuses a connection. */
interface Packet {
  readonly seconds: number | undefined;
  readonly from: string;
  readonly to: string;
  readonly kind: 'syn' | 'syn-ack' | 'reset' | 'other';
  readonly sequence: string | undefined;
  /** Interface and direction, where `-i any` printed them. */
  readonly place: string | undefined;
}

const END = String.raw`([\w.:%-]{1,120})[.]([\w-]{1,40})`;
const STAMP = String.raw`(?:\d{4}-\d\d-\d\d )?(?:(\d\d):(\d\d):(\d\d\.\d{1,9})|(\d{1,10}\.\d{1,9}))`;

/** tcpdump: time, interface and direction of `-i any`, ends and flags. */
const TCPDUMP = new RegExp(
  String.raw`^\s*(?:${STAMP}\s+)?(?:([\w.@-]{1,16})\s+(In|Out|M|B|P)\s+)?(?:IP6?\s+)?(?:\(.{0,200}\)\s+)?${END} > ${END}: (?:Flags \[([A-Z.]{1,8}|none)\]|([SFRPUEW.]{1,4}) \d)(?:.{0,60}?seq (\d{1,10}))?`,
);

/** tshark: number, seconds, ends, then ports and flags. */
const TSHARK =
  /^\s*\d{1,9}\s+(?:\d{4}-\d\d-\d\d )?(?:(\d\d):(\d\d):(\d\d\.\d{1,9})|(\d{1,10}\.\d{1,9}))\s+(\S{1,60})\s+(?:→|->)\s+(\S{1,60})\s+TCP\s+\d{1,6}\s+(?:\[TCP [\w -]{3,40}\]\s?,?\s?){0,3}(\d{1,5})\s+(?:→|->|>)\s+(\d{1,5})\s+\[([A-Z, ]{3,30})\](?:.{0,40}?Seq=(\d{1,10}))?/;

/** What tcpdump prints around packets, and packets that are none of TCP. */
const AROUND =
  /^\s*(?:tcpdump: |listening on |dropped privs|reading from file|Capturing on |Running as user|\d{1,9} packets? (?:captured|received|dropped)|\d{1,9} packets? |.{0,40}\bIP6? .{0,200}(?: > |ICMP)|(?:\d\d:){2}\d\d\.\d{1,9} (?:IP6?|ARP|[\w.@-]{1,16}\s+(?:In|Out|M|B|P)) |\^C)/;

/** Same sequence number within this time is the same packet at another place of its way. */
const SAME_PACKET_SECONDS = 0.2;

/** Connections that are named one by one. Our choice: a person reads a few. */
const MOST_NAMED = 3;

const withoutPackets = new Barren();

/** tcpdump or tshark text with connections that open: which SYNs were sent again, and what became of them. */
export const packets: Recogniser = (lines, at, context) => {
  const first = lines[at]?.text ?? '';
  if (withoutPackets.has(lines, at) || !(AROUND.test(first) || packetOf(first, first) !== undefined))
    return undefined;
  const seen: Packet[] = [];
  let joined = -1;
  const run = takeWhile(lines, at, (text, index) => {
    if (index === joined) return true;
    const whole = /^\s*(?:.{0,60})IP6? \(/.test(text)
      ? `${text} ${lines[index + 1]?.text.trim() ?? ''}`
      : text;
    const packet = packetOf(whole, text);
    if (whole !== text) joined = index + 1;
    if (packet !== undefined) seen.push(packet);
    return packet !== undefined || AROUND.test(text) || /^\s{4,}\S.* > .*: Flags/.test(text);
  });
  if (seen.length === 0) {
    withoutPackets.note(lines, at + run.lines);
    return undefined;
  }
  return found(run.lines, timedBy(seen, context));
};

function found(lines: number, seen: readonly Packet[]): Found {
  const { kind, says } = readPackets(seen);
  return {
    source: 'observations',
    name: 'captured packets',
    lines,
    text: observationLine({ kind, says }),
    keys: [],
  };
}

function packetOf(whole: string, line: string | undefined): Packet | undefined {
  if (line === undefined || !/ > |→|->/.test(whole)) return undefined;
  const dumped = TCPDUMP.exec(whole);
  if (dumped !== null) {
    const [, hours, minutes, seconds, plain, device, way, from, fromPort, to, toPort, flags, old, sequence] =
      dumped;
    return {
      seconds: secondsOf(hours, minutes, seconds, plain),
      from: `${from}:${fromPort}`,
      to: `${to}:${toPort}`,
      kind: kindOf(flags ?? old ?? '', whole),
      sequence,
      place: device === undefined ? undefined : `${device} ${way}`,
    };
  }
  const [all, hours, minutes, seconds, plain, from, to, fromPort, toPort, flags = '', sequence] =
    TSHARK.exec(whole) ?? [];
  if (all === undefined) return undefined;
  return {
    seconds: secondsOf(hours, minutes, seconds, plain),
    from: `${from}:${fromPort}`,
    to: `${to}:${toPort}`,
    kind: flags.includes('RST')
      ? 'reset'
      : flags.includes('SYN')
        ? flags.includes('ACK')
          ? 'syn-ack'
          : 'syn'
        : 'other',
    sequence,
    place: undefined,
  };
}

function secondsOf(
  hours: string | undefined,
  minutes: string | undefined,
  seconds: string | undefined,
  plain: string | undefined,
): number | undefined {
  if (plain !== undefined) return Number(plain);
  return seconds === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}

function kindOf(flags: string, text: string): Packet['kind'] {
  if (flags.includes('R')) return 'reset';
  if (!flags.includes('S')) return 'other';
  return flags.includes('.') || / ack \d/.test(text) ? 'syn-ack' : 'syn';
}

/** `-ttt` prints how long after the packet before each one came; everything else prints a time. */
function timedBy(seen: readonly Packet[], { command }: Context): readonly Packet[] {
  if (!/\s-\w*(?<!t)ttt(?!t)/.test(command)) return seen;
  let now = 0;
  return seen.map((packet) => {
    now += packet.seconds ?? 0;
    return { ...packet, seconds: now };
  });
}

/** One connection that was opened while it was watched. */
interface Opening {
  readonly name: string;
  /** When each SYN was sent, in seconds after the first; the same packet seen at several places counts once. */
  readonly sent: readonly number[];
  readonly places: readonly (readonly string[])[];
  readonly answers: number;
  readonly answeredAfter: number | undefined;
  readonly wasReset: boolean;
  readonly synsAfterAnswer: number;
}

function readPackets(seen: readonly Packet[]): {
  readonly kind: 'symptom' | 'loss' | 'note';
  readonly says: string;
} {
  const openings = openingsOf(seen);
  const again = openings.filter(({ sent }) => sent.length > 1);
  if (openings.length === 0)
    return {
      kind: 'note',
      says: `${counted(seen.length, 'captured packet')}, none of which opens a connection.`,
    };
  if (again.length === 0) {
    const unanswered = openings.filter(({ answers, wasReset }) => answers === 0 && !wasReset).length;
    const rest =
      unanswered === 0 ? '' : `; ${counted(unanswered, 'one is', 'are')} unanswered where the capture ends`;
    return {
      kind: 'note',
      says: `${counted(openings.length, 'connection')} opened in the capture, no SYN was sent again${rest}.`,
    };
  }
  const named = again.slice(0, MOST_NAMED).map(sentenceOf).join('; ');
  const more = again.length > MOST_NAMED ? `; so did ${show(again.length - MOST_NAMED)} others` : '';
  const lost = again.map(lostInside).find((clause) => clause !== undefined);
  return {
    kind: lost === undefined ? 'symptom' : 'loss',
    says: `${openings.length === 1 ? 'The captured connection' : `Of ${counted(openings.length, 'captured connection')} ${show(again.length)}`} had to send the SYN again: ${named}${more}. ${lost ?? sideOf(again, seen)}.`,
  };
}

function openingsOf(seen: readonly Packet[]): readonly Opening[] {
  // One connection keeps its sequence number where its addresses are translated on the way.
  const bySequence = new Map<string, { first: Packet; syns: Packet[]; ends: Set<string> }>();
  const answersTo = new Map<string, Packet[]>();
  for (const packet of seen) {
    if (packet.kind === 'syn') {
      const key =
        packet.sequence === undefined || packet.sequence === '0'
          ? `${packet.from} ${packet.to}`
          : packet.sequence;
      const there = bySequence.get(key);
      if (there === undefined)
        bySequence.set(key, {
          first: packet,
          syns: [packet],
          ends: new Set([`${packet.from} ${packet.to}`]),
        });
      else {
        there.syns.push(packet);
        there.ends.add(`${packet.from} ${packet.to}`);
      }
    } else if (packet.kind !== 'other') {
      const key = `${packet.to} ${packet.from}`;
      const list = answersTo.get(key);
      if (list === undefined) answersTo.set(key, [packet]);
      else list.push(packet);
    }
  }
  return Array.from(bySequence.values(), ({ first, syns, ends }) =>
    openingOf(
      first,
      syns,
      [...ends].flatMap((key) => answersTo.get(key) ?? []),
    ),
  );
}

function openingOf(first: Packet, syns: readonly Packet[], answers: readonly Packet[]): Opening {
  const zero = first.seconds;
  const sent: number[] = [];
  const places: string[][] = [];
  for (const syn of syns) {
    const now =
      zero === undefined || syn.seconds === undefined ? Number.NaN : (syn.seconds - zero + 86_400) % 86_400;
    const last = sent.at(-1);
    // Without a time, several lines of one place are several packets.
    const isSame =
      last !== undefined &&
      (now - last < SAME_PACKET_SECONDS ||
        (Number.isNaN(now) && syn.place !== undefined && places.at(-1)?.includes(syn.place) === false));
    if (!isSame) {
      sent.push(now);
      places.push([]);
    }
    if (syn.place !== undefined) places.at(-1)?.push(syn.place);
  }
  const accepted = answers.filter(({ kind }) => kind === 'syn-ack');
  const at = accepted[0]?.seconds;
  const answeredAfter = at === undefined || zero === undefined ? undefined : (at - zero + 86_400) % 86_400;
  return {
    name: `${first.from} → ${first.to}`,
    sent,
    places,
    answers: accepted.length,
    answeredAfter,
    wasReset: answers.some(({ kind }) => kind === 'reset'),
    synsAfterAnswer: answeredAfter === undefined ? 0 : sent.filter((now) => now > answeredAfter).length,
  };
}

function sentenceOf({ name, sent, answers, answeredAfter, wasReset, synsAfterAnswer }: Opening): string {
  const later = sent.slice(1).filter((now) => !Number.isNaN(now));
  const when =
    later.length === 0
      ? ''
      : ` (after ${later
          .slice(0, 6)
          .map((now) => show(Math.round(now * 10) / 10))
          .join(', ')} s)`;
  const end =
    answers > 0
      ? answeredAfter === undefined
        ? 'then answered'
        : `${synsAfterAnswer > 0 ? 'although ' : ''}answered after ${answerTime(answeredAfter)}`
      : wasReset
        ? 'then refused'
        : 'never answered in the capture';
  return `${name} ${timesOf(sent.length - 1)}${when}, ${end}`;
}

function answerTime(seconds: number): string {
  return seconds < 0.1 ? `${show(Math.round(seconds * 10_000) / 10)} ms` : `${seconds.toFixed(2)} s`;
}

/** Where `-i any` shows a SYN come in and not go out, the machine of the capture lost it. */
function lostInside({ places }: Opening): string | undefined {
  const isIn = (at: readonly string[]) => at.some((place) => place.endsWith(' In'));
  const isOut = (at: readonly string[]) => at.some((place) => place.endsWith(' Out'));
  const swallowed = places.filter((at) => isIn(at) && !isOut(at)).length;
  const passed = places.filter((at) => isIn(at) && isOut(at)).length;
  if (swallowed === 0 || passed === 0) return undefined;
  return `${counted(swallowed, 'SYN')} came in and did not go out, ${show(passed)} went through: what is lost is lost on this machine, between its interfaces`;
}

/** From which side a capture was made, as far as it shows. */
function sideOf(again: readonly Opening[], seen: readonly Packet[]): string {
  const repeatedAnswers = again.filter(
    ({ answers, synsAfterAnswer }) => answers > 1 || synsAfterAnswer > 0,
  ).length;
  const directions = new Set(
    seen.flatMap(({ kind, place }) => (kind === 'syn' && place !== undefined ? [place.split(' ')[1]] : [])),
  );
  const where =
    directions.size === 1 && directions.has('Out')
      ? 'It was captured at the client'
      : directions.size === 1 && directions.has('In')
        ? 'It was captured at the server'
        : undefined;
  if (repeatedAnswers > 0)
    return `${where ?? 'It was captured at the server, or near it'}: its answers were seen and the SYN came again, so the answers were lost after this point`;
  if (where === 'It was captured at the server')
    return `${where}: the SYNs arrived, and nothing answered the first ones; a capture sees a packet before connection tracking can drop it`;
  if (where === 'It was captured at the client')
    return `${where}: the SYNs had passed its own connection tracking, and they or their answers were lost beyond it`;
  return 'The side it does not show for certain: at the client or on the way, the first SYNs or their answers were lost beyond this point; on the server’s own node, they arrived and were dropped after it, since a capture sees a packet before connection tracking can drop it';
}
