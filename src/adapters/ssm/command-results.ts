import {
  type CommandInvocation,
  GetCommandInvocationCommand,
  type GetCommandInvocationCommandOutput,
  InvocationDoesNotExist,
  ListCommandInvocationsCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { messageOf } from '../../core/errors.ts';
import type { CommandOutput, CommandResults } from '../../core/ports.ts';
import type { NodePlace } from '../../core/record/place.ts';
import { allPages, inBatches } from '../lookups/pages.ts';
import type { SsmClientAt } from './clients.ts';
import { RETURNED_MAX_CHARS, type ReadOutput } from './command-output.ts';

/** Statuses after which nothing more comes (Systems Manager API reference, CommandInvocation). */
const FINAL: ReadonlySet<string> = new Set(['Success', 'Failed', 'TimedOut', 'Cancelled']);
/** Status details that rule out that the script started. */
const NEVER_RAN: ReadonlySet<string> = new Set([
  'DeliveryTimedOut',
  'Undeliverable',
  'Terminated',
  'AccessDenied',
  'InvalidPlatform',
]);
const LOOKUP_ATTEMPTS = 4;
const LOOKUP_PAUSE_MS = 500;
/** Pauses after which the nodes are asked for again whose output could not be had; each has the SDK's own tries besides. */
const READ_PAUSES_MS = [1000, 3000];
/** Nodes whose output is asked for at the same time: the service throttles an account's calls, not a caller's. */
const LOOKUPS_AT_ONCE = 10;

/** Follows commands by polling one call for all their nodes; the output is read from each node once, at the end. */
export class SsmCommandResults implements CommandResults {
  protected readonly clientAt: SsmClientAt;
  private readonly readOutput: ReadOutput | undefined;

  /** @param readOutput where output is that is longer than the service returns; absent when it is kept nowhere */
  constructor(clientAt: SsmClientAt, readOutput?: ReadOutput) {
    this.clientAt = clientAt;
    this.readOutput = readOutput;
  }

  async progress(
    commandId: string,
    instanceIds: readonly string[],
    place?: NodePlace,
  ): Promise<{ readonly finished: number; readonly total: number }> {
    const invocations = await this.invocations(commandId, place);
    const statuses = new Map(invocations.map(({ InstanceId, Status = '' }) => [InstanceId, Status]));
    const finished = instanceIds.filter((id) => FINAL.has(statuses.get(id) ?? ''));
    return { finished: finished.length, total: instanceIds.length };
  }

  async outputs(
    commandId: string,
    instanceIds: readonly string[],
    place?: NodePlace,
  ): Promise<readonly CommandOutput[]> {
    const client = this.clientAt(place);
    const outputs = new Map<string, CommandOutput>();
    let failures: readonly (readonly [string, unknown])[] = instanceIds.map((id) => [id, undefined]);
    for (const pause of [0, ...READ_PAUSES_MS]) {
      if (failures.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, pause));
      const again: (readonly [string, unknown])[] = [];
      for (const some of inBatches(failures, LOOKUPS_AT_ONCE))
        await Promise.all(
          some.map(async ([id]) => {
            try {
              outputs.set(id, await this.output(client, commandId, id));
            } catch (error) {
              again.push([id, error]);
            }
          }),
        );
      failures = again;
    }
    // Where no node can be read it is the service's matter, and who asks may ask again.
    if (outputs.size === 0 && failures.length > 0) throw failures[0]?.[1];
    for (const [id, error] of failures) outputs.set(id, unread(id, error));
    return instanceIds.flatMap((id) => outputs.get(id) ?? []);
  }

  private async output(client: SSMClient, commandId: string, instanceId: string): Promise<CommandOutput> {
    const answer = await invocationOf(client, commandId, instanceId);
    if (answer === undefined) {
      const why = `${instanceId}: SSM knows no such command on this node; check that it is still managed.`;
      return { kind: 'none', instanceId, why, ran: true };
    }
    const { StandardOutputContent: returned = '', StandardOutputUrl: address = '' } = answer;
    const whole =
      returned.length >= RETURNED_MAX_CHARS && address !== '' ? await this.readOutput?.(address) : undefined;
    return readInvocation(instanceId, { ...answer, StandardOutputContent: whole ?? returned });
  }

  private async invocations(
    commandId: string,
    place: NodePlace | undefined,
  ): Promise<readonly CommandInvocation[]> {
    const client = this.clientAt(place);
    const pages = await allPages((NextToken) =>
      client.send(new ListCommandInvocationsCommand({ CommandId: commandId, MaxResults: 50, NextToken })),
    );
    return pages.flatMap(({ CommandInvocations = [] }) => CommandInvocations);
  }
}

/** Nobody knows what the command did on this node: it may well have run. */
const unread = (instanceId: string, error: unknown): CommandOutput => ({
  kind: 'none',
  instanceId,
  why: `${instanceId}: Systems Manager does not say what the command did there (${messageOf(error)}); look at the command in its console.`,
  ran: true,
});

async function invocationOf(
  client: SSMClient,
  commandId: string,
  instanceId: string,
): Promise<GetCommandInvocationCommandOutput | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.send(
        new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }),
      );
    } catch (error) {
      // Right after SendCommand the service does not know its own invocation yet.
      if (!(error instanceof InvocationDoesNotExist)) throw error;
      if (attempt === LOOKUP_ATTEMPTS) return undefined;
      await new Promise((resolve) => setTimeout(resolve, LOOKUP_PAUSE_MS));
    }
  }
}

/** A script that refuses exits with 3 and one that fails with 1: both are `Failed` to SSM and have said why in their output. */
function readInvocation(instanceId: string, answer: GetCommandInvocationCommandOutput): CommandOutput {
  const { Status = '', StandardOutputContent: text = '', ResponseCode: exitCode = -1 } = answer;
  const details = (answer.StatusDetails ?? Status).replaceAll(' ', '');
  const ran = Status === 'Success' || (Status === 'Failed' && details === 'Failed');
  if (ran && text !== '') return { kind: 'output', instanceId, text, exitCode };
  const why = `${instanceId}: ${explain(ran ? 'Silent' : details, answer)}`;
  return { kind: 'none', instanceId, why, ran: !NEVER_RAN.has(details) };
}

function explain(
  details: string,
  { StandardErrorContent, ResponseCode }: GetCommandInvocationCommandOutput,
): string {
  switch (details) {
    case 'Silent':
      return `the script ended with code ${ResponseCode} and wrote nothing${quoted(StandardErrorContent)}; look at the node.`;
    case 'DeliveryTimedOut':
      return 'the SSM agent did not pick the command up in time, so nothing ran; check the agent and its network.';
    case 'ExecutionTimedOut':
    case 'TimedOut':
      return 'the script ran out of time and was stopped; the node may be overloaded.';
    case 'Undeliverable':
      return 'the command could not be delivered, so nothing ran; the node is gone or its SSM agent is offline.';
    case 'Cancelled':
    case 'Cancelling':
      return 'the command was cancelled in Systems Manager.';
    case 'Terminated':
      return 'Systems Manager stopped the command because it had failed elsewhere, so nothing ran here.';
    case 'AccessDenied':
    case 'InvalidPlatform':
      return `Systems Manager refused the command on this node (${details}), so nothing ran.`;
    case 'Pending':
    case 'InProgress':
    case 'Delayed':
      return 'the command had not finished when its time was over; it may still be running.';
    default:
      return `the command ended as ${/^\w{1,40}$/.test(details) ? details : 'unknown'}; look at it in Systems Manager.`;
  }
}

/** The start of a node's error text with everything unprintable left out, or nothing. */
function quoted(text = ''): string {
  const printable = text
    .replaceAll(/[^\x21-\x7e]+/g, ' ')
    .trim()
    .slice(0, 120);
  return printable === '' ? '' : ` but “${printable}”`;
}
