import { IllegalMoveError } from '../errors.ts';
import type { Actor, IncidentHead, IncidentState } from './incident.ts';

/** Which state may follow which. What is not listed never happens. */
export const LEGAL_MOVES: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  collecting: ['diagnosed', 'failed', 'joined'],
  diagnosed: [
    'collecting',
    'awaiting-approval',
    'applied-one',
    'no-fix-offered',
    'resolved',
    'failed',
    'joined',
  ],
  'awaiting-approval': [
    'collecting',
    'applying-canary',
    'dismissed',
    'expired',
    'resolved',
    'failed',
    // An early warning that its alarm came after.
    'joined',
  ],
  'applying-canary': ['collecting', 'verifying', 'resolved', 'failed'],
  verifying: [
    'collecting',
    'applying-canary',
    'applied-one',
    'applying-rest',
    'resolved',
    'partially-applied',
    'failed',
  ],
  'applied-one': ['collecting', 'applying-rest', 'rolling-back', 'dismissed', 'expired', 'failed'],
  'applying-rest': ['collecting', 'verifying', 'partially-applied', 'failed'],
  'rolling-back': [
    'rolled-back',
    'applied-one',
    'resolved',
    'partially-applied',
    'failed',
    'dismissed',
    'expired',
  ],
  resolved: ['rolling-back'],
  'partially-applied': ['rolling-back'],
  failed: ['rolling-back'],
  dismissed: ['rolling-back'],
  expired: ['rolling-back'],
  'rolled-back': [],
  'no-fix-offered': [],
  joined: [],
};

/** States in which the workflow has ended and the alarm may open a new incident. */
const CLOSED: ReadonlySet<IncidentState> = new Set([
  'resolved',
  'partially-applied',
  'failed',
  'dismissed',
  'expired',
  'rolled-back',
  'no-fix-offered',
  'joined',
]);

/** Whether the incident's workflow has ended; a rollback may still follow. */
export const isClosed = (state: IncidentState): boolean => CLOSED.has(state);

const NEEDS_REASON: ReadonlySet<IncidentState> = new Set([
  'failed',
  'expired',
  'dismissed',
  'no-fix-offered',
  'joined',
]);

/**
 * Moves the incident and appends the move to its audit trail. Leaving a state that waits for a decision takes the
 * callback with it.
 * @param at ISO 8601 in UTC with milliseconds
 * @throws IllegalMoveError on a move that is not legal, or without the reason that its target needs: a broken workflow
 */
export function transition(
  head: IncidentHead,
  to: IncidentState,
  actor: Actor,
  at: string,
  why?: string,
): IncidentHead {
  if (!LEGAL_MOVES[head.state].includes(to)) {
    throw new IllegalMoveError(
      `${head.id} cannot go from ${head.state} to ${to}; the record was left as it is.`,
    );
  }
  if (why === undefined && NEEDS_REASON.has(to)) {
    throw new IllegalMoveError(
      `${head.id} cannot go to ${to} without a reason; the record was left as it is.`,
    );
  }
  const { callback: _answered, ...rest } = head;
  const move = { at, from: head.state, to, actor, ...(why === undefined ? {} : { why }) };
  return { ...rest, state: to, transitions: [...head.transitions, move] };
}
