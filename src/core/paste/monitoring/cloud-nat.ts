import { type Observation, observationLine } from '../../parse/observations.ts';
import { counted, show } from '../../words.ts';
import { Barren, type Found, type Recogniser, takeWhile } from '../found.ts';

/** A cloud's metric of what its address translation refused for want of a port. */
export interface NatMetric {
  /** Who refused, as a sentence begins with it. */
  readonly by: string;
  readonly what: 'connection' | 'packet';
  /** The metric as its cloud calls it. */
  readonly source: string;
  /** What the metric says where it is above zero, a clause. */
  readonly meaning: string;
}

/** What it is called where it is told; it is of no machine. */
export const OF_A_CLOUD = 'address translation of a cloud';

/** AWS: "Monitor NAT gateways with Amazon CloudWatch". */
export const AWS_NAT: NatMetric = {
  by: 'The NAT gateway',
  what: 'connection',
  source: 'ErrorPortAllocation',
  meaning: 'the gateway had no source port left for that destination',
};

/** Azure: "Standard load balancer diagnostics", "SNAT Connection Count" with the state Failed. */
export const AZURE_SNAT: NatMetric = {
  by: 'Azure’s SNAT',
  what: 'connection',
  source: 'SNAT Connection Count, Failed',
  meaning: 'the ports that were allocated to the node were used up',
};

/** Google: "Cloud NAT monitoring", dropped_sent_packets_count with the reason OUT_OF_RESOURCES. */
export const GOOGLE_NAT: NatMetric = {
  by: 'Cloud NAT',
  what: 'packet',
  source: 'dropped_sent_packets_count, OUT_OF_RESOURCES',
  meaning: 'the gateway had no address or port left for the node',
};

/** What such a metric counted, in one or several values, as an observation. */
export function refusedFound(
  { by, what, source, meaning }: NatMetric,
  values: readonly number[],
  lines: number,
): Found {
  const count = values.reduce((sum, value) => sum + value, 0);
  const periods = values.length > 1 ? ` in ${counted(values.length, 'value')}` : '';
  const refused: NonNullable<Observation['refused']> = { by, count, what, source };
  return {
    source: 'observations',
    name: OF_A_CLOUD,
    lines,
    text: observationLine({
      kind: 'note',
      says:
        count === 0
          ? `${source} is 0${periods}: ${by.replace(/^The /, 'the ')} refused nothing for want of a port.`
          : `${source}: ${counted(count, what)} refused${periods}, so ${meaning}.`,
      refused,
    }),
    keys: [],
  };
}

/** A number as portals and people print it: `18.2k`, `18,234`, `4211.0`. */
const AMOUNT = String.raw`(\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?)\s?([kKM])?(?![\d:.-])`;

function amount(digits: string | undefined, unit: string | undefined): number | undefined {
  if (digits === undefined) return undefined;
  const factor = unit === undefined ? 1 : unit === 'M' ? 1_000_000 : 1_000;
  return Math.round(Number(digits.replaceAll(',', '')) * factor);
}

const AWS_VALUE = new RegExp(String.raw`ErrorPortAllocation\W{1,40}(?:(?:Sum|sum|total)\W{1,12})?${AMOUNT}`);

/** What CloudWatch prints around the values of one metric, as JSON or YAML that was cut, as text or as a table. */
const CLOUDWATCH_ROW =
  /^\s*(?:[{}[\],]+|-?\s{0,4}"?(?:Label|Datapoints|Timestamps?|Sum|Unit|Maximum|Average|Minimum|SampleCount|Id|Values|StatusCode)"?:.*|\{\s*"(?:Timestamp|Sum|Maximum|Average|SampleCount|Unit)".*\},?|-?\s?['"]?[\d.T:Z+-]+['"]?,?|(?:DATAPOINTS|TIMESTAMPS|VALUES)\s.*|[-+|]{3,}|\|[^|].*\||\|\|.*\|\||\|[-+]+\|)\s*$/;

const withoutName = new Barren();

/** ErrorPortAllocation of a NAT gateway: as a line, or with what CloudWatch prints around its values, in any form. */
export const awsNat: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const isTop = /^\s*(?:-{20,}|"?Datapoints"?:.*)\s*$/.test(text);
  if (!(isTop || text.includes(AWS_NAT.source)) || withoutName.has(lines, at)) return undefined;
  let isNamed = false;
  const run = takeWhile(lines, at, (row) => {
    const hasName = row.includes(AWS_NAT.source);
    if (hasName && isNamed) return false;
    isNamed ||= hasName;
    return hasName || CLOUDWATCH_ROW.test(row);
  });
  if (!isNamed) {
    withoutName.note(lines, at + run.lines);
    return undefined;
  }
  const [, digits, unit] = AWS_VALUE.exec(text) ?? [];
  const own = amount(digits, unit);
  const values = own === undefined ? valuesOf(run.taken) : [own];
  const rows = own === undefined ? run.lines : 1;
  return values.length === 0 ? undefined : refusedFound(AWS_NAT, values, rows);
};

/** The values among what CloudWatch prints: `"Sum": 3.0`, a row of `DATAPOINTS` or `VALUES`, a row of a table with its time. */
function valuesOf(rows: readonly string[]): readonly number[] {
  let isList = false;
  return rows.flatMap((row) => {
    if (/"?Values"?:/.test(row)) isList = true;
    else if (/"?(?:Timestamps?|Id|Label|StatusCode)"?:/.test(row)) isList = false;
    const value =
      /"?(?:Sum|Maximum|Average)"?: {0,4}(\d{1,15}(?:\.\d{1,9})?)/.exec(row)?.[1] ??
      /^\s*(?:DATAPOINTS|VALUES)\s+(\d{1,15}(?:\.\d{1,9})?)\b/.exec(row)?.[1] ??
      /^\s{0,40}\|\|\s{0,40}(\d{1,15}(?:\.\d{1,9})?)\s{0,40}\|\s{0,40}\d{4}-\d\d-/.exec(row)?.[1] ??
      (isList ? /^\s*-?\s?(\d{1,15}\.\d{1,9}),?\s*$/.exec(row)?.[1] : undefined);
    return value === undefined ? [] : [Number(value)];
  });
}

const AZURE = /SNAT ?Connection ?Count/i;
const AZURE_FAILED = new RegExp(
  String.raw`\b(?:state\s?[:=]\s?)?failed\b["')]{0,2}\s{0,30}[|:=,]?\s{0,30}${AMOUNT}\s*\|?\s*$`,
  'i',
);
/** What stands around the values: a heading, a rule of a table, the values of other states. */
const AZURE_ROW =
  /^\s*(?:[-+|=]{3,}[-+|=\s]*|Timestamp\s.{0,200}|\|?\s*(?:failed|pending|successful|attempted|total)\b\W{0,30}\d.{0,60}|\d{4}-\d\d-\d\d[T ]\d\d:.{0,200})$/i;

/** Azure's SNAT Connection Count with the state Failed: a line, a portal's list or the table of its command. */
export const azureSnat: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const isTop = /^\s*Timestamp\s.*Connectionstate/i.test(text);
  if (!(isTop || AZURE.test(text))) return portsFound(lines, at);
  const values: number[] = [];
  let hasMetric = false;
  const run = takeWhile(lines, at, (row) => {
    const isMetric = AZURE.test(row);
    hasMetric ||= isMetric;
    const [, digits, unit] = hasMetric ? (AZURE_FAILED.exec(row) ?? []) : [];
    const value = amount(digits, unit);
    if (value !== undefined) values.push(value);
    return isMetric || AZURE_ROW.test(row);
  });
  return values.length === 0 ? undefined : refusedFound(AZURE_SNAT, values, run.lines);
};

const USED_PORTS = new RegExp(String.raw`\bUsed SNAT Ports\W{1,10}${AMOUNT}`, 'i');
const ALLOCATED_PORTS = new RegExp(String.raw`\bAllocated SNAT Ports\W{1,10}${AMOUNT}`, 'i');

/** `Used SNAT Ports` beside `Allocated SNAT Ports`, in either order. */
function portsFound(lines: Parameters<Recogniser>[0], at: number): Found | undefined {
  const [first, second] = [lines[at]?.text ?? '', lines[at + 1]?.text ?? ''];
  const both = `${first}\n${second}`;
  const [, usedDigits, usedUnit] = USED_PORTS.exec(both) ?? [];
  const [, allDigits, allUnit] = ALLOCATED_PORTS.exec(both) ?? [];
  const [used, all] = [amount(usedDigits, usedUnit), amount(allDigits, allUnit)];
  if (used === undefined || all === undefined) return undefined;
  const isOnOne = USED_PORTS.test(first) && ALLOCATED_PORTS.test(first);
  return {
    source: 'observations',
    name: OF_A_CLOUD,
    lines: isOnOne ? 1 : 2,
    text: observationLine({
      kind: used >= all ? 'loss' : 'note',
      says: `${show(used)} of ${counted(all, 'SNAT port')} that Azure allocated ${used >= all ? 'are used: new connections to a destination that holds them all fail outside the node' : 'are used'}.`,
    }),
    keys: [],
  };
}

const GOOGLE_DROPPED = /\bdropped_sent_packets_count\b/;
const GOOGLE_VALUE = new RegExp(
  String.raw`OUT_OF_RESOURCES["'})]{0,3}\s{0,30}[|:=,]?\s{0,30}${AMOUNT}(?=[\s,;|]|$)`,
);
const GOOGLE_FAILED = /\bnat_allocation_failed\b\W{0,40}(?:value\W{1,4})?(true|false|1|0)\b/;

/** Google's Cloud NAT: packets that it dropped for want of resources, an allocation that failed, its own log. */
export const googleNat: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const [, digits, unit] = GOOGLE_DROPPED.test(text) ? (GOOGLE_VALUE.exec(text) ?? []) : [];
  const value = amount(digits, unit);
  if (value !== undefined) return refusedFound(GOOGLE_NAT, [value], 1);
  const next = lines[at + 1];
  const isOnNext =
    /\bnat_allocation_failed\b\W*$/.test(text) &&
    /^\s*value\W/.test(next?.command === undefined ? (next?.text ?? '') : '');
  const failed = GOOGLE_FAILED.exec(isOnNext ? `${text} ${next?.text ?? ''}` : text)?.[1];
  if (failed !== undefined) return allocationFound(/true|1/.test(failed), isOnNext ? 2 : 1);
  const dropped = takeWhile(lines, at, (row) => /"allocation_status"\s?:\s?"DROPPED"/.test(row));
  return dropped.taken.length === 0
    ? undefined
    : refusedFound(
        { ...GOOGLE_NAT, source: 'allocation_status DROPPED' },
        [dropped.taken.length],
        dropped.lines,
      );
};

function allocationFound(hasFailed: boolean, lines: number): Found {
  return {
    source: 'observations',
    name: OF_A_CLOUD,
    lines,
    text: observationLine({
      kind: hasFailed ? 'loss' : 'note',
      says: hasFailed
        ? 'nat_allocation_failed is true: Cloud NAT has no address or port left for some nodes, so their new connections to the internet fail outside them.'
        : 'nat_allocation_failed is false: Cloud NAT had a port for every node.',
    }),
    keys: [],
  };
}
