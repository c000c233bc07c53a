import { setTimeout as sleep } from 'node:timers/promises';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STACK_NAME } from '../../cdk/stack-name.mjs';
import { findVersion } from '../../src/adapters/ssm/document-versions.ts';
import { SsmTraceCommands } from '../../src/adapters/ssm/trace-commands.ts';
import { withPatience } from '../../src/adapters/waiting/patience.ts';
import { MedicError } from '../../src/core/errors.ts';
import type { TraceWish } from '../../src/core/incident/syn-trace/ports.ts';
import type { CommandRequest } from '../../src/core/ports.ts';
import { builtDocuments } from '../built-documents.ts';
import { runningDemo } from '../deployment/running-demo.ts';
import { stackOutputs } from '../deployment/stack-outputs.ts';
import { InputError, NotReachedError } from '../errors.ts';
import { reachOf, reasonOf } from '../failure.ts';

/** Where a node is traced: through a deployment, or in a demo on this machine. */
export interface NodeOptions {
  /** `true` for the demo that runs, or the address of its page where several do. */
  readonly demo?: string | true;
  readonly stack?: string;
  readonly region?: string;
}

/** Seconds in which Systems Manager hands a command over. */
const DELIVERY_SECONDS = 60;
/** Seconds that a trace takes beside those in which it looks, and a busy machine longer. */
const AROUND_SECONDS = 60;
const POLL_MS = 500;

/**
 * Has Systems Manager run `medic-trace` on a node: the document of the deployment with the text of this checkout.
 *
 * @returns what it printed, of which Run Command hands back the first 24,000 characters
 * @throws InputError where nothing of the kind can be traced; NotReachedError where it can not be reached, or is silent
 */
export async function traceOnNode(
  instanceId: string,
  wish: TraceWish & Pick<CommandRequest, 'nonce'>,
  options: NodeOptions,
): Promise<string> {
  if (!/^m?i-[0-9a-f]{8,17}$/.test(instanceId))
    throw new InputError(`"${instanceId}" is no instance id; give one such as i-0123456789abcdef0.`);
  const { client, name } = options.demo === undefined ? await stackOf(options) : await demoOf(options.demo);
  const hash = builtDocuments().find((document) => document.name === 'medic-trace')?.hash ?? '';
  const commands = new SsmTraceCommands(
    () => client,
    { name, hash },
    (document) => findVersion(client, document),
    { deliverySeconds: DELIVERY_SECONDS },
  );
  const trace: Asked = { commands, instanceId, document: name };
  const { commandId, deadline } = await sent(trace, wish);
  await over(trace, commandId, deadline);
  return await outputOf(trace, commandId);
}

/** A trace of a node. */
interface Asked {
  readonly commands: SsmTraceCommands;
  readonly instanceId: string;
  readonly document: string;
}

/** @returns the command, and the time in milliseconds by which it has ended, whatever happens to it */
async function sent(
  { commands, instanceId, document }: Asked,
  wish: TraceWish & Pick<CommandRequest, 'nonce'>,
): Promise<{ readonly commandId: string; readonly deadline: number }> {
  const { commands: sentTo, refused } = await commands
    .trace({ ...wish, instanceIds: [instanceId], incidentId: 'by-hand' })
    .catch((error: unknown) => {
      throw notAsked(error, instanceId, document);
    });
  const [command] = sentTo;
  if (command !== undefined)
    return {
      commandId: command.commandId,
      deadline: Date.now() + (DELIVERY_SECONDS + wish.seconds + AROUND_SECONDS) * 1000,
    };
  const [{ kind, why } = { kind: 'untold', why: `${instanceId} can not be sent to.` }] = refused;
  throw new NotReachedError(
    kind === 'denied'
      ? `${instanceId} can not be traced: IAM lets these credentials send nothing to it, so they lack ssm:SendCommand on it, or it lacks a tag that they need, or is gone; look at the node's tags and at the policy.`
      : why,
  );
}

/** Waits for the end of a command. That its progress can not be asked for now and then does not end it. */
async function over(
  { commands, instanceId, document }: Asked,
  commandId: string,
  deadline: number,
): Promise<void> {
  const isOver = async () => {
    try {
      return (await commands.progress(commandId, [instanceId])).finished > 0;
    } catch (error) {
      if (!isPassing(error)) throw notRead(error, instanceId, document, commandId);
      return false;
    }
  };
  await sleep(POLL_MS);
  while (!(await isOver()) && Date.now() < deadline) await sleep(POLL_MS);
}

async function outputOf({ commands, instanceId, document }: Asked, commandId: string): Promise<string> {
  const [output] = await commands.outputs(commandId, [instanceId]).catch((error: unknown) => {
    throw notRead(error, instanceId, document, commandId);
  });
  if (output?.kind === 'output') return output.text;
  throw new NotReachedError(output?.why ?? `${instanceId} has not answered.`);
}

/** Whether it may well go better in a second: the service is asked too much, or the way to it is cut for now. */
const isPassing = (error: unknown): boolean => ['unable', 'not-reached'].includes(reachOf(error));

/** Nothing was sent, as far as anybody can tell. */
function notAsked(error: unknown, instanceId: string, document: string): MedicError {
  if (error instanceof MedicError) return error;
  const next = isPassing(error)
    ? 'wait a minute, then trace again'
    : `look at the credentials, at --region and at ssm:SendCommand on ${document} and the node`;
  return new NotReachedError(`${instanceId} can not be traced (${reasonOf(error)}); ${next}.`, {
    cause: error,
  });
}

/** It was sent, and ends by itself; what it found is still to be had. */
const notRead = (error: unknown, instanceId: string, document: string, commandId: string): MedicError =>
  new NotReachedError(
    `${instanceId} was sent ${document}, and what came of it can not be read (${reasonOf(error)}); look at the command ${commandId} in Systems Manager, or at ssm:ListCommandInvocations and ssm:GetCommandInvocation, and trace again.`,
    { cause: error },
  );

/** A way to Systems Manager, and how the document is called there. */
interface Reached {
  readonly client: SSMClient;
  readonly name: string;
}

async function stackOf({ stack = STACK_NAME, region }: NodeOptions): Promise<Reached> {
  const { TraceDocument: name } = await stackOutputs({ stack, region }, ['TraceDocument']);
  return { client: new SSMClient(withPatience(region === undefined ? {} : { region })), name };
}

async function demoOf(page: string | true): Promise<Reached> {
  const {
    ssm: endpoint,
    region,
    credentials,
    documents,
  } = await runningDemo(page === true ? undefined : page);
  return { client: new SSMClient(withPatience({ endpoint, region, credentials })), name: documents.trace };
}
