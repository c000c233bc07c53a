import { Annotations, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeployConfig } from './config.ts';
import { NodeDocuments } from './node-documents.ts';
import { serviceFunction } from './service-function.ts';
import { writeOutputs } from './write-outputs.ts';

/** What finding the nodes behind an alarm asks of AWS. */
const RESOLVE_ACTIONS = [
  'cloudwatch:DescribeAlarms',
  'cloudwatch:ListTagsForResource',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'ec2:DescribeInstances',
  'ec2:DescribeNetworkInterfaces',
  'autoscaling:DescribeAutoScalingGroups',
  'ssm:DescribeInstanceInformation',
] as const;

/** What the construct needs to know. */
export interface ConntrackMedicProps {
  readonly config: DeployConfig;
}

/**
 * The whole service: alarm rule, intake, durable incident function, remediate function, Slack endpoint, records and
 * evidence. The incident function may send only medic-collect, the remediate function only medic-raise and
 * medic-rollback, both only to instances with the configured tag.
 */
export class ConntrackMedic extends Construct {
  constructor(scope: Construct, id: string, { config }: ConntrackMedicProps) {
    super(scope, id);
    const documents = new NodeDocuments(this, 'Documents', config.nodeTag);
    const table = new Table(this, 'Records', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const evidence = new Bucket(this, 'Evidence', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(90) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const secret = Secret.fromSecretNameV2(this, 'SlackSecret', config.slackSecretName);
    const records = { MEDIC_TABLE: table.tableName, MEDIC_APPROVERS: config.approvers.join(',') };
    const slack = { MEDIC_SLACK_CHANNEL: config.slackChannel, MEDIC_SLACK_SECRET: secret.secretArn };

    const remediate = serviceFunction(this, 'Remediate', {
      bundle: 'remediate',
      timeout: Duration.minutes(15),
      environment: {
        ...records,
        ...documents.environmentOf('raise'),
        ...documents.environmentOf('settings'),
        ...documents.environmentOf('delete-udp-entry'),
        ...documents.environmentOf('rollback'),
        MEDIC_NODE_TAG: `${config.nodeTag.key}=${config.nodeTag.value}`,
      },
    });
    documents.grantSend(remediate, 'raise', 'settings', 'delete-udp-entry', 'rollback');
    documents.grantAssociate(remediate);
    const remediateLive = remediate.addAlias('live');

    const resolve = serviceFunction(this, 'Resolve', {
      bundle: 'resolve',
      timeout: Duration.minutes(2),
      environment: { MEDIC_ALARM_TARGETS: JSON.stringify(config.alarmTargets) },
    });
    // These read-only calls know no resource to be scoped to (service authorization reference of each service).
    resolve.addToRolePolicy(new PolicyStatement({ actions: [...RESOLVE_ACTIONS], resources: ['*'] }));
    const resolveLive = resolve.addAlias('live');

    const incident = serviceFunction(this, 'Incident', {
      bundle: 'incident',
      timeout: Duration.minutes(15),
      durableConfig: { executionTimeout: Duration.days(3), retentionPeriod: Duration.days(30) },
      environment: {
        ...records,
        ...slack,
        ...documents.environmentOf('collect'),
        MEDIC_EVIDENCE: evidence.s3UrlForObject(),
        MEDIC_REMEDIATE_FUNCTION: remediateLive.functionArn,
        MEDIC_RESOLVE_FUNCTION: resolveLive.functionArn,
      },
    });
    // It was durable from its first deployment on, so nothing gets replaced.
    Annotations.of(incident).acknowledgeInfo('aws-lambda:Function.DurableConfig');
    documents.grantSend(incident, 'collect');
    evidence.grantPut(incident);
    remediateLive.grantInvoke(incident);
    resolveLive.grantInvoke(incident);
    const incidentLive = incident.addAlias('live');
    const incidentEnvironment = { MEDIC_INCIDENT_FUNCTION: incidentLive.functionArn };

    const deadLetters = new Queue(this, 'LostAlarms', {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const intake = serviceFunction(this, 'Intake', {
      bundle: 'intake',
      deadLetterQueue: deadLetters,
      environment: { ...records, ...slack, ...incidentEnvironment },
    });
    const clicks = serviceFunction(this, 'Slack', {
      bundle: 'slack',
      reservedConcurrentExecutions: 10,
      environment: {
        ...records,
        ...slack,
        ...incidentEnvironment,
      },
    });
    for (const starter of [intake, clicks]) {
      incidentLive.grantInvoke(starter);
      starter.addToRolePolicy(
        // Durable calls are authorised against the execution, whose ARN carries a version, never the alias.
        new PolicyStatement({
          actions: [
            'lambda:SendDurableExecutionCallbackSuccess',
            'lambda:SendDurableExecutionCallbackFailure',
          ],
          resources: [`${incident.functionArn}:*`],
        }),
      );
    }
    for (const reader of [intake, incident, remediate, clicks]) table.grantReadWriteData(reader);
    for (const reader of [intake, incident, clicks]) secret.grantRead(reader);

    new Rule(this, 'Alarms', {
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { alarmName: [{ prefix: config.alarmNamePrefix }], state: { value: ['ALARM', 'OK'] } },
      },
      targets: [new LambdaFunction(intake, { deadLetterQueue: deadLetters })],
    });
    // Slack signs its requests; the handler verifies the signature over the raw body before it reads anything.
    const url = clicks.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    writeOutputs(this, {
      IncidentTable: table.tableName,
      EvidenceBucket: evidence.bucketName,
      SlackUrl: url.url,
      SlackSecret: config.slackSecretName,
      SlackChannel: config.slackChannel,
      Approvers: config.approvers.join(',') || 'none',
      NodeTag: `${config.nodeTag.key}=${config.nodeTag.value}`,
      AlarmNamePrefix: config.alarmNamePrefix,
      IntakeFunction: intake.functionName,
      IncidentFunction: incidentLive.functionArn,
      RemediateFunction: remediateLive.functionArn,
      SlackFunction: clicks.functionName,
      CollectDocument: documents.nameOf('collect'),
      RaiseDocument: documents.nameOf('raise'),
      SettingsDocument: documents.nameOf('settings'),
      DeleteUdpEntryDocument: documents.nameOf('delete-udp-entry'),
      RollbackDocument: documents.nameOf('rollback'),
      LostAlarmsQueue: deadLetters.queueUrl,
    });
  }
}
