import { wholeNumber } from '../../parse/key-values.ts';
import { valueOf } from '../../snapshot/fact.ts';
import { CALM_USE, tableStateOf } from '../../snapshot/table-state.ts';
import { evidence, type Match, percent, show } from '../signature.ts';
import { type PastRule, pastMatch } from './rules.ts';

/** Seconds after which the first SYN is sent again (net/ipv4/tcp_timer.c: TCP_TIMEOUT_INIT is 1 s); a connect that took less lost none. */
const FIRST_RETRANSMISSION_SECONDS = 1;

/** Requests that have to be timed before their speed says anything. Our choice. */
const LEAST_REQUESTS = 3;

/** kube-proxy could not delete the entries of an endpoint that went away, or an entry to such an endpoint is still there. */
const staleUdpEntry: PastRule = ({ kubeProxyLog, entries }) => {
  const failed =
    kubeProxyLog.match(
      /(?:failed to delete|error deleting|unable to delete)[^\n]{0,200}(?:conntrack|connections)[^\n]{0,200}/gi,
    ) ?? [];
  const isUdp = failed.some((line) => /udp|dns/i.test(line));
  const removed = Array.from(
    kubeProxyLog.matchAll(/--orig-dst\W{1,4}([\da-f.:]{2,45})\W{1,4}--dst-nat\W{1,4}([\da-f.:]{2,45})/gi),
    ([, service, backend]) => ({ service, backend }),
  );
  const stale = entries.filter(
    ({ protocol, original, reply }) =>
      protocol === 'udp' &&
      removed.some(({ service, backend }) => original.destination === service && reply.source === backend),
  );
  if (stale.length > 0) {
    return pastMatch(
      `Stale UDP entry: ${show(stale.length)} listed ${stale.length === 1 ? 'entry still sends' : 'entries still send'} to an endpoint that kube-proxy has removed.`,
      [
        evidence(
          'entries to a removed endpoint',
          stale.length,
          'of the entries pasted',
          0,
          'conntrack -L and kube-proxy’s log',
        ),
      ],
      'The entry points to a place that is gone; the size of the table does not matter.',
      'medium',
    );
  }
  if (!isUdp) return undefined;
  return pastMatch(
    'Stale UDP entries: kube-proxy failed to delete the entries of an endpoint that went away, so clients go on sending to it.',
    [evidence('failed deletions', failed.length, 'messages', 0, 'kube-proxy’s log')],
    'The entries point to a place that is gone; the size of the table does not matter.',
  );
};

/** The kernel named the namespace whose table was full; a line about the node's own table names none (6.18: __nf_conntrack_alloc). */
const netnsTableFull: PastRule = ({ snapshot }) => {
  const { foreignLines } = tableStateOf(snapshot);
  const netns = foreignLines.at(-1)?.netns;
  if (netns === undefined) return undefined;
  return pastMatch(
    `The connection-tracking table of network namespace ${netns} was full, not the node’s own: the kernel logged it ${show(foreignLines.length)} ${foreignLines.length === 1 ? 'time' : 'times'}; when, the text does not tell.`,
    [evidence('"table full" lines of another namespace', foreignLines.length, 'kernel messages', 0, 'dmesg')],
    'The count in that namespace was not read. The limit is shared, so confirm there first; the runbook shows how.',
  );
};

/** The NAT gateway had no port left: ErrorPortAllocation counts connections it refused (AWS: "Monitor NAT gateways with Amazon CloudWatch"). */
const snatPortsExhausted: PastRule = ({ natGateway }) => {
  const sums = Array.from(
    natGateway.matchAll(
      /(?:"Sum"\W{1,4}|ErrorPortAllocation\W{1,12}(?:\w{1,12}\W{1,4})?)(\d{1,15}(?:\.\d{1,6})?)(?![\d:-])/g,
    ),
    ([, value]) => Number(value),
  );
  const refused = sums.reduce((total, value) => total + value, 0);
  if (refused === 0) return undefined;
  return pastMatch(
    `The NAT gateway had no port left for ${show(refused)} connections: too many at once to one destination.`,
    [evidence('ErrorPortAllocation', refused, 'connections', 0, 'CloudWatch')],
    'The ports ran out at the NAT gateway, not in the node’s table.',
  );
};

/**
 * The accounts in which a paste clears the node without every source: it can say so of connection tracking alone.
 *
 * A counter that is zero has been zero all the time since boot, so here one sample does prove something about now. It
 * takes the table's use, all three loss counters, and proof that this namespace tracks (entries, and some event).
 */
export function clearedTable({ losses, totals, snapshot }: Parameters<PastRule>[0]): Match | undefined {
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
    ...pastMatch(
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
          'table use',
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
export function promptRequests({ requestTimings }: Parameters<PastRule>[0]): Match | undefined {
  const times = requestTimings.split('\n').flatMap((line) => {
    const value = (name: string) =>
      Number(new RegExp(`${name}\\w*\\W{1,4}(\\d{1,6}\\.\\d{1,9})`, 'i').exec(line)?.[1] ?? Number.NaN);
    const [lookup, connect] = [value('(?:lookup|dns)'), value('connect')];
    return Number.isNaN(connect) ? [] : [Math.max(connect, Number.isNaN(lookup) ? 0 : lookup)];
  });
  const slowest = Math.max(...times);
  if (times.length < LEAST_REQUESTS || slowest >= FIRST_RETRANSMISSION_SECONDS) return undefined;
  return {
    ...pastMatch(
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

/** TCP's own limits, read beside what is in use: gauges, so they speak of the moment (net/ipv4/tcp.c, tcp_check_oom). */
const memoryPressure: PastRule = ({ snapshot, settings }) => {
  const sockets = valueOf(snapshot.sockets);
  const orphanLimit = wholeNumber(settings.get('tcp_max_orphans'));
  const pageLimit = wholeNumber(settings.get('tcp_mem')?.split(/\s+/).at(2));
  if (sockets === undefined) return undefined;
  const over = [
    {
      name: 'orphaned sockets',
      value: sockets.orphans,
      limit: orphanLimit,
      unit: 'sockets',
      key: 'tcp_max_orphans',
    },
    { name: 'memory of TCP', value: sockets.tcpMemoryPages, limit: pageLimit, unit: 'pages', key: 'tcp_mem' },
  ].flatMap((one) =>
    one.limit !== undefined && one.value >= one.limit ? [{ ...one, limit: one.limit }] : [],
  );
  if (over.length === 0) return undefined;
  const words = over.map(({ name, value, limit }) => `${name} ${show(value)} of ${show(limit)}`);
  return pastMatch(
    `TCP is at its limit when this was read: ${words.join(', ')}; the kernel resets connections for it.`,
    over.map(({ name, value, limit, unit, key }) => evidence(name, value, unit, limit, key)),
    'TCP’s limits are its own; the connection-tracking table is not involved.',
    'medium',
  );
};

/** Rules for sources that only a paste has. */
export const PASTE_RULES: Readonly<Record<string, PastRule>> = {
  'memory-pressure': memoryPressure,
  'stale-udp-entry': staleUdpEntry,
  'netns-table-full': netnsTableFull,
  'snat-ports-exhausted': snatPortsExhausted,
};
