import {
  CallbackTimeoutException,
  DurableExecutionAlreadyStartedException,
  type Execution,
  InvokeCommand,
  type LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  type ListDurableExecutionsByFunctionCommandInput,
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

/**
 * Completes the callback that a durable execution waits on.
 * @returns whether it was open
 */
export async function wakeCallback(client: LambdaClient, callbackId: string): Promise<boolean> {
  try {
    await client.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId: callbackId }));
    return true;
  } catch (error) {
    if (!(error instanceof CallbackTimeoutException)) throw error;
    return false;
  }
}

/** How the incident function is told what it is started for. */
const ORDERS = { look: 'look', trace: 'trace', 'take-up': 'takeUp' } as const;

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
    kind: keyof typeof ORDERS,
    number: number,
  ): Promise<void> {
    await this.start(id, { kind, number }, { [ORDERS[kind]]: number });
  }

  async running(): Promise<ReadonlySet<string>> {
    const names = new Set<string>();
    for await (const { DurableExecutionName } of this.list({ Statuses: ['RUNNING'], MaxItems: 1000 }))
      if (DurableExecutionName !== undefined) names.add(DurableExecutionName);
    return names;
  }

  async statusOf(name: string): Promise<ExecutionStatus> {
    let status: ExecutionStatus = 'absent';
    for await (const { DurableExecutionName, Status } of this.list({ DurableExecutionName: name })) {
      if (DurableExecutionName !== name) continue;
      if (Status === 'RUNNING') return 'running';
      status = 'ended';
    }
    return status;
  }

  /** All pages: one that is empty and names a next one says nothing of what there is. */
  private async *list(
    wanted: Omit<ListDurableExecutionsByFunctionCommandInput, 'FunctionName' | 'Marker'>,
  ): AsyncGenerator<Execution> {
    let Marker: string | undefined;
    do {
      const page = await this.client.send(
        new ListDurableExecutionsByFunctionCommand({
          ...wanted,
          FunctionName: this.unqualified(),
          ...(Marker === undefined ? {} : { Marker }),
        }),
      );
      yield* page.DurableExecutions ?? [];
      Marker = page.NextMarker === '' ? undefined : page.NextMarker;
    } while (Marker !== undefined);
  }

  /** Executions are listed for all versions: one goes on with the version that it began with. */
  private unqualified(): string {
    return this.functionName.replace(/:[a-zA-Z0-9$_-]+$/, '');
  }

  async wake(callbackId: string): Promise<boolean> {
    return await wakeCallback(this.client, callbackId);
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
