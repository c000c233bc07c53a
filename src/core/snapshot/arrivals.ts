import type { EntryFacts } from '../parse/entries/facts.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { Arrivals } from './snapshot.ts';

/** Kernel defaults in seconds for timeouts that were not read (nf_conntrack_proto_tcp.c, nf_conntrack_proto_udp.c). */
const DEFAULT_SECONDS = { time_wait: 120, syn_sent: 120, close: 10, udp: 30 } as const;

/** Fewer entries than this in the ends that are counted say too little about a rate. */
const LEAST_ENTRIES = 100;

/**
 * Estimates how many connections arrive: each passes through one short last state (TIME_WAIT, CLOSE, SYN_SENT without an
 * answer, one-way or one-answer UDP) of known length, so entries in it ÷ its timeout is the rate they come at.
 */
export function arrivalsOf(
  entries: Fact<EntryFacts>,
  timeouts: Fact<ReadonlyMap<string, number>>,
): Fact<Arrivals> {
  if (!entries.known) return entries;
  const { states, total } = entries.value;
  const seconds = (name: string, fallback: number) =>
    (timeouts.known ? timeouts.value.get(`nf_conntrack_${name}`) : undefined) ?? fallback;
  const lengths = new Map([
    ['tcp TIME_WAIT', seconds('tcp_timeout_time_wait', DEFAULT_SECONDS.time_wait)],
    ['tcp SYN_SENT', seconds('tcp_timeout_syn_sent', DEFAULT_SECONDS.syn_sent)],
    ['tcp CLOSE', seconds('tcp_timeout_close', DEFAULT_SECONDS.close)],
    ['udp', seconds('udp_timeout', DEFAULT_SECONDS.udp)],
  ]);
  let [perSecond, counted] = [0, 0];
  for (const { protocol, state, isAssured, share } of states) {
    // An assured UDP flow is a stream: it is refreshed, so its timeout says nothing about how often flows begin.
    const length = lengths.get(state === undefined ? (isAssured ? '' : protocol) : `${protocol} ${state}`);
    if (length === undefined || length === 0) continue;
    perSecond += (share * total) / length;
    counted += share * total;
  }
  return counted < LEAST_ENTRIES || perSecond === 0
    ? unknown('too few short-lived entries to tell a rate', entries.source)
    : known({ perSecond, meanLifetimeSeconds: total / perSecond }, entries.source);
}
