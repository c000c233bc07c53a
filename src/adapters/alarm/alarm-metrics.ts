import * as z from 'zod';

/** One metric of an alarm, in the same words whichever transport it came over. */
export interface MetricEntry {
  /** Such as `AWS/ApplicationELB`; empty for an expression. */
  readonly namespace: string;
  readonly name: string;
  /** `Average`, `SampleCount`, `p99`; empty for an expression. */
  readonly statistic: string;
  /** Label or formula, when the entry is an expression. */
  readonly expression: string | undefined;
  /** Whether this is the one the alarm watches. */
  readonly isWatched: boolean;
  readonly dimensions: readonly { readonly name: string; readonly value: string }[];
}

/** What an alarm is whose event names no metric. */
export type OtherKind = 'composite alarm' | 'log alarm' | 'alarm of a kind that is not known here';

/**
 * Tells the kind of alarm by what its event holds instead of metrics: a rule, or the query that runs over logs (Amazon
 * CloudWatch API reference, PutCompositeAlarm and PutLogAlarm).
 */
export function otherKind(keys: readonly string[]): OtherKind {
  if (keys.some((key) => /^alarmRule$/i.test(key))) return 'composite alarm';
  return keys.some((key) => /query/i.test(key)) ? 'log alarm' : 'alarm of a kind that is not known here';
}

/** `configuration` of EventBridge events and alarm actions; only a metric alarm has metrics. */
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
                namespace: z.string().default(''),
                name: z.string(),
                dimensions: z.record(z.string(), z.string()).default({}),
              }),
            })
            .optional(),
        }),
      )
      .default([]),
  })
  .transform(({ metrics, ...others }) => ({
    otherKind: otherKind(Object.keys(others)),
    metrics: metrics.map(
      ({ returnData, expression, label, metricStat }): MetricEntry => ({
        namespace: metricStat?.metric.namespace ?? '',
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

const Trigger = z.looseObject({
  Namespace: z.string().nullish(),
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
            Metric: z.looseObject({
              Namespace: z.string().default(''),
              MetricName: z.string(),
              Dimensions: SnsDimensions,
            }),
          })
          .nullish(),
      }),
    )
    .nullish(),
});

/** `Trigger` of an SNS alarm message: one metric, with metric math a list of them, or what another kind of alarm has. */
export const SnsTrigger = Trigger.transform((trigger) => ({
  metrics: metricsOf(trigger),
  keys: Object.keys(trigger),
}));

function metricsOf({
  Namespace,
  MetricName,
  Statistic,
  ExtendedStatistic,
  Dimensions,
  Metrics,
}: z.output<typeof Trigger>): MetricEntry[] {
  if (Metrics !== undefined && Metrics !== null) {
    return Metrics.map(({ ReturnData, Expression, Label, MetricStat }) => ({
      namespace: MetricStat?.Metric.Namespace ?? '',
      name: MetricStat?.Metric.MetricName ?? '',
      statistic: statisticWord(MetricStat?.Stat ?? ''),
      expression: Expression ? Label || Expression : undefined,
      isWatched: ReturnData,
      dimensions: MetricStat?.Metric.Dimensions ?? [],
    }));
  }
  if (!MetricName) return [];
  const statistic = statisticWord(ExtendedStatistic || Statistic || '');
  return [
    {
      namespace: Namespace ?? '',
      name: MetricName,
      statistic,
      expression: undefined,
      isWatched: true,
      dimensions: Dimensions ?? [],
    },
  ];
}

/** What the alarm watches: `TargetResponseTime p99`, the label of its expression, or what it is where it has no metric. */
export function metricPhrase(metrics: readonly MetricEntry[], kind: OtherKind): string {
  const watched = metrics.find(({ isWatched }) => isWatched) ?? metrics[0];
  if (watched === undefined) return kind;
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
