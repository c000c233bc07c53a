/** One value of what an alarm watches. */
export interface AlarmValue {
  readonly value: number;
  /** ISO 8601 in UTC; absent where the alarm's sentence has no times. */
  readonly at?: string;
}

/** What an alarm's own sentence says of the metric that it watches. */
export interface AlarmValues {
  /** Oldest first. */
  readonly values: readonly AlarmValue[];
  /** What they were held against; absent where the sentence does not say it. */
  readonly threshold?: number;
}

/** A number as Java prints a double, which is how CloudWatch writes them: `1.03`, `2.5E-4`. */
const NUMBER = String.raw`-?\d{1,15}(?:\.\d{1,20})?(?:E-?\d{1,3})?`;
const DATAPOINTS = /datapoints? \[([^\]]{1,900})\]/;
const DATAPOINT = new RegExp(
  String.raw`(${NUMBER})(?: \((\d\d)/(\d\d)/(\d\d) (\d\d):(\d\d)(?::(\d\d))?\))?(?=,|$)`,
  'g',
);
const THRESHOLD = new RegExp(String.raw`threshold \((${NUMBER})\)`);

/**
 * Reads the values out of an alarm's reason: `3 out of the last 3 datapoints [1.03 (29/11/26 13:10:00), …] were greater than
 * the threshold (0.5)` (Amazon CloudWatch User Guide, alarm events), the newest first there.
 * @returns nothing where it names no values, as those of other systems do
 */
export function alarmValues(reason: string): AlarmValues | undefined {
  const [, list] = DATAPOINTS.exec(reason) ?? [];
  if (list === undefined) return undefined;
  const values = [...list.matchAll(DATAPOINT)].map(
    ([, number, day, month, year, hour, minute, second = '00']): AlarmValue => {
      const time = Date.parse(`20${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
      return Number.isNaN(time)
        ? { value: Number(number) }
        : { value: Number(number), at: new Date(time).toISOString() };
    },
  );
  if (values.length === 0) return undefined;
  const [, threshold] = THRESHOLD.exec(reason) ?? [];
  return {
    values: values.toReversed(),
    ...(threshold === undefined ? {} : { threshold: Number(threshold) }),
  };
}
