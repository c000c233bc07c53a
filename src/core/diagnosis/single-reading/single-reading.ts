import { type Capture, newest, sectionOf } from '../../capture/capture.ts';
import type { SourceId } from '../../capture/sources.ts';
import { parseEntries } from '../../parse/entries/entries.ts';
import { allowancesOf, parseEthtool } from '../../parse/ethtool.ts';
import { parseKeyValues } from '../../parse/key-values.ts';
import { parsePerCpuTable } from '../../parse/per-cpu-table.ts';
import { parseProtocolCounters } from '../../parse/proc-net.ts';
import { parseSoftnet, type SoftnetTotals } from '../../parse/softnet.ts';
import { lossesOf } from '../../snapshot/conntrack.ts';
import { valueOf } from '../../snapshot/fact.ts';
import type { Deltas, Losses, Snapshot } from '../../snapshot/snapshot.ts';

/** What a single reading says: counters since they began to count, and a few things that are no counters. */
export interface SingleReading {
  readonly snapshot: Snapshot;
  /** Losses since the module was loaded, taken apart as those of a window are. */
  readonly losses: Losses | undefined;
  /** All conntrack counters since then, by the names of `conntrack -S`. */
  readonly totals: Deltas;
  readonly protocol: Deltas;
  readonly softnet: SoftnetTotals | undefined;
  readonly neighbourTableFulls: bigint;
  /** ENA's `*_allowance_exceeded`, summed over interfaces. */
  readonly allowances: Deltas;
  /** How long the counters may have counted, in seconds; `undefined` where the paste does not tell. */
  readonly uptimeSeconds: number | undefined;
  readonly settings: ReadonlyMap<string, string>;
  readonly entries: ReturnType<typeof parseEntries>;
  readonly kubeProxyLog: string;
  readonly requestTimings: string;
}

/**
 * Reads what single readings of a paste hold.
 *
 * @param options.withoutPairs leaves out counters of which there are two samples: what these measured is judged by itself,
 *   and what was counted before them is past
 */
export function singleReadingOf(
  capture: Capture,
  snapshot: Snapshot,
  { withoutPairs = false }: { readonly withoutPairs?: boolean } = {},
): SingleReading {
  const isLeftOut = (source: SourceId) => withoutPairs && sectionOf(capture, source, 0) !== undefined;
  const text = (source: SourceId) => (isLeftOut(source) ? '' : (newest(capture, source)?.text ?? ''));
  const areMeasured = withoutPairs && snapshot.conntrack.losses.known;
  const totals = (areMeasured ? undefined : valueOf(snapshot.conntrack.totals)) ?? new Map<string, bigint>();
  const uptime = Number(text('uptime'));
  const protocol = (['snmp', 'netstat', 'nstat-node', 'nstat-pod'] as const).flatMap((source) => [
    ...parseProtocolCounters(text(source)),
  ]);
  return {
    snapshot,
    totals,
    losses:
      totals.size === 0
        ? undefined
        : lossesOf(totals, [...totals.keys()], valueOf(snapshot.identity.kernel) ?? ''),
    protocol: new Map(protocol),
    softnet: parseSoftnet(text('softnet_stat')),
    neighbourTableFulls: parsePerCpuTable(text('arp_cache'))?.get('table_fulls') ?? 0n,
    allowances: allowancesOf(parseEthtool(text('ethtool'))),
    uptimeSeconds: uptime > 0 ? uptime : undefined,
    settings: parseKeyValues(text('sysctl')),
    entries: [...parseEntries(text('ct-sample')), ...parseEntries(text('ct-excerpt'))],
    kubeProxyLog: text('kube-proxy-log'),
    requestTimings: text('request-timings'),
  };
}
