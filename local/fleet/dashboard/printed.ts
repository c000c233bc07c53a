import * as z from 'zod';

/** A line of CloudWatch's embedded metric format, as far as a dashboard needs it (CloudWatch user guide, its specification). */
const Line = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

/** One value of one metric. */
export interface PrintedValue {
  readonly namespace: string;
  readonly metric: string;
  /** Values of its dimensions, in their order. */
  readonly dimensions: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

/** What CloudWatch would take from a function's log; lines that are none of its format are left out. */
export function printedMetrics(log: string): readonly PrintedValue[] {
  return log.split('\n').flatMap((line) => {
    if (!line.includes('"_aws"')) return [];
    const parsed = Line.safeParse(parsedJson(line));
    if (!parsed.success) return [];
    const { _aws, ...fields } = parsed.data;
    return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((names) =>
        Metrics.flatMap(({ Name }): PrintedValue[] => {
          const value = fields[Name];
          if (typeof value !== 'number') return [];
          const dimensions = names.map((name) => String(fields[name]));
          return [{ namespace: Namespace, metric: Name, dimensions, at: _aws.Timestamp, value }];
        }),
      ),
    );
  });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
