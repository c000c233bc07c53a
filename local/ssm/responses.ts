import type { Command } from './command.ts';
import type { Invocation } from './invocation.ts';
import type { LocalNode } from './local-node.ts';

/** GetCommandInvocation returns the first 24,000 characters of stdout and the first 8,000 of stderr. */
const STDOUT_MAX_CHARS = 24_000;
const STDERR_MAX_CHARS = 8_000;
/** A plugin's Output in ListCommandInvocations. */
const LISTED_OUTPUT_MAX_CHARS = 2_500;

/** AWS JSON 1.1 carries times as seconds since the epoch. */
const epochSeconds = (time: Date) => time.getTime() / 1000;

/** The `Command` of a SendCommand answer. */
export function commandShape(command: Command) {
  const done = command.invocations.filter((invocation) => invocation.isDone());
  return {
    CommandId: command.id,
    DocumentName: command.document.name,
    DocumentVersion: command.version,
    Comment: command.request.Comment,
    Parameters: command.request.Parameters,
    InstanceIds: command.request.InstanceIds,
    Targets: command.request.Targets,
    RequestedDateTime: epochSeconds(command.requestedAt),
    ExpiresAfter: epochSeconds(command.requestedAt) + command.request.TimeoutSeconds,
    ...statusOf(command, done.length),
    MaxConcurrency: command.request.MaxConcurrency,
    MaxErrors: command.request.MaxErrors,
    TargetCount: command.invocations.length,
    CompletedCount: done.length,
    ErrorCount: done.filter((invocation) => invocation.status !== 'Success').length,
    DeliveryTimedOutCount: 0,
    TimeoutSeconds: command.request.TimeoutSeconds,
  };
}

/** A command is under way until its last node has ended; then the worst of them decides. */
function statusOf({ invocations }: Command, done: number) {
  const isDone = done === invocations.length;
  const isWell = invocations.every(({ status }) => status === 'Success');
  const Status = isDone ? (isWell ? 'Success' : 'Failed') : done === 0 ? 'Pending' : 'InProgress';
  return { Status, StatusDetails: Status };
}

/** One item of a ListCommandInvocations answer. */
export function listedInvocationShape(command: Command, invocation: Invocation, withDetails: boolean) {
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    InstanceName: '',
    Comment: command.request.Comment,
    DocumentName: command.document.name,
    DocumentVersion: command.version,
    RequestedDateTime: epochSeconds(command.requestedAt),
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    CommandPlugins: withDetails ? [pluginShape(command, invocation)] : [],
  };
}

function pluginShape(command: Command, invocation: Invocation) {
  const { stdout, stderr } = invocation.run;
  const output = stderr === '' ? stdout : `${stdout}\n----------ERROR-------\n${stderr}`;
  return {
    Name: command.document.stepName,
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    ResponseCode: invocation.run.exitCode,
    ...(invocation.startedAt && { ResponseStartDateTime: epochSeconds(invocation.startedAt) }),
    ...(invocation.endedAt && { ResponseFinishDateTime: epochSeconds(invocation.endedAt) }),
    Output: output.slice(0, LISTED_OUTPUT_MAX_CHARS),
    StandardOutputUrl: '',
    StandardErrorUrl: '',
  };
}

/** A GetCommandInvocation answer; output appears when the invocation has ended. */
export function invocationShape(command: Command, invocation: Invocation) {
  const { startedAt, endedAt, run } = invocation;
  const elapsedSeconds = startedAt && endedAt ? (endedAt.getTime() - startedAt.getTime()) / 1000 : undefined;
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    Comment: command.request.Comment,
    DocumentName: command.document.name,
    DocumentVersion: command.version,
    PluginName: command.document.stepName,
    ResponseCode: run.exitCode,
    ExecutionStartDateTime: startedAt?.toISOString() ?? '',
    ExecutionElapsedTime: elapsedSeconds === undefined ? '' : `PT${elapsedSeconds}S`,
    ExecutionEndDateTime: endedAt?.toISOString() ?? '',
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    StandardOutputContent: run.stdout.slice(0, STDOUT_MAX_CHARS),
    StandardOutputUrl: '',
    StandardErrorContent: run.stderr.slice(0, STDERR_MAX_CHARS),
    StandardErrorUrl: '',
  };
}

/** One item of a DescribeInstanceInformation answer. */
export function instanceShape(node: LocalNode) {
  return {
    InstanceId: node.instanceId,
    PingStatus: node.ping(),
    LastPingDateTime: epochSeconds(new Date()),
    AgentVersion: node.platform.agentVersion,
    IsLatestVersion: true,
    PlatformType: 'Linux',
    PlatformName: node.platform.name,
    PlatformVersion: node.platform.version,
    ResourceType: 'EC2Instance',
    ComputerName: hostName(node.instanceId),
    IPAddress: addressOf(node.instanceId).join('.'),
  };
}

/** The short private host name of a Debian image on EC2. */
const hostName = (instanceId: string): string => `ip-${addressOf(instanceId).join('-')}`;

/** An address that is made up from the instance id. */
function addressOf(instanceId: string): readonly number[] {
  const tail = Number.parseInt(instanceId.slice(-4), 16);
  return [10, 0, (tail >> 8) & 255, tail & 255];
}
