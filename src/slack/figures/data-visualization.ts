/**
 * Slack's block for charts, which `@slack/types` 3.2.0 does not have yet (docs.slack.dev, data visualization block, since June 2026).
 * Its limits are in `block-limits.ts`; pies and lines are left out because nothing here draws them.
 */
export interface DataVisualizationBlock {
  readonly type: 'data_visualization';
  readonly block_id?: string;
  readonly title: string;
  readonly chart: {
    readonly type: 'bar';
    readonly series: readonly ChartSeries[];
    readonly axis_config: {
      /** What each series has exactly one point for. */
      readonly categories: readonly string[];
      readonly x_label?: string;
      readonly y_label?: string;
    };
  };
}

/** The points of one name, by category. */
export interface ChartSeries {
  readonly name: string;
  readonly data: readonly { readonly label: string; readonly value: number }[];
}
