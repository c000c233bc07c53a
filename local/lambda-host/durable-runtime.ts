import { randomUUID } from 'node:crypto';
import {
  type DurableExecutionClient,
  DurableExecutionInvocationInputWithClient,
  type DurableLambdaHandler,
} from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import type { Handler } from 'aws-lambda';
import { Callbacks } from './callbacks.ts';
import { checkPayloadSizes } from './checkpoint-limit.ts';
import { LambdaError } from './lambda-error.ts';

/** How an execution ended. */
export type Ending =
  | { readonly kind: 'succeeded'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly errorType: string; readonly errorMessage: string };

/** Where an execution stands, in the service's own words. */
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'STOPPED';

/** One run of a durable function. */
export interface Execution {
  readonly name: string;
  readonly arn: string;
  readonly functionArn: string;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly status: () => ExecutionStatus;
  /** The payload it was started with, byte for byte: the other half of its identity. */
  readonly payload: string;
  readonly ended: Promise<Ending>;
}

/** The SDK refuses to start a second one in a process. */
let checkpointServer: Promise<void> | undefined;

/**
 * Durable executions in this process, on the SDK's own local checkpoint server, with the limits of the service added.
 * State is in memory: when the process ends, so do the executions.
 */
export class DurableRuntime {
  readonly callbacks = new Callbacks();
  private readonly executions = new Map<string, Execution & { readonly runner: LocalDurableTestRunner }>();
  private readonly stopped = new Set<LocalDurableTestRunner>();
  private readonly invocable: ReadonlyMap<string, Handler>;
  private readonly secondMs: number;

  /**
   * @param invocable functions that a durable function may reach with `ctx.invoke`, by the name it uses
   * @param secondMs how long a second of a wait takes, in milliseconds; what is left of a wait is whole seconds. The pause
   *   between two looks, which paces them, stays as long as it is.
   */
  constructor(invocable: ReadonlyMap<string, Handler>, secondMs = 1000) {
    this.invocable = invocable;
    this.secondMs = secondMs;
  }

  /** Starts the checkpoint server where none runs in this process yet; all runtimes of a process share it. */
  async open(): Promise<void> {
    checkpointServer ??= LocalDurableTestRunner.setupTestEnvironment();
    await checkpointServer;
  }

  /**
   * Starts an execution, or returns the one that has this name and payload already.
   * @throws LambdaError `DurableExecutionAlreadyStartedException` when the name is taken by another payload
   */
  start(
    functionArn: string,
    handler: DurableLambdaHandler,
    payload: string,
    name: string = randomUUID(),
  ): Execution {
    const existing = this.executions.get(name);
    if (existing !== undefined) {
      if (existing.payload === payload) return existing;
      throw new LambdaError(
        'DurableExecutionAlreadyStartedException',
        `An execution named ${name} was already started with another payload.`,
        409,
      );
    }
    const arn = `${functionArn}/durable-execution/${name}/${randomUUID()}`;
    const runner: LocalDurableTestRunner = new LocalDurableTestRunner({
      handlerFunction: (event, context) => handler(this.watched(runner, event), context),
    });
    let status: ExecutionStatus = 'RUNNING';
    const ended = this.run(runner, payload).then((ending) => {
      status = ending.kind === 'succeeded' ? 'SUCCEEDED' : 'FAILED';
      return ending;
    });
    const execution = {
      name,
      arn,
      functionArn,
      payload,
      startedAt: Date.now(),
      status: () => (this.stopped.has(runner) ? 'STOPPED' : status),
      ended,
      runner,
    };
    this.executions.set(name, execution);
    return execution;
  }

  /** Every execution that was started, the newest first. */
  list(): readonly Execution[] {
    return [...this.executions.values()].toReversed();
  }

  /**
   * Ends an execution where it stands: nothing of it is saved from now on, so nothing that is in a step happens any more.
   * @throws LambdaError `ResourceNotFoundException` when there is none of this ARN
   */
  stop(arn: string): void {
    const execution = this.list().find((one) => one.arn === arn);
    if (execution === undefined)
      throw new LambdaError('ResourceNotFoundException', `Durable execution not found: ${arn}`, 404);
    const runner = this.executions.get(execution.name)?.runner;
    if (runner === undefined) return;
    this.stopped.add(runner);
    this.callbacks.closeAllOf(runner);
  }

  private async run(runner: LocalDurableTestRunner, payload: string): Promise<Ending> {
    for (const [name, invoked] of this.invocable) runner.registerFunction(name, invoked);
    try {
      const result = await runner.run({ payload: JSON.parse(payload) });
      if (result.getStatus() === 'SUCCEEDED') return { kind: 'succeeded', result: result.getResult() };
      const { errorType, errorMessage } = result.getError();
      return { kind: 'failed', errorType: errorType ?? 'Error', errorMessage: errorMessage ?? '' };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { kind: 'failed', errorType: name, errorMessage: message };
    } finally {
      this.callbacks.closeAllOf(runner);
    }
  }

  /** The same invocation with a transport that keeps the service's limits and tells of callbacks. */
  private watched(runner: LocalDurableTestRunner, event: Parameters<DurableLambdaHandler>[0]) {
    if (!DurableExecutionInvocationInputWithClient.isInstance(event)) return event;
    const inner = event.durableExecutionClient;
    this.callbacks.observe(runner, event.InitialExecutionState.Operations);
    const client: DurableExecutionClient = {
      getExecutionState: (request, logger) => inner.getExecutionState(request, logger),
      checkpoint: async (request, logger) => {
        if (this.stopped.has(runner)) return await new Promise<never>(() => {});
        checkPayloadSizes(request);
        const response = await inner.checkpoint(withShorterWaits(request, this.secondMs), logger);
        this.callbacks.observe(runner, response.NewExecutionState?.Operations ?? []);
        return response;
      },
    };
    return new DurableExecutionInvocationInputWithClient(event, client);
  }
}

type CheckpointRequest = Parameters<DurableExecutionClient['checkpoint']>[0];

/** The local checkpoint server knows whole seconds alone. */
function withShorterWaits(request: CheckpointRequest, secondMs: number): CheckpointRequest {
  if (secondMs === 1000 || request.Updates === undefined) return request;
  const Updates = request.Updates.map((update) => {
    const seconds = update.WaitOptions?.WaitSeconds;
    if (seconds === undefined) return update;
    return { ...update, WaitOptions: { WaitSeconds: Math.floor((seconds * secondMs) / 1000) } };
  });
  return { ...request, Updates };
}
