import { expect, test } from 'vitest';
import { printedMetrics } from '../../../../local/fleet/dashboard/printed.ts';
import { dashboardSvg } from '../../../../local/fleet/dashboard/svg.ts';
import { searchOf, type Widget } from '../../../../local/fleet/dashboard/template.ts';
import { simulatedMetrics } from '../../../../local/fleet/simulated.ts';
import { METRICS_NAMESPACE } from '../../../../src/core/sweep/metric-names.ts';

const ALARM_AT = Date.parse('2026-11-27T18:00:00Z');

const widget = (metric: string, y: number): Widget => ({
  type: 'metric',
  x: 0,
  y,
  width: 8,
  height: 6,
  properties: {
    title: `${metric}: what it means`,
    metrics: [
      [
        {
          expression: `SEARCH('{${METRICS_NAMESPACE},Cluster,NodeGroup} MetricName="${metric}"', 'Maximum', 300)`,
        },
      ],
    ],
  },
});

test('a half a day of the fleet is foreseen an hour before it hurts, drops packets while it does, and none after the raise', async () => {
  const values = await simulatedMetrics(ALARM_AT);
  const of = (metric: string) =>
    values.filter((one) => one.metric === metric && one.dimensions.join() === 'all,all');
  const [first] = of('MinutesToFull');
  expect(ALARM_AT - (first?.at ?? ALARM_AT)).toBeGreaterThan(60 * 60_000);
  const dropping = of('FullTableDropsPerSecond').filter(({ value }) => value > 0);
  expect(dropping.length).toBeGreaterThan(0);
  expect(dropping.every(({ at }) => Math.abs(at - ALARM_AT) <= 30 * 60_000)).toBe(true);
  expect(of('TableUse').at(-1)?.value).toBeLessThan(50);
  expect(of('NodesUnseen').every(({ value }) => value === 1)).toBe(true);
});

test('a widget is drawn with what its search finds, and says where that is nothing', () => {
  const line = (at: number, use: number) =>
    JSON.stringify({
      _aws: {
        Timestamp: at,
        CloudWatchMetrics: [
          {
            Namespace: METRICS_NAMESPACE,
            Dimensions: [['Cluster', 'NodeGroup']],
            Metrics: [{ Name: 'TableUse', Unit: 'Percent' }],
          },
        ],
      },
      Cluster: '<shop>',
      NodeGroup: 'all',
      TableUse: use,
    });
  const log = ['no metric', '{"_aws":', line(ALARM_AT, 40), line(ALARM_AT + 60_000, 50), '{"_aws":{}}'];
  const values = printedMetrics(log.join('\n'));
  expect(values.map(({ value }) => value)).toEqual([40, 50]);
  const svg = dashboardSvg([widget('TableUse', 20), widget('MinutesToFull', 26)], values).text;
  expect(svg).toContain('&lt;shop&gt; all');
  expect(svg.match(/<path /g)).toHaveLength(1);
  expect(svg.match(/No data available/g)).toHaveLength(1);
});

test('a widget that searches nothing is none of the fleet', () => {
  const errors = {
    ...widget('TableUse', 0),
    properties: { title: 'Errors', metrics: [['AWS/Lambda', 'Errors']] },
  };
  expect(searchOf(errors)).toBeUndefined();
});
