import type { Context } from 'aws-lambda';
import { catalogue } from '../runbooks/index.ts';
import { runbookTexts } from '../src/adapters/runbook-texts.ts';
import { PROMPT } from '../src/adapters/waiting/patience.ts';
import { INCIDENTS_AT_ONCE, type Reconciled, reconcile } from '../src/core/reconcile/reconcile.ts';
import { log } from './log.ts';
import { openIntakePorts } from './wiring.ts';

/** Everybody that it lets speak at once has a turn: so it draws owed cards as fast as Slack takes them. */
const TURNS = INCIDENTS_AT_ONCE + 1;

const ports = { ...openIntakePorts(catalogue, PROMPT, TURNS), catalogue, runbookTexts };

/** Time for what has begun to come to its end before Lambda ends it, in milliseconds: a turn is waited for, too. */
const RESERVE_MS = 24_000;

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
