import type { Alarm } from '../../record/alarm.ts';

/**
 * Units of metrics whose reason names a number without one. The names are those of one namespace only; `Latency` is in seconds
 * for a classic load balancer and in milliseconds for API Gateway, so it has none here.
 */
const UNITS: readonly (readonly [metric: RegExp, unit: string])[] = [[/^TargetResponseTime\b/, 's']];

/** CloudWatch's sentence on a metric alarm: the newest datapoint stands first in the brackets, and then the threshold. */
const CROSSED =
  /^Threshold Crossed: [^[\]]{0,80}\[(-?\d[\d.]{0,20}(?:E-?\d{1,3})?) \([^)]*\)[^\]]*\][^()]{0,80}\((-?\d[\d.]{0,20}(?:E-?\d{1,3})?)\)/;

/** What the alarm measured, and what it was held against, as people read it: `2.4 s` and `1 s`; nothing where it does not say. */
export function alarmValue({ reason, metric }: Pick<Alarm, 'reason' | 'metric'>): AlarmValue | undefined {
  const [, value, limit] = CROSSED.exec(reason) ?? [];
  if (value === undefined || limit === undefined) return undefined;
  const unit = UNITS.find(([name]) => name.test(metric))?.[1];
  const shown = (number: string) =>
    [rounded(Number(number)), ...(unit === undefined ? [] : [unit])].join(' ');
  return { value: shown(value), limit: shown(limit) };
}

/** A measured value with the limit of its alarm. */
export interface AlarmValue {
  readonly value: string;
  readonly limit: string;
}

/** Three digits say enough of a latency. */
const rounded = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 3 });
