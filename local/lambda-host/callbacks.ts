import type { WireOperation } from '@aws/durable-execution-sdk-js';
import type { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { LambdaError } from './lambda-error.ts';

interface KnownCallback {
  readonly runner: LocalDurableTestRunner;
  readonly operationId: string;
  isOpen: boolean;
}

/**
 * The callbacks of all executions by id. The local runner completes a closed callback without a word; AWS answers 400
 * `CallbackTimeoutException`, and so does this register.
 */
export class Callbacks {
  private readonly known = new Map<string, KnownCallback>();

  /** Takes note of callbacks that started or ended, from the operations of a checkpoint or of a replay. */
  observe(runner: LocalDurableTestRunner, operations: readonly WireOperation[]): void {
    for (const operation of operations) {
      const id = operation.CallbackDetails?.CallbackId;
      if (id === undefined || operation.Id === undefined) continue;
      const isOpen = operation.Status === 'STARTED' && this.known.get(id)?.isOpen !== false;
      this.known.set(id, { runner, operationId: operation.Id, isOpen });
    }
  }

  /** An execution that has ended takes its callbacks with it. */
  closeAllOf(runner: LocalDurableTestRunner): void {
    for (const callback of this.known.values()) {
      if (callback.runner === runner) callback.isOpen = false;
    }
  }

  /** @throws LambdaError `CallbackTimeoutException` when closed, `InvalidParameterValueException` when unknown */
  async succeed(id: string, result: string): Promise<void> {
    const callback = this.take(id);
    const operation = callback.runner.getOperationById(callback.operationId);
    await operation.waitForData();
    await operation.sendCallbackSuccess(result);
  }

  /** @throws like {@link succeed} */
  async fail(
    id: string,
    error: { ErrorType?: string; ErrorMessage?: string; ErrorData?: string },
  ): Promise<void> {
    const callback = this.take(id);
    const operation = callback.runner.getOperationById(callback.operationId);
    await operation.waitForData();
    await operation.sendCallbackFailure(error);
  }

  private take(id: string): KnownCallback {
    const callback = this.known.get(id);
    if (callback === undefined)
      throw new LambdaError('InvalidParameterValueException', 'Invalid callback id.');
    if (!callback.isOpen) {
      throw new LambdaError('CallbackTimeoutException', 'The callback has expired or is already closed.');
    }
    callback.isOpen = false;
    return callback;
  }
}
