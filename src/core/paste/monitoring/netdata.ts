import { type Found, type Recogniser, takeWhile } from '../found.ts';
import { foundOf, type Sample } from './metrics.ts';
import { riseName } from './rates.ts';

const NAME = 'netdata metrics';

/** Dimensions of netdata's chart of accept queues, which are the kernel's counters as rates (ip.tcp_accept_queue). */
const DIMENSIONS: Readonly<Record<string, string>> = {
  overflows: riseName('netstat_TcpExt_ListenOverflows'),
  listenoverflows: riseName('netstat_TcpExt_ListenOverflows'),
  drops: riseName('netstat_TcpExt_ListenDrops'),
  listendrops: riseName('netstat_TcpExt_ListenDrops'),
};

/** The metric of a dimension of that chart. */
export function acceptQueueDimension(dimension: string): string | undefined {
  return DIMENSIONS[dimension.toLowerCase()];
}

/** The metric that a sample of netdata's own exposition stands for: its dimension is a label. */
export function acceptQueueMetric(name: string, text: string): string | undefined {
  if (!/^netdata_ip(?:v4)?_tcp_accept_queue_/.test(name)) return undefined;
  return acceptQueueDimension(/dimension="(\w{1,40})"/.exec(text)?.[1] ?? '');
}

/** netdata's allmetrics for shells: `NETDATA_NETFILTER_CONNTRACK_SOCKETS_CONNECTIONS="131070"`. */
export const netdataLine: Recogniser = (lines, at) => {
  const samples: Sample[] = [];
  const run = takeWhile(lines, at, (text) => {
    const [, given = '', value] =
      /^\s*NETDATA_((?:NETFILTER_CONNTRACK|IP(?:V4)?_TCP_ACCEPT_QUEUE)_[A-Z_]{3,60})="?(\d{1,15}(?:\.\d{1,9})?)"?/.exec(
        text,
      ) ?? [];
    if (value === undefined) return false;
    const dimension = /ACCEPT_QUEUE_(\w{1,40})$/.exec(given)?.[1];
    const name = dimension === undefined ? `netdata_${given.toLowerCase()}` : acceptQueueDimension(dimension);
    if (name === undefined) return true;
    const isAgain = samples.some((sample) => sample.name === name);
    if (!isAgain) samples.push({ name, value: Number(value), ms: undefined });
    return !isAgain;
  });
  return foundOf(samples, NAME, run.lines);
};

/** An alarm by its name with its value: `1m_tcp_accept_queue_overflows = 31.4 packets`; averages of a second over a minute. */
const ALARM =
  /tcp_accept_queue_(overflows|drops)\b["']?(?:\s?[=:]\s?|\s(?:is|was|value)\s)\s{0,4}(\d{1,12}(?:\.\d{1,9})?)\b/;
const DIMENSION =
  /\b(overflows|drops)\b["']?\s?[=:|]?\s{0,8}(\d{1,12}(?:\.\d{1,9})?)\s?(?:packets)?(?:\/s)?\b/i;

/** netdata's chart of accept queues in an alarm or a notice: a name with its value, or the chart's name and its dimensions. */
export const acceptQueueNotice: Recogniser = (lines, at): Found | undefined => {
  const text = lines[at]?.text ?? '';
  if (!text.includes('tcp_accept_queue')) return undefined;
  const [, named, value] = ALARM.exec(text) ?? [];
  if (named !== undefined)
    return foundOf(
      [{ name: acceptQueueDimension(named) ?? '', value: Number(value), ms: undefined }],
      NAME,
      1,
    );
  const samples: Sample[] = [];
  const run = takeWhile(lines, at, (row) => {
    const [, dimension = '', amount] = row.includes('tcp_accept_queue_') ? [] : (DIMENSION.exec(row) ?? []);
    const name = acceptQueueDimension(dimension);
    if (name !== undefined) samples.push({ name, value: Number(amount), ms: undefined });
    return name !== undefined || row.includes('tcp_accept_queue');
  });
  return foundOf(samples, NAME, run.lines);
};
