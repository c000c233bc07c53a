import {
  CallbackTimeoutException,
  DurableExecutionAlreadyStartedException,
  InvokeCommand,
  type LambdaClient,
  SendDurableExecutionCallbackSuccessCommand,
} from '@aws-sdk/client-lambda';
import type { Decision, IncidentHead } from '../core/incident.ts';

/** Starts and wakes the incident function's durable executions. All of it may be repeated without harm. */
export class LambdaWorkflows {
  private readonly client: LambdaClient;
  private readonly functionName: string;

  /** @param functionName qualified with an alias, as durable functions need it */
  constructor(client: LambdaClient, functionName: string) {
    this.client = client;
    this.functionName = functionName;
  }

  /** Starts the incident's workflow; by name, so any number of calls start one. */
  async startIncident({ id }: Pick<IncidentHead, 'id'>): Promise<void> {
    await this.start(id, { incidentId: id });
  }

  /** Starts the execution of a rollback that was ordered after the workflow had ended. */
  async startRollback({ id }: Pick<IncidentHead, 'id'>, { number }: Pick<Decision, 'number'>): Promise<void> {
    await this.start(`${id}-rollback-${number}`, { incidentId: id, rollback: number });
  }

  /** Completes the callback that a workflow waits on. One that is closed already has been answered or has expired. */
  async wake(callbackId: string): Promise<void> {
    try {
      await this.client.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId: callbackId }));
    } catch (error) {
      if (!(error instanceof CallbackTimeoutException)) throw error;
    }
  }

  private async start(name: string, payload: object): Promise<void> {
    try {
      await this.client.send(
        new InvokeCommand({
          FunctionName: this.functionName,
          InvocationType: 'Event',
          DurableExecutionName: name,
          Payload: JSON.stringify(payload),
        }),
      );
    } catch (error) {
      if (!(error instanceof DurableExecutionAlreadyStartedException)) throw error;
    }
  }
}
