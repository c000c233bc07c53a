import { valueOf } from '../../snapshot/fact.ts';
import { CALM_USE } from '../../snapshot/table-state.ts';
import { show } from '../../words.ts';
import { manyHalfOpen } from '../half-open.ts';
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

/** What two samples of counters leave open: how full the table is, and what the kernel said. */
const SETTINGS = 'grep -H . /proc/sys/net/netfilter/nf_conntrack_*';
const LOG = 'dmesg -T | grep -i -e conntrack -e "out of memory" -e "allocation failure" | tail -n 40';

/** What fills a table: its entries counted by protocol, state and mark. */
const ENTRIES =
  'conntrack -L 2>/dev/null | awk "{ print \\$1, (\\$1 == \\"tcp\\" ? \\$4 : \\"-\\"), (/UNREPLIED/ ? \\"UNREPLIED\\" : /ASSURED/ ? \\"ASSURED\\" : \\"\\") }" | sort | uniq -c | sort -rn';

/** Whose entries they are: the first lines of the table's walk are a fair sample, since it follows the hash. */
const SENDERS = 'conntrack -L 2>/dev/null | head -n 400';

/** Local ports at a client: how many there are, and which peers hold them. */
const PORTS =
  "sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse; ss -s; ss -tan | awk 'NR > 1 { print $1, $5 }' | sort | uniq -c | sort -rn | head -n 20";

/** What to run next, and what it will tell. */
export interface NextCommand {
  readonly command: string;
  /** As it ends the sentence `it tells …`. */
  readonly tells: string;
}

const WHOLE: NextCommand = {
  command: NEXT_COMMAND,
  tells: 'whether packets are dropped now, how many, and by what',
};

/** The one command that would settle most of what the text leaves open. */
export function nextCommandFor({ snapshot }: SingleReading): NextCommand {
  const { conntrack, log, entries, windowSeconds, observations } = snapshot;
  if (observations.some(({ portsUsedUp }) => portsUsedUp === true))
    return { command: PORTS, tells: 'which peers hold the local ports of this client' };
  const [use, losses] = [valueOf(conntrack.use), valueOf(conntrack.losses)];
  if (!windowSeconds.known || losses === undefined) {
    if (observations.some(({ kind }) => kind === 'symptom'))
      return {
        ...WHOLE,
        tells:
          'whether this node drops the packets, and by what; run it on the node of the client and on that of the server while it happens',
      };
    return WHOLE;
  }
  const isSpreadOpen = manyHalfOpen(snapshot)?.isSpreadKnown === false;
  const isPressed = use !== undefined && use.ratio >= CALM_USE;
  const wanted = [
    ...(use === undefined ? [SETTINGS] : []),
    ...(log.known ? [] : [LOG]),
    ...(isPressed && !entries.known ? [ENTRIES] : []),
    ...(isSpreadOpen ? [SENDERS] : []),
  ];
  if (wanted.length === 0) return WHOLE;
  const tells =
    use === undefined
      ? 'whether the table is full or the kernel had no memory for an entry'
      : isPressed && !entries.known
        ? 'what fills the table'
        : isSpreadOpen
          ? 'from how many senders the half-open entries come'
          : 'what the kernel itself said';
  return { command: `sudo sh -c '${wanted.join('; ')}'`, tells };
}

const GAP_START = 'to find out, run this on the node and paste what it prints: ';

/** The command among the gaps. */
export function nextCommandGap({ command, tells }: NextCommand): string {
  return `${GAP_START}${command} → it tells ${tells}`;
}

/** The gaps without the command, and the command of those that hold one. */
export function splitNextCommand(gaps: readonly string[]): {
  readonly gaps: readonly string[];
  readonly next: NextCommand | undefined;
} {
  const gap = gaps.find((one) => one.startsWith(GAP_START));
  if (gap === undefined) return { gaps, next: undefined };
  const end = gap.lastIndexOf(' → it tells ');
  return {
    gaps: gaps.filter((one) => one !== gap),
    next: { command: gap.slice(GAP_START.length, end), tells: gap.slice(end + ' → it tells '.length) },
  };
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
