import {
  evidence,
  type Match,
  type SingleReadingRules,
  TABLE_USE,
} from '../../src/core/diagnosis/signature.ts';
import { matchOfReading } from '../../src/core/diagnosis/single-reading/rules.ts';
import type { SingleReading } from '../../src/core/diagnosis/single-reading/single-reading.ts';
import { parseRequestTimings } from '../../src/core/parse/request-timings.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { CALM_USE } from '../../src/core/snapshot/table-state.ts';
import { percent, show } from '../../src/core/words.ts';

/** Seconds after which the first SYN is sent again (net/ipv4/tcp_timer.c: TCP_TIMEOUT_INIT is 1 s); a connect that took less lost none. */
const FIRST_RETRANSMISSION_SECONDS = 1;

/** Requests that have to be timed before their speed says anything. Our choice. */
const LEAST_REQUESTS = 3;

/**
 * A counter that is zero has been zero all the time since boot, so here one sample does prove something about now. It
 * takes the table's use, all three loss counters, and proof that this namespace tracks (entries, and some event).
 */
function clearedTable({ losses, totals, snapshot }: SingleReading): Match | undefined {
  const use = valueOf(snapshot.conntrack.use);
  const isPrinted = ['drop', 'insert_failed', 'early_drop'].every((name) => totals.has(name));
  if (use === undefined || losses === undefined || !isPrinted) return undefined;
  const lost = ['drop', 'insert_failed', 'early_drop', 'chaintoolong'].reduce(
    (sum, name) => sum + (totals.get(name) ?? 0n),
    0n,
  );
  const hasEvents = [...totals].some(([name, count]) => name !== 'entries' && count > 0n);
  const isQuiet = !snapshot.log.known || snapshot.log.value.messages.length === 0;
  if (lost > 0n || use.last === 0 || use.ratio >= CALM_USE || !hasEvents || !isQuiet) return undefined;
  return {
    ...matchOfReading(
      `Connection tracking is not the cause: it lost nothing since boot and uses ${percent(use.ratio)} of its table; what else may be wrong on the node was not pasted.`,
      [
        evidence(
          'packets lost by connection tracking',
          lost,
          'since boot',
          0,
          snapshot.conntrack.totals.source,
        ),
        evidence(
          TABLE_USE,
          percent(use.ratio),
          'of nf_conntrack_max',
          percent(CALM_USE),
          'nf_conntrack_count',
        ),
      ],
      'Connection tracking lost nothing.',
    ),
    impact: 'pressure',
  };
}

/** Requests were timed and none of them waited for a lost SYN or a lost DNS packet. */
function promptRequests({ requestTimings }: SingleReading): Match | undefined {
  const times = parseRequestTimings(requestTimings).flatMap(({ lookup = 0, connect }) =>
    connect === undefined ? [] : [lookup + connect],
  );
  const slowest = times.reduce((most, time) => Math.max(most, time), 0);
  if (times.length < LEAST_REQUESTS || slowest >= FIRST_RETRANSMISSION_SECONDS) return undefined;
  return {
    ...matchOfReading(
      `The timed requests were not slow to connect: all ${show(times.length)} were connected within ${show(Math.ceil(slowest * 1_000))} ms, so none waited for a lost packet; look at the server’s answers.`,
      [
        evidence(
          'slowest connect',
          Math.ceil(slowest * 1_000),
          'ms',
          FIRST_RETRANSMISSION_SECONDS * 1_000,
          'request timings',
        ),
      ],
      'The timed connections were made at once.',
    ),
    impact: 'pressure',
  };
}

/** The client has no local port left: its connections fail at once, and no table of any node is involved. */
function portsUsedUp({ snapshot }: SingleReading): Match | undefined {
  const used = snapshot.observations.filter((one) => one.portsUsedUp === true);
  const [first] = used;
  if (first === undefined) return undefined;
  return matchOfReading(
    `${first.says} That is the client’s own limit (ip_local_port_range), not connection tracking: let it keep and reuse connections, or spread them over more addresses.`,
    [evidence('signs of used-up local ports', used.length, 'pieces of text', 0, 'what was pasted')],
    'The ports ran out at the client, not the entries of a table.',
  );
}

/**
 * The accounts in which one reading clears the node without every source: it can say so of connection tracking alone, and
 * only where nothing else matches.
 */
export const singleReading: SingleReadingRules = {
  sinceBoot: (reading) => portsUsedUp(reading) ?? promptRequests(reading) ?? clearedTable(reading),
  title: 'Connection tracking is not the cause; the rest of the node was not seen',
};
