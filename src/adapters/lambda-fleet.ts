import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Fleet } from '../core/ports.ts';
import type { Alarm } from '../core/record/alarm.ts';
import { INCIDENT_NODES_MOST } from '../core/record/bounds.ts';
import { IncidentNode } from '../core/record/incident.ts';
import { LatencyShape } from '../core/record/latency/shape.ts';
import { LookupFailedError } from './errors.ts';

/** A newer resolve function may say more; what it says of a node is kept with the node. */
const Answer = z.object({
  nodes: z.array(IncidentNode).max(INCIDENT_NODES_MOST),
  gaps: z.array(z.string()),
  latency: LatencyShape.optional(),
});
const Failure = z.looseObject({ errorMessage: z.string().default('no message') });

/** Finds nodes through the resolve function, which has the lookups and the rights for them. */
export class LambdaFleet implements Fleet {
  private readonly client: LambdaClient;
  private readonly functionName: string;

  /** @param functionName qualified with an alias */
  constructor(client: LambdaClient, functionName: string) {
    this.client = client;
    this.functionName = functionName;
  }

  /** @throws LookupFailedError with one sentence when the function failed or answered something else */
  async resolve(alarm: Alarm): ReturnType<Fleet['resolve']> {
    const { FunctionError, Payload } = await this.client.send(
      new InvokeCommand({ FunctionName: this.functionName, Payload: JSON.stringify({ alarm }) }),
    );
    const text = new TextDecoder().decode(Payload);
    const what = `The nodes behind ${alarm.name} could not be looked up`;
    try {
      const payload: unknown = JSON.parse(text);
      if (FunctionError === undefined) {
        const { latency, ...found } = Answer.parse(payload);
        return latency === undefined ? found : { ...found, latency };
      }
      const { errorMessage } = Failure.parse(payload);
      throw new LookupFailedError(`${what}: ${errorMessage.slice(0, 300)}`);
    } catch (cause) {
      if (cause instanceof LookupFailedError) throw cause;
      throw new LookupFailedError(
        `${what}: ${this.functionName} answered something else than nodes; deploy all functions of one version.`,
        { cause },
      );
    }
  }
}
