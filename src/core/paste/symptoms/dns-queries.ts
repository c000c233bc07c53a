import { timesOf } from '../../parse/request-timings.ts';
import { counted, show } from '../../words.ts';
import { END, STAMP, secondsOf } from './captured-line.ts';

/** A DNS query or an answer, as tcpdump and tshark print it. */
export interface DnsPacket {
  readonly seconds: number | undefined;
  readonly client: string;
  readonly id: string;
  /** Type and name of the question, `A db.internal`; an answer of tcpdump has none. */
  readonly question: string | undefined;
  readonly isAnswer: boolean;
  /** Interface and direction, where `-i any` printed them. */
  readonly place: string | undefined;
}

/** tcpdump: `… IP 10.0.1.5.41022 > 10.96.0.10.53: 31822+ A? db.internal. (29)`, answers as `31822*- 1/0/0 A 10.0.4.4 (45)`. */
const TCPDUMP = new RegExp(
  String.raw`^\s*(?:${STAMP}\s+)?(?:([\w.@-]{1,16})\s+(In|Out|M|B|P)\s+)?(?:IP6?\s+)?(?:\(.{0,200}\)\s+)?${END} > ${END}: (?:\[.{1,40}\] )?(\d{1,5})([-+*|%$]{0,6}) (?:\[.{1,20}\] )?(?:([A-Z0-9]{1,10})\? ([\w.*-]{1,255})|(?:NXDomain|ServFail|Refused|q: |\d{1,5}\/\d{1,5}\/\d{1,5}))`,
);

/** tshark: `1 0.000000 10.0.1.5 → 10.96.0.10 DNS 89 Standard query 0x7c4e A db.internal`. */
const TSHARK =
  /^\s*\d{1,9}\s+(?:\d{4}-\d\d-\d\d )?(?:(\d\d):(\d\d):(\d\d\.\d{1,9})|(\d{1,10}\.\d{1,9}))\s+(\S{1,60})\s+(?:→|->)\s+(\S{1,60})\s+DNS\s+\d{1,6}\s+Standard query (response )?0x([\da-f]{4})\s(?:No such name |Server failure )?([A-Z0-9]{1,10}) ([\w.*-]{1,255})/;

/** The DNS packet of a line. */
export function dnsPacketOf(text: string): DnsPacket | undefined {
  if (!/ > |→|->/.test(text)) return undefined;
  const dumped = TCPDUMP.exec(text);
  if (dumped !== null) {
    const [, hours, minutes, seconds, plain, device, way, from = '', fromPort = '', to = '', toPort = ''] =
      dumped;
    const [id = '', , type, name] = dumped.slice(11);
    const isServer = (port: string) => port === '53' || port === 'domain';
    if (!(isServer(fromPort) || isServer(toPort))) return undefined;
    return {
      seconds: secondsOf(hours, minutes, seconds, plain),
      client: isServer(toPort) ? from : to,
      id,
      question: type === undefined ? undefined : questionOf(type, name),
      isAnswer: !isServer(toPort),
      place: device === undefined ? undefined : `${device} ${way}`,
    };
  }
  const [all, hours, minutes, seconds, plain, from = '', to = '', answers, id = '', type, name] =
    TSHARK.exec(text) ?? [];
  if (all === undefined) return undefined;
  return {
    seconds: secondsOf(hours, minutes, seconds, plain),
    client: answers === undefined ? from : to,
    id,
    question: questionOf(type, name),
    isAnswer: answers !== undefined,
    place: undefined,
  };
}

function questionOf(type: string | undefined, name = ''): string {
  return `${type ?? ''} ${name.replace(/\.$/, '')}`;
}

/** Within this time the same query is one packet at several places of its way. */
const SAME_PACKET_SECONDS = 0.2;

/** Longest wait of a resolver before it asks again: resolv.conf's timeout is 30 s at most (resolv.conf(5)). */
const LONGEST_WAIT_SECONDS = 30;

/** Queries that are named one by one. */
const MOST_NAMED = 3;

interface Query {
  readonly question: string;
  /** Seconds at which it was sent, the same packet at several places once. */
  readonly sent: readonly number[];
  readonly places: readonly (readonly string[])[];
  readonly answeredAt: number | undefined;
}

/** What captured DNS packets show: which queries were asked again, after how long, and whether the first was answered. */
export function readQueries(seen: readonly DnsPacket[]): {
  readonly kind: 'symptom' | 'loss' | 'note';
  readonly says: string;
} {
  const queries = queriesOf(seen);
  const again = queries.filter(({ sent }) => sent.length > 1);
  const answered = queries.filter(({ answeredAt }) => answeredAt !== undefined).length;
  if (again.length === 0)
    return {
      kind: 'note',
      says: `${counted(queries.length, 'DNS query')} in the capture, ${show(answered)} of them answered, none asked again.`,
    };
  const named = again.slice(0, MOST_NAMED).map(clauseOf).join('; ');
  const more = again.length > MOST_NAMED ? `; so were ${show(again.length - MOST_NAMED)} others` : '';
  const lost = again.map(lostInside).find((clause) => clause !== undefined);
  return {
    kind: lost === undefined ? 'symptom' : 'loss',
    says: `Of ${counted(queries.length, 'captured DNS query')} ${show(again.length)} ${again.length === 1 ? 'was' : 'were'} asked again: ${named}${more}. ${
      lost ?? 'The query or its answer was lost, on its way or in a clash of two queries from one port'
    }.`,
  };
}

/** One query keeps its identifier when it is asked again; some resolvers take a new one where the first is not answered. */
function queriesOf(seen: readonly DnsPacket[]): readonly Query[] {
  const queries: {
    question: string;
    id: string;
    client: string;
    sent: number[];
    places: string[][];
    answeredAt: number | undefined;
  }[] = [];
  const byId = new Map<string, (typeof queries)[number]>();
  const open = new Map<string, (typeof queries)[number]>();
  for (const { id, client, question, isAnswer, place, seconds = Number.NaN } of seen) {
    if (isAnswer) {
      const query = byId.get(id);
      if (query !== undefined && query.answeredAt === undefined) {
        query.answeredAt = seconds;
        open.delete(`${query.client} ${query.question}`);
      }
      continue;
    }
    if (question === undefined) continue;
    const known = byId.get(id);
    const waiting = open.get(`${client} ${question}`);
    const isAfter = (query: { readonly sent: readonly number[] }) => {
      const waited = (seconds - (query.sent.at(-1) ?? seconds) + 86_400) % 86_400;
      return Number.isNaN(seconds) || waited <= LONGEST_WAIT_SECONDS;
    };
    const query =
      known?.question === question && isAfter(known)
        ? known
        : waiting !== undefined && isAfter(waiting)
          ? waiting
          : undefined;
    if (query === undefined) {
      const begun = {
        question,
        id,
        client,
        sent: [seconds],
        places: [place === undefined ? [] : [place]],
        answeredAt: undefined,
      };
      queries.push(begun);
      byId.set(id, begun);
      open.set(`${client} ${question}`, begun);
      continue;
    }
    byId.set(id, query);
    const isSame = (seconds - (query.sent.at(-1) ?? 0) + 86_400) % 86_400 < SAME_PACKET_SECONDS;
    if (!isSame) {
      query.sent.push(seconds);
      query.places.push([]);
    }
    if (place !== undefined) query.places.at(-1)?.push(place);
  }
  return queries;
}

function clauseOf({ question, sent, answeredAt }: Query): string {
  const [first = 0, ...later] = sent;
  const after = later
    .filter((now) => !Number.isNaN(now - first))
    .map((now) => show(Math.round(((now - first + 86_400) % 86_400) * 10) / 10));
  const when = after.length === 0 ? '' : ` after ${after.slice(0, 6).join(', ')} s`;
  const isLate = answeredAt !== undefined && later[0] !== undefined && answeredAt >= later[0];
  const end =
    answeredAt === undefined
      ? 'never answered in the capture'
      : isLate || Number.isNaN(answeredAt)
        ? 'then answered'
        : 'although an answer was seen';
  return `${question} ${timesOf(later.length)}${when}, ${end}`;
}

/** Where `-i any` shows a query come in and not go out, the machine of the capture lost it. */
function lostInside({ places }: Query): string | undefined {
  const has = (at: readonly string[], way: string) => at.some((place) => place.endsWith(` ${way}`));
  const swallowed = places.filter((at) => has(at, 'In') && !has(at, 'Out')).length;
  const passed = places.filter((at) => has(at, 'In') && has(at, 'Out')).length;
  if (swallowed === 0 || passed === 0) return undefined;
  return `${counted(swallowed, 'query')} came in and did not go out, ${show(passed)} went through: what is lost is lost on this machine, between its interfaces`;
}
