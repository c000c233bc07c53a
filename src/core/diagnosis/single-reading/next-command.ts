import { show } from '../../words.ts';
import type { SingleReading } from './single-reading.ts';

/**
 * The command to run next where one sample leaves the question open. Prints two samples, 10 s apart, of everything that a verdict needs, each with its time, in a form that a paste of it
 * is understood. Reads only; loads no module.
 */
export const NEXT_COMMAND =
  "sudo sh -c 'cd /proc/sys/net/netfilter; for i in 1 2; do date -u +%Y-%m-%dT%H:%M:%SZ; " +
  'grep -H . nf_conntrack_count nf_conntrack_max nf_conntrack_buckets; cd /proc/net; ' +
  'cat stat/nf_conntrack netstat snmp softnet_stat stat/arp_cache; for d in /sys/class/net/*/device/driver; do ' +
  'n=${d#/sys/class/net/}; n=${n%/device/driver}; echo "== $n driver=$(basename $(readlink $d))"; ' +
  'ethtool -S $n | grep allowance; done; cd - >/dev/null; [ $i = 2 ] || sleep 10; done; uname -a; ' +
  'echo "$ cat /proc/uptime"; cat /proc/uptime; dmesg | grep -i -e conntrack -e overflow -e "out of memory" -e "SYN flood" | tail -n 40\'';

/** The command among the gaps. */
export function nextCommandGap(): string {
  return `to find out, run this on the node and paste what it prints: ${NEXT_COMMAND}`;
}

/** What counters since boot prove where they make no verdict: that something happened, not that it happens. */
export function sinceBootNotes({
  totals,
  protocol,
  softnet,
  neighbourTableFulls,
  allowances,
}: SingleReading): readonly string[] {
  const counts: readonly (readonly [string, bigint])[] = [
    ...['drop', 'insert_failed', 'early_drop', 'chaintoolong'].map(
      (name) => [name, totals.get(name) ?? 0n] as const,
    ),
    ['listen overflows', protocol.get('TcpExtListenOverflows') ?? 0n],
    ['backlog drops', softnet?.dropped ?? 0n],
    ['neighbour table overflows', neighbourTableFulls],
    ...allowances,
  ];
  const seen = counts.filter(([, count]) => count > 0n).map(([name, count]) => `${name} ${show(count)}`);
  return seen.length === 0
    ? []
    : [`since boot: ${seen.join(', ')} → it happened, but not when, and not whether it still does`];
}
