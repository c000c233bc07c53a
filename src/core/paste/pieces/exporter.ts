import { type Recogniser, takeWhile } from '../found.ts';

const METRIC =
  /^node_(nf_conntrack_\w{3,30}|netstat_(?:Tcp|TcpExt|Ip|IpExt|Udp)_\w{3,40})(?:\{[^}]{0,300}\})?\s+([\d.]+(?:e\+?\d{1,2})?)\s*$/;

/** Names of node_exporter for the table's use (collector/conntrack_linux.go). */
const SETTINGS: Readonly<Record<string, string>> = {
  nf_conntrack_entries: 'nf_conntrack_count',
  nf_conntrack_entries_limit: 'nf_conntrack_max',
};

/** node_exporter's metrics of conntrack counters: one row of all that stand together. */
export const exporterCounters: Recogniser = (lines, at) => {
  const stat = (text: string) => {
    const [, name = '', value = ''] = METRIC.exec(text) ?? [];
    const counter = /^nf_conntrack_stat_(\w+)$/.exec(name)?.[1];
    return counter === undefined ? undefined : `${counter}=${wholeOf(value)}`;
  };
  if (stat(lines[at]?.text ?? '') === undefined) return undefined;
  const block = takeWhile(lines, at, (text) => /^# (?:HELP|TYPE) /.test(text) || stat(text) !== undefined);
  const pairs = block.taken.flatMap((text) => stat(text) ?? []);
  return {
    source: 'conntrack-S',
    name: 'node_exporter metrics',
    lines: block.lines,
    text: `cpu=0 ${pairs.join(' ')}`,
    keys: ['metrics'],
  };
};

/** One node_exporter metric of the table's use or of a protocol counter. */
export const exporterMetric: Recogniser = (lines, at) => {
  const [, name = '', value = ''] = METRIC.exec(lines[at]?.text ?? '') ?? [];
  const setting = SETTINGS[name];
  const [, protocol, counter] = /^netstat_([A-Za-z]+)_(\w+)$/.exec(name) ?? [];
  const found = { name: 'node_exporter metrics', lines: 1 };
  if (setting !== undefined)
    return { ...found, source: 'sysctl', text: `${setting} = ${wholeOf(value)}`, keys: [setting] };
  if (protocol === undefined || counter === undefined) return undefined;
  return {
    ...found,
    source: 'nstat-node',
    text: `${protocol}${counter} ${wholeOf(value)}`,
    keys: [`${protocol}${counter}`],
  };
};

/** The same metrics in an answer of Prometheus's API, `"__name__":"node_nf_conntrack_entries",…,"value":[time,"262140"]`. */
export const exporterJson: Recogniser = (lines, at) => {
  const metrics = Array.from(
    (lines[at]?.text ?? '').matchAll(
      /"__name__":"node_(nf_conntrack_entries(?:_limit)?)"[^[\]]{0,400}"value":\[[\d.]{1,20},"([\d.e+]{1,20})"\]/g,
    ),
    ([, name = '', value = '']) => ({ key: SETTINGS[name] ?? name, value }),
  );
  if (metrics.length === 0) return undefined;
  return {
    source: 'sysctl',
    name: 'node_exporter metrics',
    lines: 1,
    text: metrics.map(({ key, value }) => `${key} = ${wholeOf(value)}`).join('\n'),
    keys: metrics.map(({ key }) => key),
  };
};

/** Prometheus prints large numbers as `1.048576e+06`. */
function wholeOf(value: string): bigint {
  const number = Number(value);
  return Number.isFinite(number) ? BigInt(Math.round(number)) : 0n;
}
