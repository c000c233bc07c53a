import type { DurableExecutionClient } from '@aws/durable-execution-sdk-js';

/** Largest payload of one durable operation, in bytes (Lambda quotas for durable functions). */
const PAYLOAD_MAX_BYTES = 262_144;

type CheckpointRequest = Parameters<DurableExecutionClient['checkpoint']>[0];

/**
 * Refuses what AWS refuses and the local checkpoint server takes: a payload of more than 256 KB.
 * The wording is the service's (aws-durable-execution-sdk-python issue 342).
 * @throws an error in the shape of the Lambda client's `InvalidParameterValueException`
 */
export function checkPayloadSizes(request: CheckpointRequest): void {
  for (const update of request.Updates ?? []) {
    if (Buffer.byteLength(update.Payload ?? '') > PAYLOAD_MAX_BYTES) {
      const message = `${update.Type} output payload size must be less than or equal to ${PAYLOAD_MAX_BYTES} bytes.`;
      throw Object.assign(new Error(message), {
        name: 'InvalidParameterValueException',
        $metadata: { httpStatusCode: 400 },
      });
    }
  }
}
