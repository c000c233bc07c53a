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
import { reasonOf } from '../failure.ts';

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
const POLL_MS = 1000;

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
  try {
    return await outputOf(commands, instanceId, wish);
  } catch (error) {
    if (error instanceof MedicError) throw error;
    throw new NotReachedError(
      `${instanceId} can not be traced (${reasonOf(error)}); look at the credentials, at --region and at ssm:SendCommand on ${name} and the node.`,
      { cause: error },
    );
  }
}

async function outputOf(
  commands: SsmTraceCommands,
  instanceId: string,
  wish: TraceWish & Pick<CommandRequest, 'nonce'>,
): Promise<string> {
  const sent = await commands.trace({ ...wish, instanceIds: [instanceId], incidentId: 'by-hand' });
  const [command] = sent.commands;
  if (command === undefined)
    throw new NotReachedError(sent.refused[0]?.why ?? `${instanceId} can not be sent to.`);
  const deadline = Date.now() + (DELIVERY_SECONDS + wish.seconds + AROUND_SECONDS) * 1000;
  const isOver = async () => (await commands.progress(command.commandId, [instanceId])).finished > 0;
  await sleep(POLL_MS);
  while (!(await isOver()) && Date.now() < deadline) await sleep(POLL_MS);
  const [output] = await commands.outputs(command.commandId, [instanceId]);
  if (output?.kind === 'output') return output.text;
  throw new NotReachedError(output?.why ?? `${instanceId} has not answered.`);
}

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
