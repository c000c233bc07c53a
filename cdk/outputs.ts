/**
 * What the stack tells whoever looks at it from outside, such as the command line. This file imports nothing, so reading
 * it does not need the CDK.
 */

/**
 * Every output of the stack by its key in CloudFormation, with what its value is. Keys are stable: commands and runbooks
 * of a deployment older than this one read them too.
 */
export const STACK_OUTPUTS = {
  IncidentTable: 'Name of the DynamoDB table with the incident records',
  EvidenceBucket: 'Name of the S3 bucket with the raw output of the nodes',
  SlackUrl: 'Request URL for the interactivity of the Slack app',
  WebhookUrl: 'URL for alerts of Alertmanager, Grafana and SkyWalking',
  SlackSecret: 'ARN of the Secrets Manager secret with botToken and webhookSecret',
  SigningSecret: 'ARN of the Secrets Manager secret with signingSecret',
  SlackChannel: 'Id of the Slack channel that gets the cards',
  SlackTeam:
    'Id of the one Slack workspace or enterprise whose clicks count; "none" when those of every one do',
  Approvers: 'Slack user ids that may approve a change, separated by commas; "none" when there are none',
  NodeTag:
    'Tags of which a node carries one that can be sent a command: key=value, or JSON where there are more',
  AlarmNamePrefix: 'Alarms whose name begins so open incidents',
  IntakeFunction: 'Name of the function that takes alarms',
  IncidentFunction: 'ARN of the alias of the durable incident function',
  RemediateFunction: 'ARN of the alias of the one function that may change nodes',
  ResolveFunction: 'ARN of the alias of the function that finds the nodes behind an alarm',
  SlackFunction: 'Name of the function behind SlackUrl',
  WebhookFunction: 'Name of the function behind WebhookUrl',
  CollectDocument: 'Name of the SSM document that reads a node',
  ProbeDocument: 'Name of the SSM document that reads how full a node is',
  TraceDocument: 'Name of the SSM document that looks where SYNs are lost on a node',
  RaiseDocument: 'Name of the SSM document that raises nf_conntrack_max and its buckets',
  SettingsDocument: 'Name of the SSM document that changes the other settings',
  DeleteUdpEntryDocument: 'Name of the SSM document that deletes stale UDP entries',
  RollbackDocument: 'Name of the SSM document that takes a change back',
  Sweep: 'How the fleet is swept, as JSON with everyMinutes and source; "none" when it is not',
  LostAlarmsQueue: 'URL of the queue with the alarms that could not be taken',
  Dashboard: 'Name of the CloudWatch dashboard of the service itself',
} as const;

/** Key of one output, as `aws cloudformation describe-stacks` prints it. */
export type StackOutput = keyof typeof STACK_OUTPUTS;
