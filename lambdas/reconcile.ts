import type { Context } from 'aws-lambda';
import { catalogue } from '../runbooks/index.ts';
import { type Reconciled, reconcile } from '../src/core/reconcile/reconcile.ts';
import { log } from './log.ts';
import { openIntakePorts } from './wiring.ts';

const ports = openIntakePorts(catalogue);

/** Time for what has begun to come to its end before Lambda ends it, in milliseconds. */
const RESERVE_MS = 15_000;

/**
 * Runs on a schedule: delivers decisions that were stored and got lost, starts what was never started, and has what has stopped
 * gone on with.
 */
export async function handler(
  _event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<Reconciled> {
  const until = ports.clock.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
  const reconciled = await reconcile(ports, until);
  log('reconciled', { ...reconciled });
  return reconciled;
}
