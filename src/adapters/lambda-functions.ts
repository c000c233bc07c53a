import {
  CallbackTimeoutException,
  DurableExecutionAlreadyStartedException,
  InvokeCommand,
  type LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  SendDurableExecutionCallbackSuccessCommand,
} from '@aws-sdk/client-lambda';
import { type Errand, execution } from '../core/incident/execution.ts';
import type { ExecutionStatus, Workflows } from '../core/ports.ts';
import type { Decision, IncidentHead } from '../core/record/incident.ts';

/** Has a function do something without waiting for it. */
export async function sendEvent(client: LambdaClient, functionName: string, event: object): Promise<void> {
  await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: JSON.stringify(event),
    }),
  );
}

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
    await this.start(id, { kind: 'incident' }, {});
  }

  async startRollback({ id }: Pick<IncidentHead, 'id'>, { number }: Pick<Decision, 'number'>): Promise<void> {
    await this.start(id, { kind: 'rollback', decision: number }, { rollback: number });
  }

  async startKeep({ id }: Pick<IncidentHead, 'id'>, { number }: Pick<Decision, 'number'>): Promise<void> {
    await this.start(id, { kind: 'keep', decision: number }, { keep: number });
  }

  async startNumbered(
    { id }: Pick<IncidentHead, 'id'>,
    kind: 'look' | 'take-up',
    number: number,
  ): Promise<void> {
    await this.start(id, { kind, number }, kind === 'look' ? { look: number } : { takeUp: number });
  }

  async running(): Promise<ReadonlySet<string>> {
    const names = new Set<string>();
    let marker: string | undefined;
    do {
      const page = await this.client.send(
        new ListDurableExecutionsByFunctionCommand({
          FunctionName: this.unqualified(),
          Statuses: ['RUNNING'],
          MaxItems: 1000,
          ...(marker === undefined ? {} : { Marker: marker }),
        }),
      );
      for (const { DurableExecutionName } of page.DurableExecutions ?? [])
        if (DurableExecutionName !== undefined) names.add(DurableExecutionName);
      marker = page.NextMarker;
    } while (marker !== undefined);
    return names;
  }

  async statusOf(name: string): Promise<ExecutionStatus> {
    const { DurableExecutions = [] } = await this.client.send(
      new ListDurableExecutionsByFunctionCommand({
        FunctionName: this.unqualified(),
        DurableExecutionName: name,
      }),
    );
    const own = DurableExecutions.filter((one) => one.DurableExecutionName === name);
    if (own.length === 0) return 'absent';
    return own.some(({ Status }) => Status === 'RUNNING') ? 'running' : 'ended';
  }

  /** Executions are listed for all versions: one goes on with the version that it began with. */
  private unqualified(): string {
    return this.functionName.replace(/:[a-zA-Z0-9$_-]+$/, '');
  }

  async wake(callbackId: string): Promise<boolean> {
    try {
      await this.client.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId: callbackId }));
      return true;
    } catch (error) {
      if (!(error instanceof CallbackTimeoutException)) throw error;
      return false;
    }
  }

  private async start(id: string, errand: Errand, order: object): Promise<void> {
    try {
      await this.client.send(
        new InvokeCommand({
          FunctionName: this.functionName,
          InvocationType: 'Event',
          DurableExecutionName: execution({ id }, errand).name,
          Payload: JSON.stringify({ incidentId: id, ...order }),
        }),
      );
    } catch (error) {
      if (!(error instanceof DurableExecutionAlreadyStartedException)) throw error;
    }
  }
}
