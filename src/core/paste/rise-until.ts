import type { SourceId } from '../capture/sources.ts';
import {
  type CounterSample,
  counterTotal,
  parseProcCounters,
  parseToolCounters,
} from '../parse/conntrack-counters.ts';
import { parseProtocolCounters } from '../parse/proc-net.ts';
import { show } from '../words.ts';

/** Counters that tell of loss, by the names of their sources. */
const TELLING =
  /^(?:drop|insert_failed|early_drop|chaintoolong|TcpExtListen(?:Overflows|Drops)|TcpRetransSegs|TcpExtTCP(?:SynRetrans|Timeouts))$/;

/**
 * How much counters of loss rose from a reading to a later one whose distance is not known: no rate and no verdict, but how many.
 *
 * @returns a clause; `undefined` where nothing rose, or a counter fell, as those of another machine may
 */
export function riseUntil(source: SourceId, before: string, after: string): string | undefined {
  const [first, last] = [countersOf(source, before), countersOf(source, after)];
  const rises = [...first].flatMap(([name, value]) => {
    const later = last.get(name);
    return later === undefined ? [] : [[name, later - value] as const];
  });
  if (rises.some(([, rise]) => rise < 0n)) return undefined;
  const told = rises.filter(([name, rise]) => rise > 0n && TELLING.test(name));
  return told.length === 0
    ? undefined
    : `until the last reading ${told.map(([name, rise]) => `${name} +${show(rise)}`).join(', ')}, if it is of the same machine`;
}

const READERS: Readonly<Partial<Record<SourceId, (text: string) => ReadonlyMap<string, bigint>>>> = {
  'conntrack-S': (text) => totalsOf(parseToolCounters(text)),
  'stat-nf_conntrack': (text) => totalsOf(parseProcCounters(text)),
  'nstat-node': parseProtocolCounters,
  'nstat-pod': parseProtocolCounters,
  netstat: parseProtocolCounters,
  snmp: parseProtocolCounters,
};

function countersOf(source: SourceId, text: string): ReadonlyMap<string, bigint> {
  return READERS[source]?.(text) ?? new Map<string, bigint>();
}

/** All of a sample but the entries, which go up and down. */
function totalsOf(sample: CounterSample | undefined): ReadonlyMap<string, bigint> {
  const names = new Set([...(sample?.rows.values() ?? [])].flatMap((row) => [...row.keys()]));
  names.delete('entries');
  return new Map(
    [...names].flatMap((name) => {
      const total = sample === undefined ? undefined : counterTotal(sample, name);
      return total === undefined ? [] : [[name, total] as const];
    }),
  );
}
