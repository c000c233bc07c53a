import { type Recogniser, takeWhile } from './found.ts';

const STATISTIC = /^\s*([A-Za-z][\w.[\]-]{1,60}):\s*(\d{1,20})\s*$/;

/** `ethtool -S`: a block under `NIC statistics:` or under `== eth0 driver=ena`, or what grep left of it. */
export const interfaceStatistics: Recogniser = (lines, at, { command }) => {
  const first = lines[at]?.text ?? '';
  const [, named, driver] = /^==\s+([\w.@-]{1,32})\s+driver=(\S{1,32})\s*$/.exec(first) ?? [];
  const heading = named !== undefined || /^\s*NIC statistics:\s*$/.test(first) ? 1 : 0;
  const isTelling = (text: string) => /_allowance_(?:exceeded|available)/.test(text);
  const { taken, lines: count } = takeWhile(lines, at + heading, (text) => STATISTIC.test(text));
  const isAfterCommand = /\bethtool\s+-S\b/.test(command);
  if (
    named === undefined &&
    !(taken.some(isTelling) || (taken.length > 0 && (heading === 1 || isAfterCommand)))
  )
    return undefined;
  const name = named ?? /\bethtool\s+-S\s+([\w.@-]{1,32})/.exec(command)?.[1] ?? 'interface';
  const head = driver === undefined ? `== ${name}` : `== ${name} driver=${driver}`;
  return {
    source: 'ethtool',
    name: 'ethtool -S',
    lines: count + heading,
    text: [head, ...taken].join('\n'),
    keys: [name, ...taken.map((text) => `${name}/${STATISTIC.exec(text)?.[1]}`)],
  };
};

/** One of ENA's allowances as JSON, an exporter or a dashboard prints it. */
export const allowanceLine: Recogniser = (lines, at) => {
  const [, name, value] =
    /\b(?:\w{1,20}_)??((?:bw_in|bw_out|pps|conntrack|linklocal)_allowance_exceeded)(?:\{[^}]{0,300}\})?["']?\s*[:=]?\s*["']?(\d{1,20})\b/.exec(
      lines[at]?.text ?? '',
    ) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return { source: 'ethtool', name: 'ENA allowances', lines: 1, text: `${name}: ${value}`, keys: [name] };
};

/** /proc/meminfo, or what grep left of it. */
export const memoryLines: Recogniser = (lines, at) => {
  const { taken, lines: count } = takeWhile(lines, at, (text) =>
    /^[A-Z][A-Za-z_()0-9]{1,30}:\s+\d{1,13} kB$/.test(text.trim()),
  );
  if (taken.length === 0) return undefined;
  return {
    source: 'meminfo',
    name: '/proc/meminfo',
    lines: count,
    text: taken.map((text) => text.trim()).join('\n'),
    keys: ['meminfo'],
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
  const seconds = /\/proc\/uptime\b/.test(command)
    ? /^(\d{1,10}\.\d\d) \d{1,12}\.\d\d$/.exec(text.trim())?.[1]
    : undefined;
  const [, days = '0', hours = '0', minutes = '0', only = '0'] =
    /\bup\s+(?:(\d{1,5}) days?,?\s*)?(?:(\d{1,2}):(\d\d)|(\d{1,2}) min)?,.*load average/.exec(text) ?? [];
  const spoken = Number(days) * 86_400 + Number(hours) * 3_600 + (Number(minutes) + Number(only)) * 60;
  const value = seconds ?? (spoken > 0 ? String(spoken) : undefined);
  if (value === undefined) return undefined;
  return { source: 'uptime', name: 'uptime', lines: 1, text: value, keys: ['uptime'] };
};
