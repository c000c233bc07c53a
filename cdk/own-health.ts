import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  Stats,
  TextWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** What is watched. */
export interface OwnHealthProps {
  readonly functions: Readonly<Record<string, Function>>;
  /** The durable one among them. */
  readonly incident: Function;
  /** Those that anyone can send a request to. */
  readonly open: Readonly<Record<string, Function>>;
  /** The one that Slack waits for. */
  readonly slack: Function;
  /** Queue with the events that could not be handled. */
  readonly lostAlarms: Queue;
  /**
   * Told of every alarm that begins and ends.
   *
   * @default - nobody is told
   */
  readonly topic?: ITopic | undefined;
}

const PERIOD = Duration.minutes(5);
/** Slack gives an answer three seconds. */
const SLOW_ANSWER_MS = 2500;

/** The service's own alarms and dashboard: what watches others must not fail unseen. */
export class OwnHealth extends Construct {
  readonly dashboard: Dashboard;
  readonly #topic: ITopic | undefined;

  constructor(scope: Construct, id: string, props: OwnHealthProps) {
    super(scope, id);
    const { functions, incident, open, slack, lostAlarms, topic } = props;
    this.#topic = topic;
    const each = (metric: (one: Function) => IMetric) => Object.values(functions).map(metric);
    const executions = (name: string, statistic: string = Stats.SUM) =>
      new Metric({
        namespace: 'AWS/Lambda',
        metricName: name,
        dimensionsMap: { FunctionName: incident.functionName },
        statistic,
        period: PERIOD,
      });
    const lost = lostAlarms.metricApproximateNumberOfMessagesVisible({
      period: PERIOD,
      statistic: Stats.MAXIMUM,
    });
    const answers = slack.metricDuration({ period: PERIOD, statistic: 'p99' });

    this.#watch('LostAlarms', lost, 'An event could not be handled and lies in the queue of lost alarms.');
    for (const [name, one] of Object.entries(functions))
      this.#watch(
        `${name}Errors`,
        one.metricErrors({ period: PERIOD }),
        `The ${name} function failed; read its log.`,
      );
    this.#watch(
      'IncidentsFailed',
      executions('DurableExecutionFailed'),
      'An incident ended by an error of the service; its card is not kept up any more.',
    );
    for (const [name, one] of Object.entries(open))
      this.#watch(
        `${name}Throttled`,
        one.metricThrottles({ period: PERIOD }),
        `Requests to the ${name} URL were turned away: more of them than the reserved concurrency takes.`,
      );
    this.#watch('SlackSlow', answers, 'Slack gives up after three seconds; clicks come close to that.', {
      threshold: SLOW_ANSWER_MS,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    });

    this.dashboard = new Dashboard(this, 'Dashboard');
    this.dashboard.addWidgets(
      new TextWidget({ width: 24, height: 2, markdown: linksMarkdown(incident, lostAlarms) }),
    );
    this.dashboard.addWidgets(
      graph('Incidents', [
        executions('DurableExecutionStarted'),
        executions('DurableExecutionSucceeded'),
        executions('DurableExecutionFailed'),
        executions('DurableExecutionTimedOut'),
      ]),
      graph('Incidents running', [executions('ApproximateRunningDurableExecutions', Stats.MAXIMUM)]),
      graph('Lost alarms', [lost]),
    );
    this.dashboard.addWidgets(
      graph(
        'Errors',
        each((one) => one.metricErrors({ period: PERIOD })),
      ),
      graph(
        'Throttles',
        each((one) => one.metricThrottles({ period: PERIOD })),
      ),
      graph('Answers to Slack, p99', [answers]),
    );
    this.dashboard.addWidgets(
      graph(
        'Invocations',
        each((one) => one.metricInvocations({ period: PERIOD })),
      ),
      graph(
        'Durations, p99',
        each((one) => one.metricDuration({ period: PERIOD, statistic: 'p99' })),
      ),
      graph('Operations of one incident, of 3,000 at most', [
        executions('DurableExecutionOperations', Stats.MAXIMUM),
      ]),
    );
  }

  #watch(id: string, metric: IMetric, alarmDescription: string, changes: Partial<AlarmProps> = {}): void {
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...changes,
    });
    if (this.#topic === undefined) return;
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8, height: 6 });
}

/** The way from the dashboard to the step-by-step history that the durable runtime keeps of every incident. */
function linksMarkdown(incident: Function, lostAlarms: Queue): string {
  const { region } = incident.stack;
  const lambda = `https://${region}.console.aws.amazon.com/lambda/home?region=${region}#/functions`;
  return `[History of every incident](${lambda}/${incident.functionName}?tab=durableExecutions) · lost alarms: ${lostAlarms.queueName}`;
}
