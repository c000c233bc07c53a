import { Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcard } from './acknowledged-findings.ts';

/** What a statement allows and why; the reviewer's table in docs/iam.md is made of these. */
export interface Permission {
  readonly actions: readonly string[];
  /** One sentence: what the function does with it. */
  readonly why: string;
  /** Why the resource is `*` or ends in one, where it is or does and no condition narrows it. */
  readonly unscoped?: string;
}

const NO_RESOURCE_TYPE =
  'These calls only read, and their service knows no resource to scope them to (service authorization reference).';

/** Every permission that a role of the service can have. The key is the statement's `Sid`. */
export const PERMISSIONS = {
  WriteLog: {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    why: 'Writes its own log.',
    unscoped: 'The part after the log group names the stream, which Lambda makes up.',
  },
  TraceCalls: {
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    why: 'Lets Lambda record how long each call took.',
    unscoped: 'X-Ray knows no resource to scope these calls to.',
  },
  KeepLostEvents: {
    actions: ['sqs:SendMessage'],
    why: 'Lambda puts an event that could not be handled into the queue with the alarm on it.',
  },
  KeepRecords: {
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:DeleteItem'],
    why: 'Reads and writes incident records and locks; only locks are deleted.',
  },
  CountFirings: {
    actions: ['dynamodb:UpdateItem'],
    why: 'Counts the firings of an alarm in one write, so that none of many at once is lost; it can update nothing else.',
  },
  KeepPace: {
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
    why: 'Takes turns with the other functions that speak in Slack, which takes one message a second.',
  },
  FindUnfinished: {
    actions: ['dynamodb:Query'],
    why: 'Finds the incidents of which something is still to be done, in the index that holds only those.',
  },
  KeepClicks: {
    actions: ['dynamodb:PutItem'],
    why: 'Keeps what Slack signed for a decision, for about an hour; it can not read it again.',
  },
  ReadClicks: {
    actions: ['dynamodb:GetItem'],
    why: 'Reads what Slack signed for a decision, to hold the decision against it before anything is changed.',
  },
  KeepEvidence: {
    actions: ['s3:PutObject'],
    why: 'Stores what nodes returned, word for word; it cannot read or delete it.',
    unscoped: 'The part after the bucket is the name of the object, which begins with the incident.',
  },
  KeepPages: {
    actions: ['s3:PutObject', 's3:GetObject'],
    why: 'Keeps the page of an incident for an approver who clicked for it, and signs a link with which it can be read for ten minutes.',
    unscoped: 'The part after the folder of the pages is the incident and a name that nobody can guess.',
  },
  ReadCommandOutput: {
    actions: ['s3:GetObject'],
    why: 'Reads node output that is longer than Systems Manager returns, from the folder of the configuration only.',
    unscoped: 'The part after the folder is the id of the command, which Systems Manager makes up.',
  },
  ReadSlackSecret: {
    actions: ['secretsmanager:GetSecretValue'],
    why: 'Reads the bot token of the Slack app and the secret of the webhook.',
  },
  ReadSigningSecret: {
    actions: ['secretsmanager:GetSecretValue'],
    why: 'Reads the key that Slack signs clicks with, to hold a signature against it.',
  },
  StartIncident: {
    actions: ['lambda:InvokeFunction'],
    why: 'Starts the durable incident function, through its alias.',
  },
  WakeIncident: {
    actions: ['lambda:SendDurableExecutionCallbackSuccess'],
    why: 'Wakes an incident that waits for a decision.',
    unscoped:
      'Authorised against the execution, whose ARN holds a version and a name that are not known before (Lambda, security for durable functions).',
  },
  AskIntake: {
    actions: ['lambda:InvokeFunction'],
    why: 'Has the intake read and answer a message that somebody wants to have diagnosed, which takes longer than Slack waits.',
  },
  WarnThroughIntake: {
    actions: ['lambda:InvokeFunction'],
    why: 'Has the intake open or close the quiet incident of nodes whose table is likely to fill up.',
  },
  SeeExecutions: {
    actions: ['lambda:ListDurableExecutionsByFunction'],
    why: 'Sees which executions of the incident function run, to tell an incident whose workflow has stopped.',
    unscoped:
      'Executions are listed of the function and of its versions, whose numbers are not known before (Lambda, security for durable functions).',
  },
  CallHelpers: {
    actions: ['lambda:InvokeFunction'],
    why: 'Asks the resolve function which nodes an alarm is about, and the remediate function to carry out a stored decision.',
  },
  SendDocuments: {
    actions: ['ssm:SendCommand'],
    why: 'Sends these documents of the service and no other, AWS-RunShellScript included.',
  },
  ReachTaggedNodes: {
    actions: ['ssm:SendCommand'],
    why: 'Sends them to nodes with a tag of the configuration only, one statement a key.',
  },
  ReadCommandResults: {
    actions: ['ssm:ListCommandInvocations', 'ssm:GetCommandInvocation', 'ssm:DescribeInstanceInformation'],
    why: 'Reads what commands returned and which nodes answer.',
    unscoped: NO_RESOURCE_TYPE,
  },
  FollowProbes: {
    actions: ['ssm:ListCommands', 'ssm:ListCommandInvocations'],
    why: 'Sees how many nodes have answered a command that went to all of them, and what they said.',
    unscoped: NO_RESOURCE_TYPE,
  },
  SeeFleet: {
    actions: ['ec2:DescribeInstances', 'ssm:DescribeInstanceInformation'],
    why: 'Lists the nodes that there are, with their tags and whether their agents answer, so that one that was not seen is counted.',
    unscoped: NO_RESOURCE_TYPE,
  },
  QuerySeries: {
    actions: ['aps:QueryMetrics'],
    why: "Reads node_exporter's series of the nodes in the one workspace of the configuration.",
  },
  ReadSeriesSecret: {
    actions: ['secretsmanager:GetSecretValue'],
    why: 'Reads the token, or the name and password, that the Prometheus of the configuration asks for.',
  },
  EnterSeries: {
    actions: ['sts:AssumeRole'],
    why: 'Enters the account with the workspace of the configuration through the one role there that may query it.',
  },
  StandInVpc: {
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    why: 'Lets Lambda, and not the function itself, give the function its interface in the subnets of the configuration (Lambda, giving functions access to resources in a VPC).',
  },
  ReadAgentMetrics: {
    actions: ['cloudwatch:ListMetrics', 'cloudwatch:GetMetricData'],
    why: 'Reads what the CloudWatch agent of the nodes sends of their network interfaces.',
    unscoped: NO_RESOURCE_TYPE,
  },
  KeepSeries: {
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    why: 'Keeps the readings of each node for fifteen days, and how far the sweep is; no record of an incident is among it.',
  },
  ReadSeries: {
    actions: ['dynamodb:GetItem', 'dynamodb:Query'],
    why: 'Draws the page of the fleet for an approver who asks for it, from what the newest sweep left.',
  },
  FindDocumentVersions: {
    actions: ['ssm:DescribeDocument', 'ssm:ListDocumentVersions'],
    why: 'Finds which version of these documents has the text that this build of the service knows, by its hash.',
  },
  KeepRaise: {
    actions: ['ssm:CreateAssociation'],
    why: 'Makes associations of this document and of no other.',
  },
  KeepOnGroup: {
    actions: ['ssm:CreateAssociation'],
    why: 'Keeps an approved raise on every node of a group, by an association with the tag of the service.',
  },
  TagAssociations: {
    actions: ['ssm:AddTagsToResource'],
    why: 'Gives an association its tag when it is created; one that exists without the tag can not be given it.',
  },
  EndAssociations: {
    actions: ['ssm:DeleteAssociation'],
    why: 'Ends what it made, told by the tag.',
  },
  ListAssociations: {
    actions: ['ssm:ListAssociations'],
    why: 'Finds the association that an incident made.',
    unscoped: NO_RESOURCE_TYPE,
  },
  FindNodes: {
    actions: [
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
      'cloudwatch:ListTagsForResource',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
      'ec2:DescribeInstances',
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeNetworkInterfaces',
      'autoscaling:DescribeAutoScalingGroups',
      'ssm:DescribeInstanceInformation',
    ],
    why: 'Finds the nodes behind an alarm, what the network of their instance types may carry, and how the latencies that it watches are distributed.',
    unscoped: NO_RESOURCE_TYPE,
  },
  EnterSpokes: {
    actions: ['sts:AssumeRole'],
    why: 'Enters the accounts of the configuration through the one role there that is meant for this function.',
  },
  ForwardAlarms: {
    actions: ['events:PutEvents'],
    why: 'Lets EventBridge forward the alarms of this account to the account of the service.',
  },
} as const satisfies Record<string, Permission>;

/** Name of a permission. */
export type PermissionName = keyof typeof PERMISSIONS;

/**
 * Gives a role one of the permissions.
 *
 * @param to - the role, or a policy of it that stands by itself
 * @param resources - ARNs it is for
 * @param conditions - what else must hold
 * @param index - how many statements of the role have this name already: an `Sid` is there once
 * @throws Error when a resource has a wildcard and neither a condition narrows it nor the permission says why that is so
 */
export function allow(
  to: Role | Policy,
  name: PermissionName,
  resources: readonly string[],
  conditions: Readonly<Record<string, object>> = {},
  index = 0,
): void {
  const { actions }: Permission = PERMISSIONS[name];
  const statement = new PolicyStatement({
    sid: index === 0 ? name : `${name}${index + 1}`,
    actions: [...actions],
    resources: [...resources],
    conditions,
  });
  if (to instanceof Policy) to.addStatements(statement);
  else to.addToPolicy(statement);
  const isNarrowed = Object.keys(conditions).length > 0;
  for (const resource of resources.filter((one) => one.includes('*')))
    acknowledgeWildcard(to, resource, isNarrowed ? PERMISSIONS[name].why : reasonFor(name));
}

/** The written reason for a wildcard. */
export function reasonFor(name: PermissionName): string {
  const { unscoped }: Permission = PERMISSIONS[name];
  if (unscoped === undefined)
    throw new Error(`${name} has a wildcard in its resource: narrow it, or write down why it is there.`);
  return unscoped;
}
