import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DurableLambdaHandler } from '@aws/durable-execution-sdk-js';
import type { Context, Handler } from 'aws-lambda';

/** The alias through which every function is called, as the stack deploys it. */
export const ALIAS = 'live';
/** The deployed functions and the bundle that each of them runs. */
export const MEDIC_FUNCTIONS: readonly FunctionSource[] = [
  { name: 'medic-intake', kind: 'plain', bundle: 'intake.mjs' },
  { name: 'medic-incident', kind: 'durable', bundle: 'incident.mjs' },
  { name: 'medic-reconcile', kind: 'plain', bundle: 'reconcile.mjs' },
  { name: 'medic-remediate', kind: 'plain', bundle: 'remediate.mjs' },
  { name: 'medic-resolve', kind: 'plain', bundle: 'resolve.mjs' },
  { name: 'medic-slack', kind: 'plain', bundle: 'slack.mjs' },
  { name: 'medic-sweep', kind: 'plain', bundle: 'sweep.mjs' },
  { name: 'medic-webhook', kind: 'plain', bundle: 'webhook.mjs' },
];
const REGION = 'eu-central-1';
const ACCOUNT = '123456789012';

/** A deployed function: a name, its kind and the handler out of the built bundle. */
export type HostedFunction = { readonly name: string } & (
  | { readonly kind: 'durable'; readonly handler: DurableLambdaHandler }
  | { readonly kind: 'plain'; readonly handler: Handler }
);

/** Which bundle becomes which function. */
export interface FunctionSource {
  readonly name: string;
  readonly kind: HostedFunction['kind'];
  /** File name inside the bundle folder. */
  readonly bundle: string;
}

/** @throws when a bundle is missing, fails to load or exports no `handler` */
export async function loadFunctions(
  folder: string,
  sources: readonly FunctionSource[],
): Promise<HostedFunction[]> {
  const functions: HostedFunction[] = [];
  for (const { name, kind, bundle } of sources) {
    const module: unknown = await import(pathToFileURL(join(folder, bundle)).href);
    const handler = (module as { handler?: unknown }).handler;
    if (typeof handler !== 'function') throw new Error(`${bundle} exports no handler: run npm run build.`);
    functions.push({ name, kind, handler: handler as never });
  }
  return functions;
}

/** ARN of a function's alias. */
export function aliasArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}:${ALIAS}`;
}

function unsupported(): never {
  throw new Error('The callback style of Lambda is gone since Node 24.');
}

/** The context object of one invocation, as the Lambda runtime gives it. */
function contextOf(name: string): Context {
  const deadline = Date.now() + 900_000;
  return {
    functionName: name,
    functionVersion: '1',
    invokedFunctionArn: aliasArn(name),
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: unsupported,
    fail: unsupported,
    succeed: unsupported,
  };
}

/** Runs a plain function once, as an invocation does: its result, or whatever it throws. */
export async function invokePlain(name: string, handler: Handler, event: unknown): Promise<unknown> {
  return await handler(event, contextOf(name), () => {});
}
