import { Annotations, Aspects, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnEventBusPolicy, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type Alias, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { nodeTagsText } from '../src/core/node-tags.ts';
import { ALARM_EVENT, alarmPattern } from './alarm-pattern.ts';
import { EnvironmentSize } from './environment-size.ts';
import { FleetSweep } from './fleet-sweep.ts';
import { IncidentRecords } from './incident-records.ts';
import { CHANGING_DOCUMENTS, NodeDocuments } from './node-documents.ts';
import { OwnHealth } from './own-health.ts';
import { allow } from './permissions.ts';
import { approversOf, type ConntrackMedicProps, decisionLifeOf, joinEnvironment } from './props.ts';
import { grantSecret } from './secret-access.ts';
import { type FunctionName, ServiceFunction, type ServiceFunctionProps } from './service-function.ts';
import { grantSpokes, spokesEnvironment } from './spoke-roles.ts';
import { writeOutputs } from './write-outputs.ts';

/** Slack waits three seconds; what takes longer than this has failed. */
const CLICK_SECONDS = 10;
/** Concurrent clicks; also what a flood of unsigned requests can use up. */
const CLICKS_AT_ONCE = 10;
/** Concurrent alerts by webhook, with the same in mind. */
const ALERTS_AT_ONCE = 5;
/** Concurrent changes, over all incidents. */
const CHANGES_AT_ONCE = 5;

/**
 * The whole service: alarm rule, intake, durable incident function, resolve and remediate functions, Slack and webhook endpoints,
 * records and evidence. The incident function may send only what reads; only the remediate function may send what
 * changes a node; both only to instances with a tag of the configuration.
 */
export class ConntrackMedic extends Construct {
  readonly #props: ConntrackMedicProps;

  constructor(scope: Construct, id: string, props: ConntrackMedicProps) {
    super(scope, id);
    this.#props = props;
    Aspects.of(this).add(new EnvironmentSize());
    const { slackSecret, signingSecret, nodeTags, spokes = [], commandOutput } = props;
    const documents = new NodeDocuments(this, 'Documents', nodeTags);
    const records = new IncidentRecords(this, 'Records', {
      evidenceRetention: props.evidenceRetention ?? Duration.days(90),
    });
    const lostAlarms = new Queue(this, 'LostAlarms', {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const recordsEnvironment = { MEDIC_TABLE: records.table.tableName };
    const [approversEnvironment, lifeEnvironment] = [approversOf(props), decisionLifeOf(props)];
    const notifierEnvironment = {
      MEDIC_SLACK_SECRET: slackSecret.secretArn,
      MEDIC_SLACK_CHANNEL: props.slackChannel,
      ...(props.warningChannel && { MEDIC_WARNING_CHANNEL: props.warningChannel }),
    };
    const nodeTagsEnvironment = { MEDIC_NODE_TAGS: nodeTagsText(nodeTags) };
    const signingEnvironment = { MEDIC_SIGNING_SECRET: signingSecret.secretArn };

    const remediate = this.#function('remediate', {
      description: 'Changes nodes on a stored approval',
      timeout: Duration.minutes(15),
      ...this.#reserved(CHANGES_AT_ONCE),
      environment: {
        ...recordsEnvironment,
        ...approversEnvironment,
        ...lifeEnvironment,
        ...signingEnvironment,
        ...documents.environmentOf(...CHANGING_DOCUMENTS),
        ...spokesEnvironment(this, spokes, 'remediate'),
        ...nodeTagsEnvironment,
      },
    });
    documents.grantSend(remediate.role, ...CHANGING_DOCUMENTS);
    // What a function names has to be there before the first call of its new version.
    remediate.lambda.node.addDependency(documents);
    documents.grantAssociate(remediate.role);

    const resolve = this.#function('resolve', {
      description: 'Finds the nodes behind an alarm',
      timeout: Duration.minutes(2),
      environment: {
        MEDIC_ALARM_TARGETS: JSON.stringify(props.alarmTargets ?? []),
        MEDIC_MAX_NODES: String(props.maxNodes ?? 100),
        ...(props.nodeBandwidth && { MEDIC_NODE_BANDWIDTH: JSON.stringify(props.nodeBandwidth) }),
        ...nodeTagsEnvironment,
        ...spokesEnvironment(this, spokes, 'resolve'),
      },
    });
    allow(resolve.role, 'FindNodes', ['*']);

    const helpers = { remediate: live(remediate), resolve: live(resolve) };
    const incident = this.#function('incident', {
      description: 'Follows one incident from its alarm to its end',
      timeout: Duration.minutes(15),
      durableConfig: { executionTimeout: Duration.days(3), retentionPeriod: Duration.days(30) },
      // An incident that waits for a click goes on with the version that it began with.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      deadLetterQueue: lostAlarms,
      environment: {
        ...recordsEnvironment,
        ...notifierEnvironment,
        ...lifeEnvironment,
        MEDIC_DISMISSAL_HOLD_SECONDS: String((props.dismissalHold ?? Duration.minutes(30)).toSeconds()),
        ...joinEnvironment(props),
        ...documents.environmentOf('collect', 'trace'),
        ...nodeTagsEnvironment,
        ...spokesEnvironment(this, spokes, 'incident'),
        MEDIC_EVIDENCE: records.evidence.s3UrlForObject(),
        ...(commandOutput && {
          MEDIC_COMMAND_OUTPUT: `s3://${commandOutput.bucket}/${commandOutput.prefix}`,
        }),
        MEDIC_REMEDIATE_FUNCTION: helpers.remediate.functionArn,
        MEDIC_RESOLVE_FUNCTION: helpers.resolve.functionArn,
      },
    });
    // It was durable from its first deployment on, so nothing gets replaced.
    Annotations.of(incident.lambda).acknowledgeInfo('aws-lambda:Function.DurableConfig');
    documents.grantSend(incident.role, 'collect', 'trace');
    incident.lambda.node.addDependency(documents);
    records.grantEvidence(incident.role);
    if (commandOutput !== undefined)
      allow(incident.role, 'ReadCommandOutput', [
        `arn:${Stack.of(this).partition}:s3:::${commandOutput.bucket}/${commandOutput.prefix}/*`,
      ]);
    allow(incident.role, 'CallHelpers', [helpers.remediate.functionArn, helpers.resolve.functionArn]);

    const incidentLive = live(incident);
    const starterEnvironment = {
      ...recordsEnvironment,
      MEDIC_INCIDENT_FUNCTION: incidentLive.functionArn,
      ...(props.traceLink && { MEDIC_TRACE_LINK: props.traceLink }),
    };
    const intake = this.#function('intake', {
      description: 'Takes alarms and opens, counts or closes their incidents',
      // A table that is away is waited for (lambdas/intake.ts): nobody says twice that an alarm fires.
      timeout: Duration.minutes(4),
      deadLetterQueue: lostAlarms,
      environment: {
        ...starterEnvironment,
        ...notifierEnvironment,
        MEDIC_EVIDENCE: records.evidence.s3UrlForObject(),
      },
    });
    records.grantPages(intake.role);
    records.grantSeriesReading(intake.role);
    const intakeLive = live(intake);
    const slack = this.#function('slack', {
      description: 'Takes clicks from Slack',
      timeout: Duration.seconds(CLICK_SECONDS),
      ...this.#reserved(CLICKS_AT_ONCE),
      environment: {
        ...starterEnvironment,
        ...notifierEnvironment,
        ...signingEnvironment,
        ...approversEnvironment,
        MEDIC_INTAKE_FUNCTION: intakeLive.functionArn,
      },
    });
    allow(slack.role, 'AskIntake', [intakeLive.functionArn]);
    const webhook = this.#function('webhook', {
      description: 'Takes alerts of Alertmanager, Grafana and SkyWalking',
      ...this.#reserved(ALERTS_AT_ONCE),
      environment: { ...starterEnvironment, ...notifierEnvironment },
    });
    const reconcile = this.#function('reconcile', {
      description: 'Does every minute what is still owed to open incidents',
      timeout: Duration.minutes(1),
      environment: { ...starterEnvironment, ...notifierEnvironment },
    });
    for (const { role } of [intake, slack, webhook, reconcile]) {
      allow(role, 'StartIncident', [incidentLive.functionArn]);
      allow(role, 'WakeIncident', [`${incident.lambda.functionArn}:*`]);
    }
    incident.allowOnItself('WakeIncident');
    for (const { role } of [slack, reconcile])
      allow(role, 'SeeExecutions', [incident.lambda.functionArn, `${incident.lambda.functionArn}:*`]);
    const keepers = [intake, incident, reconcile, remediate, slack, webhook];
    records.grantRecords(...keepers.map(({ role }) => role));
    records.grantCounting(intake.role, reconcile.role, slack.role, webhook.role);
    records.grantUnfinished(reconcile.role);
    const speakers = [intake, incident, reconcile, slack, webhook];
    records.grantPace(...speakers.map(({ role }) => role));
    grantSecret('ReadSlackSecret', slackSecret, ...speakers.map(({ role }) => role));
    grantSecret('ReadSigningSecret', signingSecret, slack.role, remediate.role);
    records.grantClicks({ keeps: slack.role, reads: remediate.role });
    for (const [name, { role }] of Object.entries({ remediate, resolve, incident }))
      grantSpokes(role, spokes, name as 'remediate' | 'resolve' | 'incident');

    this.#openFor(intake, lostAlarms);
    new Rule(this, 'EveryMinute', {
      description: 'Has what is owed to open incidents of conntrack-medic done',
      schedule: Schedule.rate(Duration.minutes(1)),
      // The next minute does the same.
      targets: [new LambdaFunction(reconcile.lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    // Slack signs its requests, and alerts carry the shared secret; both handlers verify that before they read anything.
    const slackUrl = slack.lambda.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    const webhookUrl = webhook.lambda.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    const { sweep = {} } = props;
    const swept = { ...props, documents, records, intake: intakeLive };
    const fleet = sweep === false ? undefined : new FleetSweep(this, 'Fleet', { ...swept, sweep });
    const health = new OwnHealth(this, 'Health', {
      functions: {
        ...(fleet && { Sweep: fleet.function.lambda }),
        Intake: intake.lambda,
        Incident: incident.lambda,
        Reconcile: reconcile.lambda,
        Resolve: resolve.lambda,
        Remediate: remediate.lambda,
        Slack: slack.lambda,
        Webhook: webhook.lambda,
      },
      open: { Slack: slack.lambda, Webhook: webhook.lambda },
      incident: incident.lambda,
      slack: slack.lambda,
      lostAlarms,
      topic: props.healthTopic,
    });
    fleet?.watch(props.healthTopic);
    fleet?.draw(health.dashboard);
    writeOutputs(this, {
      IncidentTable: records.table.tableName,
      EvidenceBucket: records.evidence.bucketName,
      SlackUrl: slackUrl.url,
      WebhookUrl: webhookUrl.url,
      SlackSecret: slackSecret.secretArn,
      SigningSecret: signingSecret.secretArn,
      SlackChannel: props.slackChannel,
      SlackTeam: props.slackTeam ?? 'none',
      Approvers: props.approvers.join(',') || 'none',
      NodeTag: nodeTagsText(nodeTags),
      AlarmNamePrefix: props.alarmNamePrefix,
      IntakeFunction: intake.lambda.functionName,
      IncidentFunction: incidentLive.functionArn,
      RemediateFunction: helpers.remediate.functionArn,
      ResolveFunction: helpers.resolve.functionArn,
      SlackFunction: slack.lambda.functionName,
      WebhookFunction: webhook.lambda.functionName,
      ...documents.outputs(),
      Sweep: fleet === undefined ? 'none' : fleet.told(),
      LostAlarmsQueue: lostAlarms.queueUrl,
      Dashboard: health.dashboard.dashboardName,
    });
  }

  #function(
    bundle: FunctionName,
    props: Omit<ServiceFunctionProps, 'bundle' | 'logRetention'>,
  ): ServiceFunction {
    const id = `${bundle.charAt(0).toUpperCase()}${bundle.slice(1)}`;
    const logRetention = this.#props.logRetention ?? RetentionDays.THREE_MONTHS;
    return new ServiceFunction(this, id, { bundle, logRetention, ...props });
  }

  #reserved(count: number): { reservedConcurrentExecutions?: number } {
    return this.#props.reserveConcurrency === false ? {} : { reservedConcurrentExecutions: count };
  }

  /** Sends alarms of this account, and of the spokes that forward theirs, to the intake. */
  #openFor(intake: ServiceFunction, deadLetterQueue: Queue): void {
    const { alarmNamePrefix, spokes = [] } = this.#props;
    new Rule(this, 'Alarms', {
      description: 'Alarms that open incidents of conntrack-medic',
      eventPattern: alarmPattern(alarmNamePrefix),
      targets: [new LambdaFunction(intake.lambda, { deadLetterQueue })],
    });
    for (const account of new Set(spokes.map((spoke) => spoke.account))) {
      new CfnEventBusPolicy(this, `AlarmsOf${account}`, {
        statementId: `conntrack-medic-${account}`,
        statement: {
          Effect: 'Allow',
          Principal: { AWS: `arn:${Stack.of(this).partition}:iam::${account}:root` },
          Action: 'events:PutEvents',
          // As AWS's own example for another account has it. A condition for all values holds where there are none, too.
          Condition: {
            Null: { 'events:source': 'false' },
            'ForAllValues:StringEquals': { 'events:source': ALARM_EVENT.source },
            StringEquals: { 'events:detail-type': ALARM_EVENT.detailType },
          },
          Resource: Stack.of(this).formatArn({
            service: 'events',
            resource: 'event-bus',
            resourceName: 'default',
          }),
        },
      });
    }
  }
}

/** Callers use an alias, which the durable runtime demands and which makes a deployment one switch. */
function live({ lambda }: ServiceFunction): Alias {
  return lambda.addAlias('live');
}
