import { Barren, type Context, type Found, type Recogniser, takeWhile } from '../found.ts';

function timed(name: string, lines: number, rows: readonly string[]): Found {
  return { source: 'request-timings', name, lines, text: rows.join('\n'), keys: [] };
}

/** Timings of requests on one line each, with names: lookup, connect, first byte, total, in seconds. */
export const requestTimings: Recogniser = (lines, at) => {
  const { taken, lines: count } = takeWhile(
    lines,
    at,
    (text) =>
      /connect\w{0,20}\W{1,4}\d{1,9}\.\d\d/i.test(text) &&
      /(?:dns|lookup|total|start)\S{0,20}\W{1,4}\d{1,9}\.\d\d/i.test(text),
  );
  return taken.length === 0 ? undefined : timed('request timings', count, taken);
};

/** One named time a line, as a format file of `curl -w` prints them; `real` of the shell's `time` is a total. */
const NAMED =
  /^\s*"?(?:time_)?(namelookup|connect|appconnect|pretransfer|redirect|starttransfer|total)(?:_time)?"?\s{0,8}[:=]\s{0,8}"?(\d{1,6}\.\d{1,9})\s?s?"?,?\s*$/i;

/** A block of named times: a name that comes again begins the next request. */
export const namedTimings: Recogniser = (lines, at) => {
  if (!NAMED.test(lines[at]?.text ?? '')) return undefined;
  const { taken, lines: count } = takeWhile(
    lines,
    at,
    (text) => NAMED.test(text) || /^\s*(?:-{3,}|)\s*$/.test(text),
  );
  const requests: Map<string, string>[] = [];
  for (const text of taken) {
    const [, name = '', value = ''] = NAMED.exec(text) ?? [];
    const key = name.toLowerCase();
    if (key === '') continue;
    let last = requests.at(-1);
    if (last === undefined || last.has(key)) {
      last = new Map();
      requests.push(last);
    }
    last.set(key, value);
  }
  return timed('request timings', count, requests.map(asRow));
};

function asRow(values: ReadonlyMap<string, string>): string {
  const shown = [
    ['lookup', values.get('namelookup')],
    ['connect', values.get('connect')],
    ['total', values.get('total')],
  ] as const;
  return shown.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])).join(' ');
}

/** What curl prints with a decimal point; all its other variables are whole numbers or words. */
const DECIMAL_VARIABLES = /%\{(time_\w{3,20}|speed_\w{6,12})\}/g;

/** A decimal number that is no part of a time of day or an address. */
const DECIMAL = /(?<![\w.:])\d{1,6}\.\d{1,9}(?![\w.]*\d?\.\d|\w*[a-z]{2})/g;

const withoutColumns = new Barren();

/**
 * Bare columns of `curl -w '%{time_connect} %{time_total}\n'`: the format in the command, or a heading that names the
 * columns, says which is which.
 */
export const curlColumns: Recogniser = (lines, at, context) => {
  if (withoutColumns.has(lines, at)) return undefined;
  const heading = headingOf(lines[at]?.text ?? '');
  const names = heading ?? namesIn(context);
  if (names.length === 0 || !names.some((name) => /connect|total|lookup/.test(name))) return undefined;
  const rows: string[] = [];
  const start = heading === undefined ? at : at + 1;
  const run = takeWhile(lines, start, (text) => {
    const values = text.match(DECIMAL) ?? [];
    if (values.length !== names.length) return isFailure(text);
    const named = new Map(names.map((name, index) => [name.replace(/^time_/, ''), values[index] ?? '']));
    rows.push(asRow(named));
    return true;
  });
  if (rows.length === 0) {
    withoutColumns.note(lines, start + run.lines);
    return undefined;
  }
  const found = timed('curl timings', start - at + run.lines, rows);
  const failures = run.taken.filter(isFailure).length;
  return failures === 0 ? found : { ...found, name: `curl timings, ${failures} without an answer` };
};

/** What each command's format names: its output may be long, and asks at each line. */
const namesOfContext = new WeakMap<Context, readonly string[]>();

function namesIn(context: Context): readonly string[] {
  const known = namesOfContext.get(context);
  if (known !== undefined) return known;
  const names = /\bcurl\b/.test(context.command)
    ? Array.from(context.command.matchAll(DECIMAL_VARIABLES), ([, name = '']) => name)
    : [];
  namesOfContext.set(context, names);
  return names;
}

/** curl's own line where a request came to nothing; it stands between the times of the others. */
function isFailure(text: string): boolean {
  return /^curl: \(\d{1,3}\) /.test(text);
}

/** A line of column names and nothing else. */
function headingOf(text: string): readonly string[] | undefined {
  const names = text
    .trim()
    .toLowerCase()
    .split(/[\s,;|]+/);
  const isHeading =
    names.length >= 2 &&
    names.some((name) => /^(?:time_)?connect$/.test(name)) &&
    names.every((name) =>
      /^(?:time_)?(?:namelookup|connect|appconnect|pretransfer|redirect|starttransfer|total)$/.test(name),
    );
  return isHeading ? names : undefined;
}

/** `real	0m5.024s` of shells, `real	0m 5.02s` of busybox, `real 5.02` of POSIX. */
const REAL = /^real\s+(?:(\d{1,4})m)?\s?(\d{1,4}\.\d{2,3})s?$/;

/** Commands that look a name up and do nothing else. */
const LOOKS_UP = /\b(?:nslookup|dig|host|drill|kdig|getent\s+(?:a?hosts\w*))\b/;

/** `real` of the shell's `time`, once for each request of a loop. */
export const shellTimes: Recogniser = (lines, at, { command }) => {
  const text = lines[at]?.text.trim() ?? '';
  const [, minutes = '0', seconds] = REAL.exec(text) ?? [];
  if (seconds === undefined || !(/\b(?:curl|wget|nc|ncat|telnet)\b/.test(command) || LOOKS_UP.test(command)))
    return undefined;
  const name = LOOKS_UP.test(command) ? 'lookup' : /\bnc(?:at)?\b/.test(command) ? 'connect' : 'total';
  const value = (Number(minutes) * 60 + Number(seconds)).toFixed(3);
  const rest = takeWhile(lines, at + 1, (next) =>
    /^\s*(?:(?:user|sys)\s+(?:\d{1,4}m)?\s?\d{1,4}\.\d{2,3}s?)?\s*$/.test(next),
  );
  return timed('times of the shell', 1 + rest.lines, [`${name}: ${value}`]);
};

/** A proxy's time to connect to its upstream, by the names that people give it in a log format, in seconds. */
const UPSTREAM =
  /(?:^|[\s"',{[(|])(?:upstream_connect_time|upstream[_-]connect|uct|urt_connect|connect_time|\$upstream_connect_time)"?\s?[:=]\s?"?((?:\d{1,5}\.\d{3}|-)(?:[,:]\s?(?:\d{1,5}\.\d{3}|-))*)/;
const REQUEST_TIME = /(?:^|[\s"',{[(|])(?:request_time|rt|req_time)"?\s?[:=]\s?"?(\d{1,5}\.\d{3})/;

/** nginx: `$upstream_connect_time` in any log format that names it, also of several upstreams in one line. */
export const upstreamLog: Recogniser = (lines, at) => {
  const rows: string[] = [];
  const { lines: count } = takeWhile(lines, at, (text) => {
    const connects = UPSTREAM.exec(text)?.[1];
    if (connects === undefined) return false;
    const total = REQUEST_TIME.exec(text)?.[1];
    for (const connect of connects.split(/[,:]\s?/)) {
      if (connect === '-') continue;
      rows.push(`connect: ${connect}${total === undefined ? '' : ` total: ${total}`}`);
    }
    return true;
  });
  return count === 0 ? undefined : timed('upstream_connect_time in a log', count, rows);
};

/** HAProxy's HTTP log: `Tq/Tw/Tc/Tr/Tt` in milliseconds before the status, of which the third is the time to connect. */
const HAPROXY = /\s-?\d{1,9}\/-?\d{1,9}\/(-?\d{1,9})\/-?\d{1,9}\/\+?(\d{1,9})\s+(?:\d{3}|-1)\s+\d/;

/** Times to connect in HAProxy's log. */
export const haproxyLog: Recogniser = (lines, at) => {
  const rows: string[] = [];
  const { lines: count } = takeWhile(lines, at, (text) => {
    const [, connect, total] = HAPROXY.exec(text) ?? [];
    if (connect === undefined) return false;
    if (!connect.startsWith('-'))
      rows.push(
        `connect: ${(Number(connect) / 1_000).toFixed(3)} total: ${(Number(total) / 1_000).toFixed(3)}`,
      );
    return true;
  });
  return count === 0 ? undefined : timed('HAProxy’s log', count, rows);
};

/** dig's own time of its last query; it prints each query before it that ran out on a line of its own. */
export const digTimes: Recogniser = (lines, at) => {
  const milliseconds = /^\s*;; Query time: (\d{1,7}) msec\b/.exec(lines[at]?.text ?? '')?.[1];
  if (milliseconds === undefined) return undefined;
  return timed('time of dig', 1, [`lookup: ${(Number(milliseconds) / 1_000).toFixed(3)}`]);
};
