import type { StepConfig } from '@aws/durable-execution-sdk-js';
import * as z from 'zod';
import { LookupFailedError } from '../../src/adapters/errors.ts';
import { ChannelBusyError, MedicError, RecordUnavailableError } from '../../src/core/errors.ts';

/** How often a step is tried whose error may pass. */
const TRIES = 4;

/** Pauses while the table is away, in seconds, and how many of the longest: a quarter of an hour together. */
const OUTAGE_PAUSES = [1, 2, 3, 4, 6, 9, 14, 20, 30, 45];
const LONGEST_PAUSE = 60;
const LONGEST_PAUSES = 13;

/** Pauses after which the nodes are looked up again, in seconds: a service of AWS that is away for a minute ends no incident. */
const LOOKUP_PAUSES = [2, 4, 8, 16, 30, 30, 30];

/**
 * Seconds until a step that failed is tried again. While the table is away no record can be ended with a sentence either, so
 * it is waited for far longer than anything else.
 * @param attempt how often it was tried
 * @returns nothing when it is not tried again
 */
export function secondsToNextTry(error: Error, attempt: number): number | undefined {
  if (error instanceof RecordUnavailableError)
    return attempt <= OUTAGE_PAUSES.length + LONGEST_PAUSES
      ? (OUTAGE_PAUSES[attempt - 1] ?? LONGEST_PAUSE)
      : undefined;
  if (error instanceof LookupFailedError) return LOOKUP_PAUSES[attempt - 1];
  if (error instanceof ChannelBusyError)
    return attempt < TRIES ? Math.max(error.waitSeconds, 2 ** attempt) : undefined;
  return attempt < TRIES && !isLasting(error) ? 2 ** attempt : undefined;
}

/** What the record's own schema refuses it refuses every time, and so does what has said so of itself. */
const isLasting = (error: Error): boolean =>
  error instanceof z.ZodError || (error instanceof MedicError && error.isLasting);

/** Reads and record changes may be repeated, unless that cannot help: the last error ends the incident with its sentence. */
export const RETRIES: Pick<StepConfig<unknown>, 'retryStrategy'> = {
  retryStrategy: (error, attempt) => {
    const seconds = secondsToNextTry(error, attempt);
    return seconds === undefined ? { shouldRetry: false } : { shouldRetry: true, delay: { seconds } };
  },
};
