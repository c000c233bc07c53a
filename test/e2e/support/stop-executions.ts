import {
  type LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  StopDurableExecutionCommand,
} from '@aws-sdk/client-lambda';
import { expect } from 'vitest';
import type { Patient } from './patient.ts';

/** Ends what runs of an incident where it stands, as an administrator or a fault of the service would. */
export async function stopExecutions(lambda: LambdaClient, it: Patient): Promise<void> {
  const { id } = await it.head();
  const { DurableExecutions = [] } = await lambda.send(
    new ListDurableExecutionsByFunctionCommand({ FunctionName: 'medic-incident', Statuses: ['RUNNING'] }),
  );
  const own = DurableExecutions.filter(({ DurableExecutionName = '' }) =>
    DurableExecutionName.startsWith(id),
  );
  expect(own).not.toHaveLength(0);
  for (const { DurableExecutionArn } of own)
    await lambda.send(new StopDurableExecutionCommand({ DurableExecutionArn }));
}
