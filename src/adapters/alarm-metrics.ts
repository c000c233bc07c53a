import * as z from 'zod';

/** One metric of an alarm, in the same words whichever transport it came over. */
export interface MetricEntry {
  readonly name: string;
  /** `Average`, `SampleCount`, `p99`; empty for an expression. */
  readonly statistic: string;
  /** Label or formula, when the entry is an expression. */
  readonly expression: string | undefined;
  /** Whether this is the one the alarm watches. */
  readonly isWatched: boolean;
  readonly dimensions: readonly { readonly name: string; readonly value: string }[];
}

/** `configuration` of EventBridge events and alarm actions; a composite alarm has no metrics. */
export const EventConfiguration = z
  .looseObject({
    metrics: z
      .array(
        z.looseObject({
          returnData: z.boolean().default(true),
          expression: z.string().optional(),
          label: z.string().optional(),
          metricStat: z
            .looseObject({
              stat: z.string(),
              metric: z.looseObject({
                name: z.string(),
                dimensions: z.record(z.string(), z.string()).default({}),
              }),
            })
            .optional(),
        }),
      )
      .default([]),
  })
  .transform(({ metrics }) => ({
    metrics: metrics.map(
      ({ returnData, expression, label, metricStat }): MetricEntry => ({
        name: metricStat?.metric.name ?? '',
        statistic: metricStat === undefined ? '' : statisticWord(metricStat.stat),
        expression: expression === undefined ? undefined : label || expression,
        isWatched: returnData,
        dimensions: Object.entries(metricStat?.metric.dimensions ?? {}).map(([name, value]) => ({
          name,
          value,
        })),
      }),
    ),
  }));

const SnsDimensions = z.array(z.looseObject({ name: z.string(), value: z.string() })).default([]);

/** `Trigger` of an SNS alarm message: one metric, or with metric math a list of them. */
export const SnsTrigger = z
  .looseObject({
    MetricName: z.string().nullish(),
    Statistic: z.string().nullish(),
    ExtendedStatistic: z.string().nullish(),
    Dimensions: SnsDimensions.nullish(),
    Metrics: z
      .array(
        z.looseObject({
          ReturnData: z.boolean().default(true),
          Expression: z.string().nullish(),
          Label: z.string().nullish(),
          MetricStat: z
            .looseObject({
              Stat: z.string(),
              Metric: z.looseObject({ MetricName: z.string(), Dimensions: SnsDimensions }),
            })
            .nullish(),
        }),
      )
      .nullish(),
  })
  .transform(({ MetricName, Statistic, ExtendedStatistic, Dimensions, Metrics }): MetricEntry[] => {
    if (Metrics !== undefined && Metrics !== null) {
      return Metrics.map(({ ReturnData, Expression, Label, MetricStat }) => ({
        name: MetricStat?.Metric.MetricName ?? '',
        statistic: statisticWord(MetricStat?.Stat ?? ''),
        expression: Expression ? Label || Expression : undefined,
        isWatched: ReturnData,
        dimensions: MetricStat?.Metric.Dimensions ?? [],
      }));
    }
    const statistic = statisticWord(ExtendedStatistic || Statistic || '');
    return [
      {
        name: MetricName ?? '',
        statistic,
        expression: undefined,
        isWatched: true,
        dimensions: Dimensions ?? [],
      },
    ];
  });

/** What the alarm watches: `TargetResponseTime p99`, or the label of its expression. */
export function metricPhrase(metrics: readonly MetricEntry[]): string {
  const watched = metrics.find(({ isWatched }) => isWatched) ?? metrics[0];
  if (watched === undefined) return 'composite alarm';
  return watched.expression ?? `${watched.name} ${watched.statistic}`.trim();
}

/** SNS shouts the plain statistics (`SAMPLE_COUNT`), the events write them as the API does (`SampleCount`). */
function statisticWord(text: string): string {
  if (!/^[A-Z_]+$/.test(text)) return text;
  return text.replaceAll(
    /([A-Z])([A-Z]*)_?/g,
    (_, first: string, rest: string) => first + rest.toLowerCase(),
  );
}
