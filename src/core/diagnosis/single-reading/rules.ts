import { valueOf } from '../../snapshot/fact.ts';
import { CALM_USE, FULL_USE } from '../../snapshot/table-state.ts';
import { evidence, type Match, show } from '../signature.ts';
import type { Past } from './single-reading.ts';

/**
 * What may be concluded from counters of one reading. They count since boot, so a value above zero says that something
 * happened once, and nothing about now. A reading proves a past fault, at low confidence, in three cases only:
 *
 * 1. the counter has no benign background: the kernel or EC2 adds to it only when a packet of a new connection is lost
 *    for that one cause (chaintoolong, full table, neighbour table_fulls, conntrack and link-local allowance) – and it
 *    did so at least {@link LEAST_LOSSES} times;
 * 2. the losses are a telling share of all traffic that the same source counted ({@link TELLING_SHARE});
 * 3. spread evenly over the uptime (or, where that is not told, over {@link LONGEST_UPTIME_SECONDS}) the losses still
 *    come faster than a healthy node's background ({@link BACKGROUND_PER_SECOND}).
 *
 * Everything else – a few clashes, invalid packets, resets, retransmissions, time_squeeze – stays without a verdict.
 */
export type PastRule = (past: Past) => Match | undefined;

/** Fewer lost packets since boot explain no incident. The EKS node monitoring agent's burst allowance is the same (monitors/networking/monitor.go). */
const LEAST_LOSSES = 100n;

/** One in a thousand: the share of lost packets from which TCP's throughput suffers visibly. Our choice. */
const TELLING_SHARE = 0.001;

/** Longest uptime that is assumed where none is told: a node older than 400 days is rare, and an older one lowers the rate no further than its age. Our choice. */
const LONGEST_UPTIME_SECONDS = 400 * 86_400;

/** Ten times what the EKS node monitoring agent forgives for good (one event in 10 minutes, monitors/networking/monitor.go). */
const BACKGROUND_PER_SECOND = 1 / 60;

const ONE_SAMPLE = 'whether it goes on, one sample can not tell';

/** A match in the past tense. */
export function pastMatch(
  headline: string,
  because: Match['evidence'],
  why: string,
  confidence: Match['confidence'] = 'low',
): Match {
  return {
    state: 'match',
    impact: 'drops',
    confidence,
    evidence: because,
    headline,
    raise: { allowed: false, why },
  };
}

function since(name: string, value: bigint, what: string, source: string) {
  return evidence(name, value, `${what} since boot`, LEAST_LOSSES, source);
}

function shareOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number(part) / Number(whole);
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function isFast(count: bigint, past: Past): boolean {
  return Number(count) / (past.uptimeSeconds ?? LONGEST_UPTIME_SECONDS) >= BACKGROUND_PER_SECOND;
}

const NO_RAISE = 'One sample of counters since boot shows no need for a larger table now.';

const hashChainsLong: PastRule = ({ losses }) => {
  if (losses === undefined || losses.chainTooLong < LEAST_LOSSES) return undefined;
  return pastMatch(
    `Hash chains were too long: ${show(losses.chainTooLong)} new connections lost a packet to it since boot; ${ONE_SAMPLE}.`,
    [since('chaintoolong', losses.chainTooLong, 'packets', 'conntrack counters')],
    'A higher nf_conntrack_max allows longer chains still: raise nf_conntrack_buckets instead.',
  );
};

const tableFull: PastRule = ({ losses, snapshot }) => {
  const use = valueOf(snapshot.conntrack.use);
  const drops = losses?.full.low ?? 0n;
  const isAtLimit = use !== undefined && use.ratio >= FULL_USE;
  if (use !== undefined && use.max > 0 && use.last >= use.max) {
    return pastMatch(
      `Connection-tracking table at its limit: ${show(use.last)} of ${show(use.max)} entries, so a new connection gets in only if another entry is evicted for it.`,
      [
        evidence(
          'table use',
          `${show(use.last)} of ${show(use.max)}`,
          'entries',
          '100 %',
          'nf_conntrack_count',
        ),
      ],
      'No raise without two samples: take them first.',
      drops > 0n ? 'medium' : 'low',
    );
  }
  if (isAtLimit ? drops === 0n : drops < LEAST_LOSSES) return undefined;
  // A calm table was full some time ago; that is history, and told as such among the gaps.
  if (use !== undefined && use.ratio < CALM_USE) return undefined;
  return pastMatch(
    `Connection-tracking table was full: ${show(drops)} packets of new connections dropped since boot; ${ONE_SAMPLE}.`,
    [since('full-table drops', drops, 'packets', 'drop less insert_failed')],
    NO_RAISE,
    isAtLimit ? 'medium' : 'low',
  );
};

const nearFull: PastRule = ({ losses, snapshot }) => {
  const use = valueOf(snapshot.conntrack.use);
  if (losses === undefined || losses.earlyDrop < LEAST_LOSSES || losses.full.low >= LEAST_LOSSES)
    return undefined;
  if (use !== undefined && use.ratio < CALM_USE) return undefined;
  return {
    ...pastMatch(
      `Connection-tracking table was at its limit: ${show(losses.earlyDrop)} entries evicted since boot to make room; ${ONE_SAMPLE}.`,
      [since('early drops', losses.earlyDrop, 'entries', 'early_drop')],
      NO_RAISE,
    ),
    impact: 'pressure',
  };
};

const snatRace: PastRule = (past) => {
  const clashes = past.losses?.clash.low ?? 0n;
  if (!isFast(clashes, past)) return undefined;
  return pastMatch(
    `Two connections claimed one translated port ${show(clashes)} times since boot and one lost a packet; ${ONE_SAMPLE}.`,
    [since('clash drops', clashes, 'packets', 'insert_failed less chaintoolong')],
    'The ports clashed, not the table. A larger table changes nothing.',
  );
};

const listenOverflow: PastRule = ({ protocol }) => {
  const [overflows, opens] = [
    protocol.get('TcpExtListenOverflows') ?? 0n,
    protocol.get('TcpPassiveOpens') ?? 0n,
  ];
  const share = shareOf(overflows, opens);
  if (overflows < LEAST_LOSSES || share < TELLING_SHARE) return undefined;
  return pastMatch(
    `Accept queues overflowed ${show(overflows)} times since boot (${percentOf(share)} of accepted connections); ${ONE_SAMPLE}.`,
    [
      since('listen overflows', overflows, 'handshakes', 'TcpExtListenOverflows'),
      evidence(
        'share of passive opens',
        percentOf(share),
        'since boot',
        percentOf(TELLING_SHARE),
        'TcpPassiveOpens',
      ),
    ],
    'The connections died in the listener’s queue, not in the connection-tracking table.',
  );
};

const softnetDrops: PastRule = ({ softnet }) => {
  if (softnet === undefined) return undefined;
  const { dropped, processed } = softnet;
  const share = shareOf(dropped, processed + dropped);
  if (dropped < LEAST_LOSSES || share < TELLING_SHARE) return undefined;
  return pastMatch(
    `Packets were dropped before connection tracking: ${show(dropped)} since boot (${percentOf(share)} of all), because a CPU’s backlog was full; ${ONE_SAMPLE}.`,
    [
      since('backlog drops', dropped, 'packets', '/proc/net/softnet_stat'),
      evidence(
        'share of packets',
        percentOf(share),
        'since boot',
        percentOf(TELLING_SHARE),
        '/proc/net/softnet_stat',
      ),
    ],
    'The packets were dropped before connection tracking saw them; its table is not involved.',
  );
};

const neighbourOverflow: PastRule = ({ neighbourTableFulls: fulls }) => {
  if (fulls < LEAST_LOSSES) return undefined;
  return pastMatch(
    `The neighbour table overflowed: ${show(fulls)} allocations refused since boot; ${ONE_SAMPLE}.`,
    [since('neighbour table overflows', fulls, 'allocations', '/proc/net/stat/arp_cache')],
    'Packets died because their next hop could not be resolved; the connection-tracking table is another one.',
  );
};

const memoryPressure: PastRule = ({ protocol }) => {
  const aborted = protocol.get('TcpExtTCPAbortOnMemory') ?? 0n;
  if (aborted < LEAST_LOSSES) return undefined;
  return pastMatch(
    `TCP was out of memory: ${show(aborted)} connections aborted for it since boot; ${ONE_SAMPLE}.`,
    [since('connections aborted for memory', aborted, 'connections', 'TCPAbortOnMemory')],
    'A larger table needs more of the memory that was missing.',
  );
};

/** EC2's limits outside the instance. Bandwidth and packet rate tick during micro-bursts on healthy instances; the others do not. */
function allowance(names: readonly string[], what: string, hasBackground: boolean): PastRule {
  return (past) => {
    const counts = names.map(
      (name) => [name, past.allowances.get(`${name}_allowance_exceeded`) ?? 0n] as const,
    );
    const met = counts.filter(([, count]) => (hasBackground ? isFast(count, past) : count >= LEAST_LOSSES));
    if (met.length === 0) return undefined;
    const sum = met.reduce((total, [, count]) => total + count, 0n);
    return pastMatch(
      `EC2’s ${what} was exceeded: ${show(sum)} packets queued or dropped outside the instance since the driver was loaded; ${ONE_SAMPLE}.`,
      counts.map(([name, count]) => since(`${name}_allowance_exceeded`, count, 'packets', 'ethtool -S')),
      'EC2 drops at its own limit outside the instance; a larger table in the kernel does not move it.',
    );
  };
}

/** The rules by failure mode. */
export const PAST_RULES: Readonly<Record<string, PastRule>> = {
  'table-full': tableFull,
  'near-full': nearFull,
  'hash-chains-long': hashChainsLong,
  'snat-race': snatRace,
  'listen-overflow': listenOverflow,
  'softnet-drops': softnetDrops,
  'neighbour-overflow': neighbourOverflow,
  'memory-pressure': memoryPressure,
  'ena-conntrack-allowance': allowance(['conntrack'], 'tracked-connection limit', false),
  'ena-link-local-allowance': allowance(['linklocal'], 'limit for DNS and other link-local services', false),
  'ena-throughput-allowance': allowance(['bw_in', 'bw_out', 'pps'], 'bandwidth or packet-rate limit', true),
};
