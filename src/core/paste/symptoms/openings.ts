import { timesOf } from '../../parse/request-timings.ts';
import { counted, show } from '../../words.ts';
import type { Packet } from './packet.ts';

/** Same sequence number within this time is the same packet at another place of its way. */
const SAME_PACKET_SECONDS = 0.2;

/** Connections that are named one by one. Our choice: a person reads a few. */
const MOST_NAMED = 3;

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

/** What captured packets show: which connections had their SYN sent again, and where it was lost as far as that shows. */
export function readPackets(seen: readonly Packet[]): {
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
    says: `${openings.length === 1 ? 'The captured connection' : `Of ${counted(openings.length, 'captured connection')} ${show(again.length)}`} had the SYN sent again: ${named}${more}. ${lost ?? sideOf(again, seen)}.`,
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
