import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PATIENT, withPatience } from '../../src/adapters/waiting/patience.ts';
import type { AwsKey } from '../aws-key.ts';
import { clockContext } from '../lambda-host/clock.ts';
import { REGION } from './alarm-event.ts';

/** The reconciler runs for a minute at most, and whoever has it run waits for what it did. */
const RUN = { ...PATIENT, answerMs: 90_000, totalMs: 95_000 };

/** Invokes the functions as events and schedules do. */
export interface Invoker {
  /** Hands an event to the intake, and waits for nothing. */
  readonly send: (event: object) => Promise<void>;
  /**
   * Runs a scheduled function once; returns what it did.
   * @param behindMs how far its clock is behind, in milliseconds; 0 unless told
   */
  readonly run: (name: 'medic-reconcile' | 'medic-sweep', behindMs?: number) => Promise<unknown>;
}

/** @param endpoint where the Lambda API is */
export function invoker(endpoint: string, key: AwsKey): Invoker {
  const lambda = new LambdaClient(withPatience({ endpoint, region: REGION, credentials: { ...key } }, RUN));
  return {
    send: async (event) => {
      const Payload = JSON.stringify(event);
      await lambda.send(
        new InvokeCommand({ FunctionName: 'medic-intake:live', InvocationType: 'Event', Payload }),
      );
    },
    run: async (name, behindMs = 0) => {
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({
          FunctionName: `${name}:live`,
          Payload: '{}',
          ...(behindMs > 0 && { ClientContext: clockContext(behindMs) }),
        }),
      );
      const answer = new TextDecoder().decode(Payload);
      if (FunctionError !== undefined) throw new Error(`${name}: ${answer}`);
      return JSON.parse(answer);
    },
  };
}
