import { type Capture, newest, samplesOf } from '../capture/capture.ts';
import type { SourceId } from '../capture/sources.ts';
import { parseKeyValues, wholeNumber } from '../parse/key-values.ts';
import { parsePerCpuTable } from '../parse/per-cpu-table.ts';
import { protocolGrowth } from '../parse/proc-net.ts';
import { parseSoftnet } from '../parse/softnet.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { Deltas, NeighbourFacts, NeighbourTable, SoftnetDeltas } from './snapshot.ts';

/** Deltas of protocol counters of the node's namespace, from /proc/net/netstat and snmp or from nstat. */
export function protocolFacts(capture: Capture, windowSeconds: Fact<number>): Fact<Deltas> {
  if (!windowSeconds.known) return windowSeconds;
  const deltas = new Map(
    (['snmp', 'netstat', 'nstat-node'] as const).flatMap((source) => [...protocolDeltas(capture, source)]),
  );
  if (!deltas.has('TcpExtListenOverflows'))
    return unknown('/proc/net/netstat: not read', '/proc/net/netstat');
  return known(deltas, '/proc/net/netstat');
}

function protocolDeltas(capture: Capture, source: SourceId): Deltas {
  const samples = samplesOf(capture, source);
  return typeof samples === 'string' ? new Map() : protocolGrowth(samples.first, samples.second);
}

/** Packets that died in the per-CPU backlog before conntrack saw them. */
export function softnetFacts(capture: Capture, windowSeconds: Fact<number>): Fact<SoftnetDeltas> {
  const source = '/proc/net/softnet_stat';
  if (!windowSeconds.known) return windowSeconds;
  const samples = samplesOf(capture, 'softnet_stat');
  if (typeof samples === 'string') return unknown(samples, source);
  const [before, after] = [parseSoftnet(samples.first), parseSoftnet(samples.second)];
  if (before === undefined || after === undefined) return unknown('softnet_stat: not readable', source);
  // The kernel's columns are 32 bits wide and wrap; a changed CPU count means that a row came or went.
  if (before.cpus !== after.cpus)
    return unknown('softnet_stat: a CPU came or went between the samples', source);
  const delta = (a: bigint, b: bigint) => (((b - a) % 2n ** 32n) + 2n ** 32n) % 2n ** 32n;
  return known(
    {
      dropped: delta(before.dropped, after.dropped),
      timeSqueeze: delta(before.timeSqueeze, after.timeSqueeze),
      cpus: after.cpus,
    },
    source,
  );
}

/** Neighbour allocations that were refused in the window. */
export function neighbourFacts(capture: Capture, windowSeconds: Fact<number>): Fact<NeighbourFacts> {
  const source = '/proc/net/stat/arp_cache';
  if (!windowSeconds.known) return windowSeconds;
  const samples = samplesOf(capture, 'arp_cache');
  if (typeof samples === 'string') return unknown(samples, source);
  const [first, second] = [parsePerCpuTable(samples.first), parsePerCpuTable(samples.second)];
  const delta = (column: string) => {
    const [before, after] = [first?.get(column), second?.get(column)];
    return before === undefined || after === undefined || after < before ? undefined : after - before;
  };
  const tableFulls = delta('table_fulls');
  if (tableFulls === undefined) return unknown('arp_cache: table_fulls not readable', source);
  return known({ tableFulls, allocated: delta('allocs'), unanswered: delta('res_failed') }, source);
}

/** How full the neighbour table is, from the collector's own lines or from sysctl and /proc/net/stat/arp_cache. */
export function neighbourTableFacts(capture: Capture): Fact<NeighbourTable> {
  const source = 'gc_thresh3';
  const text = (name: SourceId) => newest(capture, name)?.text ?? '';
  const own = parseKeyValues(text('neighbours'));
  const sysctl = parseKeyValues(text('sysctl'));
  const counted = parsePerCpuTable(text('arp_cache'))?.get('entries');
  const entries = wholeNumber(own.get('entries')) ?? (counted === undefined ? undefined : Number(counted));
  const limit = wholeNumber(own.get('gc_thresh3')) ?? wholeNumber(sysctl.get('gc_thresh3'));
  return entries === undefined || limit === undefined
    ? unknown('gc_thresh3 or the number of neighbours not read', source)
    : known({ entries, limit, ipv6Entries: wholeNumber(own.get('ipv6_entries')) }, source);
}
