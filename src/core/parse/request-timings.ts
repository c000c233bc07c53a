import { linesOf } from '../lines.ts';
import { counted, show } from '../words.ts';

/** One timed request, in seconds; what was not printed is `undefined`. */
export interface TimedRequest {
  readonly lookup: number | undefined;
  /** Until the connection stood, the name lookup taken off where it was printed. */
  readonly connect: number | undefined;
  readonly total: number | undefined;
}

const LOOKUP = /(?:lookup|dns)\w{0,20}\W{1,4}(\d{1,6}\.\d{1,9})/i;
const CONNECT = /connect\w{0,20}\W{1,4}(\d{1,6}\.\d{1,9})/i;
const TOTAL = /total\w{0,20}\W{1,4}(\d{1,6}\.\d{1,9})/i;

/** Reads lines that name what they time: `lookup: 0.004 connect: 1.003 total: 1.006`. */
export function parseRequestTimings(text: string): readonly TimedRequest[] {
  return linesOf(text).flatMap((line) => {
    const value = (pattern: RegExp) => {
      const digits = pattern.exec(line)?.[1];
      return digits === undefined ? undefined : Number(digits);
    };
    const [lookup, until, total] = [value(LOOKUP), value(CONNECT), value(TOTAL)];
    if (until === undefined && total === undefined && lookup === undefined) return [];
    // curl counts all its times from the start, so that of the connection holds that of the lookup.
    const connect = until === undefined ? undefined : until > (lookup ?? 0) ? until - (lookup ?? 0) : until;
    return [{ lookup, connect, total }];
  });
}

/**
 * When a SYN is sent again after the first one, in seconds: TCP_TIMEOUT_INIT is 1 s and doubles (net/ipv4/tcp_timer.c).
 * From 6.5 on the first four repetitions come a second apart (Documentation/networking/ip-sysctl, tcp_syn_linear_timeouts).
 */
const DOUBLING = [1, 3, 7, 15, 31, 63];
const LINEAR = [1, 2, 3, 4, 5, 7, 11, 19, 35];

/** How much later than its tooth a connection may stand: its round trip and a timer's lateness. Our choice. */
const TOOTH_SECONDS = 0.3;

/** A connection that took so long and stands between two teeth waited for something else. */
const FIRST_TOOTH_SECONDS = 1;

/** Times that lie where a SYN is sent again. */
export interface Comb {
  readonly timed: number;
  /** Each tooth that was hit: when, how often the SYN had been sent again by then, how many times lie there. */
  readonly teeth: readonly { readonly second: number; readonly again: number; readonly count: number }[];
  /** A second or more, but at no tooth. */
  readonly between: number;
}

/** Sorts times in seconds into the teeth at which a SYN is sent again. */
export function combOf(seconds: readonly number[]): Comb {
  const isAt = (tooth: number) => (time: number) => time >= tooth - 0.01 && time < tooth + TOOTH_SECONDS;
  const late = seconds.filter((time) => time >= FIRST_TOOTH_SECONDS - 0.01);
  // Only the linear form has a repetition at 2 and 4 s; one at 5 s alone is a resolver's that asks again.
  const isLinear = late.some((time) => [2, 4].some((tooth) => isAt(tooth)(time)));
  const series = isLinear ? LINEAR : DOUBLING;
  const teeth = series
    .map((second, index) => ({ second, again: index + 1, count: late.filter(isAt(second)).length }))
    .filter(({ count }) => count > 0);
  const hit = teeth.reduce((sum, { count }) => sum + count, 0);
  return { timed: seconds.length, teeth, between: late.length - hit };
}

/** Whether what is late is late by the SYN's repetition and not by anything else: at least as many at its teeth as between. */
function isComb(comb: Comb): boolean {
  return hitsOf(comb) > comb.between;
}

/** The teeth as a clause: `2 after 1 s (sent again once), 1 after 3 s (twice)`. */
function teethOf({ teeth }: Comb): string {
  return teeth
    .map(
      ({ second, again, count }, index) =>
        `${show(count)} after ${second} s (${index === 0 ? 'sent again ' : ''}${timesOf(again)})`,
    )
    .join(', ');
}

/** `once`, `twice`, `3 times`. */
export function timesOf(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : counted(count, 'time');
}

/** Seconds that a resolver waits for an answer before it asks again (resolv.conf: `timeout` is 5 s). */
const RESOLVER_SECONDS = 5;

/** Waits after which resolvers have given up or gone to the next server several times. Our choice. */
const MOST_WAITS = 4;

/** What timed requests show, a sentence each; `undefined` for what they do not show. */
export function readTimings(requests: readonly TimedRequest[]): {
  readonly symptom: string | undefined;
  readonly summary: string;
} {
  const connects = requests.flatMap(({ connect }) => connect ?? []);
  const totals = requests.flatMap(({ total, connect }) => (connect === undefined ? (total ?? []) : []));
  const lookups = requests.flatMap(({ lookup }) => lookup ?? []);
  const comb = combOf(connects);
  const whole = combOf(totals);
  const waited = lookups.filter((time) => time >= RESOLVER_SECONDS - 0.01).length;
  const slowest = connects.length > 0 ? connects : totals.length > 0 ? totals : lookups;
  const most = slowest.reduce((highest, time) => Math.max(highest, time), 0);
  const what = connects.length > 0 ? 'connect' : totals.length > 0 ? 'request' : 'lookup';
  const summary = `${counted(requests.length, 'timed request')}, slowest ${what} ${inSeconds(most)}`;
  return {
    summary,
    symptom: symptomOf(comb, whole, lookups.length, {
      lookups: waited,
      totals: totals.filter(isResolversWait).length,
    }),
  };
}

/** Whether a time stands where a resolver asks again: once or a few times its wait, and what the rest took. */
function isResolversWait(time: number): boolean {
  const over = time % RESOLVER_SECONDS;
  return time >= RESOLVER_SECONDS && time < MOST_WAITS * RESOLVER_SECONDS + 1 && over < TOOTH_SECONDS;
}

function symptomOf(
  comb: Comb,
  whole: Comb,
  lookups: number,
  waited: { readonly lookups: number; readonly totals: number },
): string | undefined {
  const sentences = [
    openedLate(comb),
    lookedUpLate(lookups, waited.lookups),
    tookLate(whole, waited.totals),
  ].filter((sentence) => sentence !== undefined);
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

function openedLate(comb: Comb): string | undefined {
  const hit = hitsOf(comb);
  const who =
    comb.timed === 1
      ? 'The timed connection'
      : `Of ${counted(comb.timed, 'timed connection')} ${show(hit + (isComb(comb) ? 0 : comb.between))}`;
  if (hit > 0 && isComb(comb))
    return `${who} stood only after a SYN was sent again: ${teethOf(comb)}; packets that open connections are lost, or their answers.`;
  if (hit + comb.between > 0)
    return `${who} took a second or more, but not when a SYN is sent again (1, 3, 7 s): that is a wait for something else than a lost SYN.`;
  return undefined;
}

function lookedUpLate(lookups: number, waited: number): string | undefined {
  return waited === 0
    ? undefined
    : `Of ${counted(lookups, 'name lookup')} ${show(waited)} took ${RESOLVER_SECONDS} s or more: a DNS query or its answer was lost, and the resolver asked again.`;
}

function tookLate(whole: Comb, waited: number): string | undefined {
  const hit = hitsOf(whole);
  if (waited > hit)
    return `${whole.timed === 1 ? 'The timed request' : `Of ${counted(whole.timed, 'timed request')} ${show(waited)}`} took ${RESOLVER_SECONDS} s or a multiple of it, as long as a resolver waits before it asks again: a DNS query or its answer may have been lost; the time to look the name up alone would show whether it was.`;
  if (hit === 0 || !isComb(whole)) return undefined;
  const who =
    whole.timed === 1 ? 'The timed request' : `Of ${counted(whole.timed, 'timed request')} ${show(hit)}`;
  return `${who} took as long as if a SYN was sent again: ${teethOf(whole)}; the time to connect alone would show whether it was.`;
}

function hitsOf({ teeth }: Comb): number {
  return teeth.reduce((sum, { count }) => sum + count, 0);
}

function inSeconds(seconds: number): string {
  return seconds < 1 ? `${show(Math.ceil(seconds * 1_000))} ms` : `${seconds.toFixed(1)} s`;
}
