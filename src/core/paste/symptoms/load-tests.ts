import { observationLine } from '../../parse/observations.ts';
import { combOf, timesOf } from '../../parse/request-timings.ts';
import { show } from '../../words.ts';
import { Barren, type Recogniser, takeWhile } from '../found.ts';

/** Lines that begin a report of ab, wrk, hey, vegeta or k6, or the part of it that people paste. */
const START =
  /^\s*(?:This is ApacheBench|Server Software:|Concurrency Level:|Connection Times \(ms\)|Connect:\s+\d+\s+\d+\s+[\d.]+\s+\d+\s+\d+\s*$|Percentage of the requests served|Running \S+ test @ |Thread Stats\s|Latency Distribution|Summary:$|Response time histogram:|Latency distribution:$|Details \(average, fastest, slowest\)|Latencies\s+\[|Requests\s+\[total|http_req_\w+\.*:\s)/;

/** All lines of such reports. */
const LINE =
  /^\s*(?:This is ApacheBench|Copyright \d|Licensed to |Benchmarking |Completed \d+ |Finished \d+ |Server (?:Software|Hostname|Port):|Document (?:Path|Length):|SSL\/TLS |TLS Server |Concurrency Level:|Time taken |Complete requests:|Failed requests:|\(Connect: \d|Write errors:|Non-2xx |Keep-Alive |Total (?:transferred|data):|HTML transferred:|Requests per second:|Time per request:|Transfer rate:|Connection Times|min\s+mean|(?:Connect|Processing|Waiting|Total):\s|Percentage of|\d{1,3}(?:\.\d{1,3})?%\s|\d{1,3}% in |Running \S+ test @|\d+ threads and |Thread Stats|(?:Latency|Req\/Sec)\s|Latency [Dd]istribution|\d+ requests in |Socket errors:|(?:Requests|Transfer)\/sec:|Summary:|(?:Slowest|Fastest|Average|Size\/request):|Response time histogram|[\d.]+ \[\d+\]|Details \(|(?:DNS\+dialup|DNS-lookup|req write|resp wait|resp read):|Status code|\[\d{3}\]\s|Error distribution|\[\d+\]\s|(?:Requests|Duration|Latencies|Bytes (?:In|Out)|Success|Status Codes)\s+\[|(?:http_req|iteration|vu|data_|checks)\w*\.*:)/;

const BLANK = /^\s*$/;

/** Times of one report, in seconds. */
interface Report {
  readonly connects: number[];
  readonly totals: { readonly seconds: number; readonly percent: number | undefined }[];
  timeouts: number;
}

const withoutTimes = new Barren();

/** A load test's report: its longest times and percentiles lie where a SYN is sent again, or they do not. */
export const loadTest: Recogniser = (lines, at) => {
  if (withoutTimes.has(lines, at) || !START.test(lines[at]?.text ?? '')) return undefined;
  const report: Report = { connects: [], totals: [], timeouts: 0 };
  let isHey = false;
  const run = takeWhile(lines, at, (text) => {
    if (!LINE.test(text) && !BLANK.test(text)) return false;
    if (/secs\b|Response time histogram/.test(text)) isHey = true;
    readLine(text, report, isHey);
    return true;
  });
  const said = sentenceOf(report);
  if (said === undefined) {
    withoutTimes.note(lines, at + run.lines);
    return undefined;
  }
  return {
    source: 'observations',
    name: 'load test',
    lines: run.lines,
    text: observationLine(said),
    keys: [],
  };
};

function readLine(text: string, report: Report, isHey: boolean): void {
  const connect = /^\s*Connect:\s+\d+\s+\d+\s+[\d.]+\s+\d+\s+(\d+)\s*$/.exec(text)?.[1];
  if (connect !== undefined) report.connects.push(Number(connect) / 1_000);
  const dialled = /^\s*DNS\+dialup:.*,\s*([\d.]{1,12}) secs\s*$/.exec(text)?.[1];
  if (dialled !== undefined) report.connects.push(Number(dialled));
  const k6 = /^\s*(?:✓\s*)?http_req_(connecting|duration)\.*:.*\bmax=([\d.]{1,12})(µs|us|ms|s|m)\b/.exec(
    text,
  );
  if (k6 !== null) {
    const seconds = secondsOf(k6[2], k6[3]);
    if (k6[1] === 'connecting') report.connects.push(seconds);
    else report.totals.push({ seconds, percent: 100 });
  }
  const share = /^\s*(\d{1,3}(?:\.\d{1,3})?)%\s+(?:in\s+)?([\d.]{1,12})\s?(µs|us|ms|s|secs?|m)?\b/.exec(text);
  if (share !== null)
    report.totals.push({
      seconds: secondsOf(share[2], share[3] ?? (isHey ? 's' : 'ms')),
      percent: Number(share[1]),
    });
  const most =
    /^\s*Latency\s+\S+\s+\S+\s+([\d.]{1,12})(us|ms|s|m)\s/.exec(text) ??
    /^\s*Slowest:\s+([\d.]{1,12}) (secs)\s*$/.exec(text);
  if (most !== null) report.totals.push({ seconds: secondsOf(most[1], most[2]), percent: 100 });
  const names = /^\s*Latencies\s+\[([^\]]{1,80})\]\s+(.*)$/.exec(text);
  if (names !== null) {
    const values = (names[2] ?? '').split(/,\s*/);
    for (const [index, name] of (names[1] ?? '').split(/,\s*/).entries()) {
      const [, amount, unit] = /^([\d.]{1,12})(µs|us|ms|s|m)$/.exec(values[index] ?? '') ?? [];
      if (amount === undefined || (name !== 'max' && !/^\d/.test(name))) continue;
      report.totals.push({ seconds: secondsOf(amount, unit), percent: name === 'max' ? 100 : Number(name) });
    }
  }
  report.timeouts += Number(/^\s*Socket errors:.*\btimeout (\d{1,9})/.exec(text)?.[1] ?? 0);
}

function secondsOf(amount = '0', unit = 's'): number {
  const factor = { µs: 1e-6, us: 1e-6, ms: 1e-3, m: 60 }[unit] ?? 1;
  return Number(amount) * factor;
}

function sentenceOf({
  connects,
  totals,
  timeouts,
}: Report): { kind: 'symptom' | 'note'; says: string } | undefined {
  const seen = [...connects, ...totals.map(({ seconds }) => seconds)];
  if (seen.length === 0) return undefined;
  const longest = seen.reduce((most, one) => Math.max(most, one), 0);
  const out = timeouts === 0 ? '' : `; ${show(timeouts)} timed out`;
  const connect = combOf(connects).teeth.at(-1);
  const whole = combOf(totals.map(({ seconds }) => seconds)).teeth;
  if (connect === undefined && whole.length === 0)
    return {
      kind: 'note',
      says: `the longest time is ${timeOf(longest)}, not where a SYN is sent again (1, 3, 7 s)${out}.`,
    };
  const parts = [
    ...(connect === undefined
      ? []
      : [
          `the longest time to connect lies at ${connect.second} s, where a SYN has been sent again ${timesOf(connect.again)}`,
        ]),
    ...whole.map(({ second, again }) => {
      const first = totals
        .filter(({ seconds }) => seconds >= second - 0.01 && seconds < second + 0.3)
        .reduce((least, { percent = 100 }) => Math.min(least, percent), 100);
      const who =
        first >= 100
          ? 'the slowest request took'
          : `${show(Math.round((100 - first) * 1_000) / 1_000)} % of requests took at least`;
      return `${who} ${second} s (as if a SYN was sent again ${timesOf(again)})`;
    }),
  ];
  return { kind: 'symptom', says: `In the load test ${parts.join(', ')}${out}.` };
}

function timeOf(seconds: number): string {
  return seconds < 1
    ? `${show(Math.round(seconds * 1_000))} ms`
    : `${show(Math.round(seconds * 100) / 100)} s`;
}
