import { Barren, type Recogniser, takeWhile } from '../found.ts';
import { meaningOf } from './metric-names.ts';
import { epochMs, foundOf, type Sample } from './metrics.ts';
import { acceptQueueMetric } from './netdata.ts';

const NUMBER = String.raw`(\d{1,3}(?:,\d{3})+(?![\d,])|[+-]?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?)`;

/** A sample of an exposition, with a time or not, of promtool (`=> 131071 @[1716200000]`) or a console's table. */
const SAMPLE = new RegExp(
  String.raw`^\s*(?:\|\s*)?["\x60]?([A-Za-z_:][\w:.]{2,100})(?:\{[^\n]{0,600}?\})?["\x60]?\s*(?:=>\s*|\s|[,|]\s*)["\x60]?${NUMBER}["\x60]?(?:\s+@?\[?(\d{10,19}(?:\.\d{1,9})?)\]?)?\s*\|?\s*$`,
);

/** Lines of an exposition that carry no value. */
const COMMENT = /^\s*# (?:HELP|TYPE|UNIT|EOF)\b/;

/** Read by recognisers of their own. */
const OTHERS = /^\s*(?:cilium_|hubble_)/;

const withoutMeaning = new Barren();

/** Prometheus's text format, OpenMetrics and /federate: all samples of one time that stand together. */
export const expositionSamples: Recogniser = (lines, at) => {
  const first = lines[at]?.text ?? '';
  if (withoutMeaning.has(lines, at) || !(COMMENT.test(first) || sampleOf(first) !== undefined))
    return undefined;
  const samples: Sample[] = [];
  const seen = new Set<string>();
  let ms: number | undefined;
  const run = takeWhile(lines, at, (text) => {
    if (COMMENT.test(text)) return true;
    const sample = OTHERS.test(text) ? undefined : sampleOf(text);
    if (sample === undefined) return false;
    if (meaningOf(sample.name) === undefined) return true;
    const isNext = samples.length > 0 && (sample.ms !== ms || seen.has(sample.name));
    if (isNext) return false;
    ms = sample.ms;
    seen.add(sample.name);
    samples.push(sample);
    return true;
  });
  if (samples.length === 0) {
    withoutMeaning.note(lines, at + run.lines);
    return undefined;
  }
  return foundOf(samples, 'node_exporter metrics', run.lines);
};

function sampleOf(text: string): Sample | undefined {
  const [, given, value, time] = SAMPLE.exec(text) ?? [];
  if (given === undefined || value === undefined) return undefined;
  const name = acceptQueueMetric(given, text) ?? given;
  // A word and a number is no metric: names of metrics are of several words, or stand with labels or a time.
  const isMetric = /[_:.]/.test(name) && !/^(?:net|sys)\./.test(name);
  return isMetric ? { name, value: Number(value.replaceAll(',', '')), ms: epochMs(time) } : undefined;
}

/** telegraf's line protocol: `conntrack,host=a nf_conntrack_count=131070i,nf_conntrack_max=131072i 1716200000000000000`. */
export const telegrafLine: Recogniser = (lines, at) => {
  const [, measurement = '', fields, time] =
    /^(?:> )?([A-Za-z_]{3,40})(?:,[^\s]{1,400})?\s+([A-Za-z_][\w.]{1,60}=[^\s]{1,1500})(?:\s+(\d{10,19}))?\s*$/.exec(
      lines[at]?.text ?? '',
    ) ?? [];
  if (fields === undefined || !/^(?:conntrack|ethtool|netstat|nstat)$/.test(measurement)) return undefined;
  const samples = fields.split(',').flatMap((field): Sample[] => {
    const [, name = '', value] = /^([\w.]{2,60})=(\d{1,20}(?:\.\d{1,9})?)[iu]?$/.exec(field) ?? [];
    const full = meaningOf(name) === undefined ? `${measurement}_${name}` : name;
    return value === undefined ? [] : [{ name: full, value: Number(value), ms: epochMs(time) }];
  });
  return foundOf(samples, 'telegraf metrics', 1);
};
