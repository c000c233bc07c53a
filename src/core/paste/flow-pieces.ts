import { type Recogniser, takeWhile } from './found.ts';

/** An entry as `conntrack -L` and /proc/net/nf_conntrack print it. */
export const ENTRY =
  /\b(tcp|udp|udplite|icmp|icmpv6|sctp|dccp|gre|unknown)\s+(\d{1,3})\s+(?:(\d{1,9})\s+)?(?:([A-Z_]{4,12})\s+)?(?:\[UNREPLIED\]\s+)?src=\S+ dst=\S+/;

/** Entries of the table, whole or a sample. */
export const entries: Recogniser = (lines, at) => {
  const { taken, lines: count } = takeWhile(
    lines,
    at,
    (text) => ENTRY.test(text) && !/conntrack -E|^\s*\[(?:NEW|UPDATE|DESTROY)\]/.test(text),
  );
  if (taken.length === 0) return undefined;
  return {
    source: 'ct-sample',
    name: 'entries of the table',
    lines: count,
    text: taken.join('\n'),
    keys: [],
  };
};

/**
 * How many entries `conntrack -L` showed. With a filter that is a part of the table only; so unless the command was seen,
 * it is kept apart as a lower bound.
 */
export const shownCount: Recogniser = (lines, at, { command }) => {
  const [, shown] =
    /onntrack v[\d.]+ \(conntrack-tools\): (\d{1,12}) flow entries have been shown/.exec(
      lines[at]?.text ?? '',
    ) ?? [];
  if (shown === undefined) return undefined;
  const isWhole = /\bconntrack\s+-L\s*(?:$|[|>;2&])/.test(command);
  return {
    source: isWhole ? 'sysctl' : LOWER_BOUND,
    name: 'conntrack’s closing line',
    lines: 1,
    text: `nf_conntrack_count = ${shown}`,
    keys: ['nf_conntrack_count'],
  };
};

/** Source id of a count that may be of a part of the table. */
export const LOWER_BOUND = 'least-count';

/** Entries counted by state with `uniq -c`. Sockets are counted so too, so the command has to name the table. */
export const stateCounts: Recogniser = (lines, at, { command }) => {
  if (!/\b(?:conntrack\s+-L|nf_conntrack)\b.*\buniq\s+-c/.test(command)) return undefined;
  const { taken, lines: count } = takeWhile(lines, at, (text) =>
    /^\s*\d{1,12}\s+(?:tcp\s+)?(?:NONE|ESTABLISHED|SYN_SENT2?|SYN_RECV|FIN_WAIT|CLOSE_WAIT|LAST_ACK|TIME_WAIT|CLOSE|LISTEN)\s*$/.test(
      text,
    ),
  );
  if (taken.length === 0) return undefined;
  const rows = taken.map((text) => text.replace(/^\s*(\d+)\s+(?:tcp\s+)?(\w+)\s*$/, '$1 tcp $2'));
  return {
    source: 'ct-states',
    name: 'entries by state',
    lines: count,
    text: rows.join('\n'),
    keys: ['states'],
  };
};

/** Rules of iptables with their packet counts. */
export const firewallRules: Recogniser = (lines, at) => {
  const { taken, lines: count } = takeWhile(lines, at, (text) =>
    /^(?:Chain \S+ \((?:policy \S+.*|\d+ references?)\)|\s*(?:num\s+)?pkts\s+bytes\s+target\b.*|\s*(?:\d+\s+)?\d+[KMGT]?\s+\d+[KMGT]?\s+\S+\s+(?:all|tcp|udp|icmp|\d{1,3})\s+--.*|(?:\[\d+:\d+\] )?-A \S+ .*|:[A-Z0-9-]+ (?:ACCEPT|DROP|-) \[\d+:\d+\]|\*(?:filter|nat|mangle|raw)|COMMIT)$/.test(
      text,
    ),
  );
  if (taken.length === 0) return undefined;
  return {
    source: taken.some((text) => /^\*\w+$/.test(text)) ? 'iptables-save' : 'iptables',
    name: 'iptables rules',
    lines: count,
    text: taken.join('\n'),
    keys: ['rules'],
  };
};

/** Cilium's metrics and drop messages about its own connection-tracking maps. */
export const ciliumLines: Recogniser = (lines, at) => {
  const { taken, lines: count } = takeWhile(lines, at, (text) =>
    /cilium_bpf_map_pressure|cilium_drop_count_total|cilium_datapath_conntrack|CT: Map insertion failed|No mapping for NAT masquerade|CT: Unknown L4 protocol/.test(
      text,
    ),
  );
  if (taken.length === 0) return undefined;
  return {
    source: 'cilium-metrics',
    name: 'Cilium metrics and drops',
    lines: count,
    text: taken.map(asMonitorLine).join('\n'),
    keys: [],
  };
};

/** Hubble's `… CT: Map insertion failed DROPPED (…)` in the form of `cilium monitor`. */
function asMonitorLine(text: string): string {
  const reason = /(CT: Map insertion failed|No mapping for NAT masquerade) DROPPED/.exec(text)?.[1];
  return reason === undefined ? text : `xx drop (${reason})`;
}

/** ErrorPortAllocation of a NAT gateway: as a line, or CloudWatch's JSON around it. */
export const natGateway: Recogniser = (lines, at) => {
  if (!/ErrorPortAllocation/.test(lines[at]?.text ?? '')) return undefined;
  const rest = takeWhile(lines, at + 1, (text) =>
    /^\s*(?:[{}[\],]*|"(?:Label|Datapoints|Timestamp|Sum|Unit|Maximum|Average|Minimum|SampleCount|Id|Values|Timestamps|StatusCode)".*|[\d."T:Z+-]+,?|[}\]],?)\s*$/.test(
      text,
    ),
  );
  return {
    source: 'nat-gateway',
    name: 'NAT gateway metric',
    lines: 1 + rest.lines,
    text: [lines[at]?.text ?? '', ...rest.taken].join('\n'),
    keys: [],
  };
};

/** Timings of requests as `curl -w` prints them: name lookup, connect, first byte, total, in seconds. */
export const requestTimings: Recogniser = (lines, at) => {
  const { taken, lines: count } = takeWhile(
    lines,
    at,
    (text) =>
      /connect\w*\W{1,4}\d+\.\d{2,}/i.test(text) &&
      /(?:dns|lookup|total|start)\S*\W{1,4}\d+\.\d{2,}/i.test(text),
  );
  if (taken.length === 0) return undefined;
  return {
    source: 'request-timings',
    name: 'request timings',
    lines: count,
    text: taken.join('\n'),
    keys: [],
  };
};
