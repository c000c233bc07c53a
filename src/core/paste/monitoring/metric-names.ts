import type { SourceId } from '../../capture/sources.ts';
import { riseOf } from './rates.ts';

/** What a monitoring system's metric means here: a source, and the name that its parser knows. */
export interface Meaning {
  readonly source: Extract<SourceId, 'sysctl' | 'conntrack-S' | 'nstat-node' | 'ethtool' | 'observations'>;
  readonly key: string;
}

/** Names of what a query computes of count and limit, which has none in its answer. */
export const USE_RATIO = 'conntrack_use_ratio';
export const USE_PERCENT = 'conntrack_use_percent';

/** How many entries there are, by what node_exporter, telegraf, Datadog, netdata, collectd and people's own scripts call it. */
const COUNT =
  /^(?:node_)?nf_conntrack_entries$|(?:^|[._/[])(?:nf|ip)_conntrack_count\]?$|(?:^|\.)net\.conntrack\.(?:count|entries)$|^conntrack[._](?:count|entries|used|current)$|^netdata_netfilter_conntrack_(?:sockets_)?connections(?:_average|_sum)?$|^netdata_netfilter_conntrack_sockets_connections|^netfilter\.conntrack_sockets[._]connections/i;

/** How many there may be. */
const MAX =
  /^(?:node_)?nf_conntrack_entries_limit$|(?:^|[._/[])(?:nf|ip)_conntrack_max\]?$|(?:^|\.)net\.conntrack\.max$|^conntrack[._](?:max|limit|size)$|^netdata_netfilter_conntrack_sockets_max/i;

const COUNTER =
  /^(?:node_nf_conntrack_stat_|(?:system\.)?net\.conntrack\.|conntrack_(?:stat_)?)(found|invalid|ignore|insert|insert_failed|drop|early_drop|search_restart|clash_resolve|chaintoolong|error)(?:\.count|_total)?$/;

const PROTOCOL = /^(?:node_netstat|netstat)_(Tcp|TcpExt|Ip|IpExt|Udp|Udp6|Ip6)_(\w{3,40})$/;

const ALLOWANCE =
  /^(?:\w{1,30}[_.])?((?:bw_in|bw_out|pps|conntrack|linklocal)_allowance_exceeded)(?:_total|_sum)?$/;

/** The meaning of a metric's name, or `undefined` where it has none here. */
export function meaningOf(name: string): Meaning | undefined {
  if (name === USE_RATIO || name === USE_PERCENT) return { source: 'observations', key: name };
  const rise = riseOf(name);
  if (rise !== undefined) {
    const counter = meaningOf(rise.metric)?.key;
    return counter === undefined ? undefined : { source: 'observations', key: counter };
  }
  if (COUNT.test(name)) return { source: 'sysctl', key: 'nf_conntrack_count' };
  if (MAX.test(name)) return { source: 'sysctl', key: 'nf_conntrack_max' };
  const counter = COUNTER.exec(name)?.[1];
  if (counter !== undefined) return { source: 'conntrack-S', key: counter };
  const [, protocol, member] = PROTOCOL.exec(name) ?? [];
  if (protocol !== undefined && member !== undefined)
    return { source: 'nstat-node', key: `${protocol}${member}` };
  const allowance = ALLOWANCE.exec(name)?.[1];
  return allowance === undefined ? undefined : { source: 'ethtool', key: allowance };
}
