import {
  type DurableExecutionClient,
  DurableExecutionInvocationInputWithClient,
  type DurableLambdaHandler,
} from '@aws/durable-execution-sdk-js';

/** Kills invocations of a durable function, each of which is followed by another one that knows what was saved. */
export class Reaper {
  /** Names of the steps that had done their work when the function was killed before it was saved, in order. */
  readonly killedAfter: string[] = [];
  private readonly isDue: (step: string) => boolean;
  private end: (() => void) | undefined;

  /** @param isDue - whether the function dies now that this step has done its work and nobody knows of it */
  constructor(isDue: (step: string) => boolean = () => false) {
    this.isDue = isDue;
  }

  /** Kills the invocation that runs. What waits for this waits for ever, as everything else of the invocation does. */
  async kill(): Promise<never> {
    this.end?.();
    return await new Promise<never>(() => {});
  }

  /** The function as the service runs it: invoked again after each death, until an invocation comes to its end. */
  mortal(handler: DurableLambdaHandler): DurableLambdaHandler {
    return async (event, context) => {
      if (!DurableExecutionInvocationInputWithClient.isInstance(event)) return await handler(event, context);
      const service = event.durableExecutionClient;
      let input: ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[0] = event;
      for (;;) {
        const death = new Promise<undefined>((resolve) => {
          this.end = () => resolve(undefined);
        });
        const alive = handler(
          new DurableExecutionInvocationInputWithClient(input, this.client(service, death)),
          context,
        );
        const ended = await Promise.race([alive, death]);
        if (ended !== undefined) return ended;
        const saved = await service.getExecutionState({
          DurableExecutionArn: event.DurableExecutionArn,
          CheckpointToken: event.CheckpointToken,
        });
        input = {
          DurableExecutionArn: event.DurableExecutionArn,
          CheckpointToken: event.CheckpointToken,
          InitialExecutionState: { Operations: saved.Operations ?? [], NextMarker: '' },
        };
      }
    };
  }

  private client(service: DurableExecutionClient, death: Promise<undefined>): DurableExecutionClient {
    let isDead = false;
    void death.then(() => {
      isDead = true;
    });
    return {
      getExecutionState: (request, logger) => service.getExecutionState(request, logger),
      checkpoint: async (request, logger) => {
        if (isDead) return await new Promise<never>(() => {});
        const done = request.Updates?.find(
          ({ Type, Action, Name }) =>
            Type === 'STEP' && Action === 'SUCCEED' && Name !== undefined && this.isDue(Name),
        );
        if (done !== undefined) {
          this.killedAfter.push(done.Name ?? '');
          return await this.kill();
        }
        return await service.checkpoint(request, logger);
      },
    };
  }
}
