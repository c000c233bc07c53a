import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type Dashboard,
  GraphWidget,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { WARNING_HOURS } from '../src/core/fleet/hours.ts';
import { type NodeTags, nodeTagsText } from '../src/core/node-tags.ts';
import { ALL } from '../src/core/sweep/groups.ts';
import { FLEET_METRICS, METRICS_NAMESPACE } from '../src/core/sweep/metric-names.ts';
import type { IncidentRecords } from './incident-records.ts';
import type { NodeDocuments } from './node-documents.ts';
import { allow } from './permissions.ts';
import type { SweepProps } from './props.ts';
import { grantSamples, sampleEnvironment, toldBy } from './sample-source.ts';
import { ServiceFunction } from './service-function.ts';

/** What the sweep over the fleet is made of. */
export interface FleetSweepProps {
  readonly documents: NodeDocuments;
  readonly records: IncidentRecords;
  readonly nodeTags: NodeTags;
  readonly logRetention?: RetentionDays;
  readonly sweep: SweepProps;
  /** What opens the quiet incident of a warning. */
  readonly intake: Pick<IFunction, 'functionArn'>;
}

/** Ten minutes and what the reading of the answers takes; longer than the interval, so a lock keeps it to one at a time. */
const SWEEP_TIME = Duration.minutes(15);

/** Looks at every node of the fleet on a schedule: readings, metrics, and alarms on them. It changes nothing. */
export class FleetSweep extends Construct {
  readonly function: ServiceFunction;
  readonly #sweep: SweepProps;
  readonly #every: Duration;

  constructor(
    scope: Construct,
    id: string,
    {
      documents,
      records,
      nodeTags,
      logRetention = RetentionDays.THREE_MONTHS,
      sweep,
      intake,
    }: FleetSweepProps,
  ) {
    super(scope, id);
    this.#sweep = sweep;
    const every = sweep.every ?? Duration.minutes(5);
    this.#every = every;
    this.function = new ServiceFunction(this, 'Sweep', {
      bundle: 'sweep',
      logRetention,
      description: 'Looks at every node of the fleet, read-only',
      timeout: SWEEP_TIME,
      environment: {
        MEDIC_TABLE: records.table.tableName,
        MEDIC_NODE_TAGS: nodeTagsText(nodeTags),
        MEDIC_INTAKE_FUNCTION: intake.functionArn,
        MEDIC_SWEEP_MINUTES: String(every.toMinutes()),
        MEDIC_WARN_UNDER_HOURS: String(sweep.warnUnderHours ?? WARNING_HOURS.warnUnder),
        MEDIC_RELEASE_ABOVE_HOURS: String(sweep.releaseAboveHours ?? WARNING_HOURS.releaseAbove),
        ...sampleEnvironment(sweep, documents),
      },
    });
    const { role, lambda } = this.function;
    grantSamples(this.function, sweep, documents);
    allow(role, 'SeeFleet', ['*']);
    records.grantSeries(role);
    allow(role, 'WarnThroughIntake', [intake.functionArn]);
    new Rule(this, 'Schedule', {
      description: 'Looks at every node of the fleet',
      schedule: Schedule.rate(every),
      // The next one does the same.
      targets: [new LambdaFunction(lambda, { retryAttempts: 0, maxEventAge: every })],
    });
  }

  /** What the doctor is told of it. */
  told(): string {
    const { source = { kind: 'ssm' } } = this.#sweep;
    return JSON.stringify({ everyMinutes: this.#every.toMinutes(), source });
  }

  /** Alarms on what the sweep can find, those that the configuration leaves on. */
  watch(topic: ITopic | undefined): void {
    const { alarms = {}, source = { kind: 'ssm' } } = this.#sweep;
    const told = toldBy(source);
    const add = (
      id: string,
      isOn: boolean | undefined,
      metric: Metric,
      threshold: number,
      below: boolean,
      why: string,
    ) => {
      if (isOn === false) return;
      const alarm = new Alarm(this, id, {
        metric: metric.with({ period: this.#every }),
        alarmDescription: why,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: below
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      if (topic === undefined) return;
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    };
    const drops = fleetMetric('FullTableDropsPerSecond', Stats.MAXIMUM);
    add(
      'Drops',
      told.table && alarms.drops,
      drops,
      0,
      false,
      'A node drops packets because its table is full; medic fleet names it.',
    );
    add(
      'TimeToFull',
      told.table && alarms.timeToFull,
      fleetMetric('MinutesToFull', Stats.MINIMUM),
      30,
      true,
      'The table of a node is likely to be full within half an hour; medic fleet names it.',
    );
    add(
      'Drift',
      told.drift && alarms.drift,
      fleetMetric('NodesDrifted', Stats.MAXIMUM),
      0,
      false,
      'On a node something that this product set is gone; medic fleet says what.',
    );
  }

  /** A graph for each number: the node groups beside each other. */
  draw(dashboard: Dashboard): void {
    const graphs = FLEET_METRICS.map(
      ({ name, means }) =>
        new GraphWidget({
          title: `${name}: ${means}`,
          width: 8,
          height: 6,
          left: [
            new MathExpression({
              expression: `SEARCH('{${METRICS_NAMESPACE},Cluster,NodeGroup} MetricName="${name}"', '${name === 'MinutesToFull' ? 'Minimum' : 'Maximum'}', 300)`,
              label: '',
              usingMetrics: {},
            }),
          ],
        }),
    );
    for (let row = 0; row < graphs.length; row += 3) dashboard.addWidgets(...graphs.slice(row, row + 3));
  }
}

const fleetMetric = (metricName: string, statistic: string): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    statistic,
    dimensionsMap: { Cluster: ALL, NodeGroup: ALL },
  });
