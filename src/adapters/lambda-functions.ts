import {
  CallbackTimeoutException,
  DurableExecutionAlreadyStartedException,
  InvokeCommand,
  type LambdaClient,
  SendDurableExecutionCallbackSuccessCommand,
} from '@aws-sdk/client-lambda';
import type { Workflows } from '../core/ports.ts';
import type { Decision, IncidentHead } from '../core/record/incident.ts';

/** The incident function's durable executions, through its alias. */
export class LambdaWorkflows implements Workflows {
  private readonly client: LambdaClient;
  private readonly functionName: string;

  /** @param functionName qualified with an alias, as durable functions need it */
  constructor(client: LambdaClient, functionName: string) {
    this.client = client;
    this.functionName = functionName;
  }

  async startIncident({ id }: Pick<IncidentHead, 'id'>): Promise<void> {
    await this.start(id, { incidentId: id });
  }

  async startRollback({ id }: Pick<IncidentHead, 'id'>, { number }: Pick<Decision, 'number'>): Promise<void> {
    await this.start(`${id}-rollback-${number}`, { incidentId: id, rollback: number });
  }

  async startKeep({ id }: Pick<IncidentHead, 'id'>, { number }: Pick<Decision, 'number'>): Promise<void> {
    await this.start(`${id}-keep-${number}`, { incidentId: id, keep: number });
  }

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
