import { Barren, type Context, type Recogniser, takeTelling, takeWhile } from '../found.ts';
import type { PasteLine } from '../paste-line.ts';

const STATISTIC = /^\s*([A-Za-z][\w.[\]-]{1,60}):\s*(\d{1,20})\s*$/;

const withoutAllowances = new Barren();

/** `ethtool -S`: a block under `NIC statistics:`, under a line that names interface and driver, or what grep left of it. */
export const interfaceStatistics: Recogniser = (lines, at, context) => {
  const [, named, driver] =
    /^==\s+([\w.@-]{1,32})(?:\s+driver=(\S{1,32}))?\s*$/.exec(lines[at]?.text ?? '') ?? [];
  const title = named === undefined ? at : at + 1;
  const isTitled = TITLE.test(lines[title]?.text ?? '');
  const start = isTitled ? title + 1 : title;
  const isStatistic = STATISTIC.test(lines[start]?.text ?? '');
  const isTold =
    driver !== undefined || isTitled || (isStatistic && /\bethtool\s+-S\b/.test(context.command));
  const run = isTold
    ? takeWhile(lines, start, (text) => STATISTIC.test(text))
    : takeTelling(withoutAllowances, lines, start, { test: STATISTIC, telling: /_allowance_/ });
  if (run === undefined || (driver === undefined && run.taken.length === 0)) return undefined;
  const { taken, lines: count } = run;
  const name = named ?? nameOf(lines, at, context);
  const head = driver === undefined ? `== ${name}` : `== ${name} driver=${driver}`;
  return {
    source: 'ethtool',
    name: 'ethtool -S',
    lines: start - at + count,
    text: [head, ...taken].join('\n'),
    keys: [name, ...taken.map((text) => `${name}/${STATISTIC.exec(text)?.[1]}`)],
  };
};

const TITLE = /^\s*NIC statistics:\s*$/;

/** How many titles stand before each line since the last command, by paste. */
const titlesBefore = new WeakMap<readonly PasteLine[], readonly number[]>();

function countTitles(lines: readonly PasteLine[]): readonly number[] {
  let count = 0;
  const counts = lines.map((line) => {
    const before = count;
    if (line.command !== undefined) count = 0;
    else if (TITLE.test(line.text)) count += 1;
    return before;
  });
  titlesBefore.set(lines, counts);
  return counts;
}

/** An interface without a name is told by its place: a command prints several interfaces, unless it waits in between. */
function nameOf(lines: readonly PasteLine[], at: number, { command, wait }: Context): string {
  const named = /\bethtool\s+-S\s+([A-Za-z][\w.@-]{0,31})/.exec(command)?.[1];
  if (named !== undefined) return named;
  // `for i in eth0 eth1; do echo $i; ethtool -S $i …`
  const echoed = /^([a-z][a-z0-9]{1,10}\d[a-z0-9]{0,6}):?$/.exec(lines[at - 1]?.text.trim() ?? '')?.[1];
  if (echoed !== undefined) return echoed;
  if (wait !== undefined) return 'interface';
  return `interface${(titlesBefore.get(lines) ?? countTitles(lines))[at] ?? 0}`;
}

/** One of ENA's allowances as JSON, an exporter or a dashboard prints it. */
export const allowanceLine: Recogniser = (lines, at) => {
  const [, name, value] =
    /\b(?:\w{1,20}_)??((?:bw_in|bw_out|pps|conntrack|linklocal)_allowance_exceeded)(?:\{[^}]{0,300}\})?["']?\s*[:=]?\s*["']?(\d{1,20})\b/.exec(
      lines[at]?.text ?? '',
    ) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return { source: 'ethtool', name: 'ENA allowances', lines: 1, text: `${name}: ${value}`, keys: [name] };
};

const MEMORY = /^\s*(?:[A-Z][A-Za-z_()0-9]{1,30}:\s+\d{1,13} kB|HugePages_\w{1,8}:\s+\d{1,9})\s*$/;

const withoutSizes = new Barren();

/** /proc/meminfo, or what grep left of it. */
export const memoryLines: Recogniser = (lines, at) => {
  const run = takeTelling(withoutSizes, lines, at, { test: MEMORY, telling: /kB\s*$/ });
  if (run === undefined) return undefined;
  const rows = run.taken.map((text) => text.trim());
  return {
    source: 'meminfo',
    name: '/proc/meminfo',
    lines: run.lines,
    text: rows.join('\n'),
    keys: rows.map((text) => text.replace(/:.*/, '')),
  };
};

/** The conntrack row of /proc/slabinfo. */
export const slabRow: Recogniser = (lines, at) => {
  const text = lines[at]?.text.trim() ?? '';
  if (!/^nf_conntrack(?:_[0-9a-f]+)?\s+\d+\s+\d+\s+\d+\s/.test(text)) return undefined;
  return { source: 'slabinfo', name: '/proc/slabinfo', lines: 1, text, keys: ['slab'] };
};

/** The kernel's version, from `uname` or the first line of its log; it decides how the counters are read. */
export const kernelVersion: Recogniser = (lines, at, { command }) => {
  const text = lines[at]?.text ?? '';
  const version =
    /^Linux \S{1,64} (\d{1,2}\.\d{1,3}\.\d{1,4}\S{0,60}) .*(?:SMP|GNU\/Linux)/.exec(text)?.[1] ??
    /Linux version (\d{1,2}\.\d{1,3}\.\d{1,4}\S{0,60}) \(/.exec(text)?.[1] ??
    (/^uname\s+-r\b/.test(command)
      ? /^(\d{1,2}\.\d{1,3}\.\d{1,4}\S{0,60})$/.exec(text.trim())?.[1]
      : undefined);
  if (version === undefined) return undefined;
  return { source: 'host', name: 'kernel version', lines: 1, text: `uname=${version}`, keys: ['uname'] };
};

/** How long the node is up, from `uptime` or /proc/uptime. */
export const uptimeLine: Recogniser = (lines, at, { command }) => {
  const text = lines[at]?.text ?? '';
  const bare = /^\s*(\d{1,10}\.\d\d) \d{1,12}\.\d\d\s*$/.exec(text)?.[1];
  const seconds = bare !== undefined && /\/proc\/uptime\b/.test(command) ? bare : undefined;
  const [, days = '0', hours = '0', minutes = '0', only = '0'] =
    /\bup\s+(?:(\d{1,5}) days?,?\s*)?(?:(\d{1,2}):(\d\d)|(\d{1,2}) min)?,.{0,120}load average/.exec(text) ??
    [];
  const spoken = Number(days) * 86_400 + Number(hours) * 3_600 + (Number(minutes) + Number(only)) * 60;
  const value = seconds ?? (spoken > 0 ? String(spoken) : undefined);
  if (value === undefined) return undefined;
  return { source: 'uptime', name: 'uptime', lines: 1, text: value, keys: ['uptime'] };
};
