import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AwsKey, refuseSignature } from '../aws-key.ts';
import { type LocalServer, listenLocally, readBody, urlOf } from '../http-server.ts';
import { behindOf, onClockBehind } from './clock.ts';
import type { DurableRuntime, Ending } from './durable-runtime.ts';
import { ALIAS, aliasArn, type HostedFunction, invokePlain } from './functions.ts';
import { LambdaError } from './lambda-error.ts';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const CALLBACK = /^\/2025-12-01\/durable-execution-callbacks\/([^/]+)\/(succeed|fail)$/;
const EXECUTIONS = /^\/2025-12-01\/functions\/([^/]+)\/durable-executions$/;
const STOP = /^\/2025-12-01\/durable-executions\/([^/]+)\/stop$/;

/** What the service can be made to turn away: starts of durable executions, or answers to their callbacks. */
export type Throttled = 'start' | 'callback';

/** What the endpoint serves. */
export interface LambdaEndpointOptions {
  /** Requests that are not signed with it are refused. */
  readonly key: AwsKey;
  readonly functions: () => readonly HostedFunction[];
  readonly runtime: DurableRuntime;
  /** Told of asynchronous work that failed, since nobody waits for its answer. */
  readonly onFailure: (functionName: string, why: string) => void;
  /** What is throttled at this moment; nothing without it. */
  readonly throttled?: () => Throttled | undefined;
}

/** The Invoke, durable-callback and durable-execution calls of the Lambda API on this machine, for the real `@aws-sdk/client-lambda`. */
export async function startLambdaEndpoint(options: LambdaEndpointOptions): Promise<LocalServer> {
  return await listenLocally(async (request, response) => {
    try {
      await route(request, response, options);
    } catch (error) {
      if (!(error instanceof LambdaError)) throw error;
      response.writeHead(error.status, {
        'content-type': 'application/json',
        'x-amzn-errortype': error.name,
      });
      response.end(JSON.stringify({ Type: 'User', message: error.message }));
    }
  });
}

async function route(request: IncomingMessage, response: ServerResponse, options: LambdaEndpointOptions) {
  const url = urlOf(request);
  const bytes = await readBody(request);
  const refusal = refuseSignature(request, bytes, options.key);
  if (refusal !== undefined) throw new LambdaError('InvalidSignatureException', refusal, 403);
  const body = bytes.toString('utf8');
  const invoked = INVOKE.exec(url.pathname)?.[1];
  const callback = CALLBACK.exec(url.pathname);
  const [listed, stopped] = [EXECUTIONS.exec(url.pathname)?.[1], STOP.exec(url.pathname)?.[1]];
  const isStart = invoked !== undefined && request.headers['x-amz-durable-execution-name'] !== undefined;
  const throttled = options.throttled?.();
  if ((throttled === 'start' && isStart) || (throttled === 'callback' && callback !== null))
    throw new LambdaError('TooManyRequestsException', 'Rate exceeded', 429);
  if (request.method === 'POST' && invoked !== undefined) {
    const target = targetOf(decodeURIComponent(invoked), url.searchParams.get('Qualifier') ?? undefined);
    const running = start(target, request, response, body, options);
    if (request.headers['x-amz-invocation-type'] !== 'Event') return answerEnding(response, await running);
    void running.then((ending) => {
      if (ending.kind === 'failed')
        options.onFailure(target.name, `${ending.errorType}: ${ending.errorMessage}`);
    });
    response.writeHead(202);
    response.end();
  } else if (request.method === 'POST' && callback?.[1] !== undefined) {
    const id = decodeURIComponent(callback[1]);
    if (callback[2] === 'succeed') await options.runtime.callbacks.succeed(id, body);
    else await options.runtime.callbacks.fail(id, parsed(body) as { ErrorType?: string });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{}');
  } else if (request.method === 'GET' && listed !== undefined) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(executionsOf(decodeURIComponent(listed), url.searchParams, options.runtime)));
  } else if (request.method === 'POST' && stopped !== undefined) {
    options.runtime.stop(decodeURIComponent(stopped));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ StopTimestamp: Date.now() / 1000 }));
  } else {
    throw new LambdaError(
      'UnknownOperationException',
      `${request.method} ${url.pathname} is not served here.`,
      404,
    );
  }
}

/** A page of the executions of a function, of one name or status where the question says so. */
function executionsOf(functionName: string, question: URLSearchParams, runtime: DurableRuntime): object {
  const { name } = targetOf(functionName, undefined);
  const [wanted, statuses] = [question.get('DurableExecutionName'), question.getAll('Statuses')];
  const all = runtime
    .list()
    .filter(
      (one) =>
        targetOf(one.functionArn, undefined).name === name &&
        (wanted === null || one.name === wanted) &&
        (statuses.length === 0 || statuses.includes(one.status())),
    );
  const from = Number(question.get('Marker') ?? 0);
  const to = from + Number(question.get('MaxItems') ?? 100);
  const page = all.slice(from, to).map((one) => ({
    DurableExecutionArn: one.arn,
    DurableExecutionName: one.name,
    FunctionArn: one.functionArn,
    Status: one.status(),
    StartTimestamp: one.startedAt / 1000,
  }));
  return { DurableExecutions: page, ...(to < all.length && { NextMarker: String(to) }) };
}

/** @throws LambdaError when it is no JSON, as the service does */
function parsed(body: string): unknown {
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    throw new LambdaError('InvalidRequestContentException', 'The payload of this request is no JSON.');
  }
}

interface Target {
  readonly name: string;
  readonly qualifier: string | undefined;
}

/** Starts the invocation; what can be refused is refused before anything runs. */
function start(
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  { functions, runtime }: LambdaEndpointOptions,
): Promise<Ending> {
  const hosted = functions().find(({ name }) => name === target.name);
  if (hosted === undefined || (target.qualifier !== undefined && target.qualifier !== ALIAS)) {
    const name = [target.name, target.qualifier].filter(Boolean).join(':');
    throw new LambdaError('ResourceNotFoundException', `Function not found: ${name}`, 404);
  }
  if (hosted.kind === 'plain') {
    const behindMs = behindOf(request.headers['x-amz-client-context']?.toString());
    return onClockBehind(behindMs, () => invokePlain(hosted.name, hosted.handler, parsed(body))).then(
      (result) => ({ kind: 'succeeded', result }),
      (error: unknown) => failedWith(error),
    );
  }
  if (target.qualifier === undefined) {
    const message = 'You cannot invoke a durable function using an unqualified ARN.';
    throw new LambdaError('InvalidParameterValueException', message);
  }
  const name = request.headers['x-amz-durable-execution-name']?.toString();
  const execution = runtime.start(aliasArn(hosted.name), hosted.handler, body, name);
  response.setHeader('x-amz-durable-execution-arn', execution.arn);
  return execution.ended;
}

/** `name`, `name:alias` or a whole ARN, with or without the alias at its end. */
function targetOf(
  text: string,
  qualifier: string | undefined,
): { name: string; qualifier: string | undefined } {
  const parts = text.startsWith('arn:') ? text.split(':').slice(6) : text.split(':');
  return { name: parts[0] ?? text, qualifier: qualifier ?? parts[1] };
}

function failedWith(error: unknown): Ending {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'failed', errorType: name, errorMessage: message };
}

function answerEnding(response: ServerResponse, ending: Ending): void {
  response.setHeader('content-type', 'application/json');
  if (ending.kind === 'failed') response.setHeader('x-amz-function-error', 'Unhandled');
  response.writeHead(200);
  const { kind: _kind, ...error } = ending;
  response.end(JSON.stringify(ending.kind === 'succeeded' ? (ending.result ?? null) : error));
}
