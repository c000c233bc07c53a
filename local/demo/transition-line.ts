import type { IncidentHead, IncidentState, Transition } from '../../src/core/record/incident.ts';
import { nodeCount } from '../../src/core/words.ts';

const WORDS: Readonly<Record<IncidentState, string>> = {
  collecting: 'collecting evidence, read-only',
  diagnosed: 'diagnosed',
  'awaiting-approval': 'a plan is on the card, waiting for a click',
  'applying-canary': 'raising the first node',
  'applied-one': 'the first node is verified; the rest waits for a click',
  'applying-rest': 'raising the other nodes',
  verifying: 'verifying by a second collection',
  resolved: 'resolved',
  'partially-applied': 'stopped: only some nodes were changed',
  'rolling-back': 'rolling back',
  'rolled-back': 'rolled back',
  'no-fix-offered': 'no fix is offered',
  dismissed: 'dismissed',
  expired: 'expired: nobody decided in time',
  failed: 'failed',
  joined: 'joined to another incident',
};

/** One line of the terminal for one line of the audit trail. */
export function transitionLine({ to, actor, why }: Transition, head: IncidentHead): string {
  const who = actor.kind === 'slack-user' ? ` (by ${actor.name})` : '';
  const what =
    to === 'collecting' && head.nodes.length > 0
      ? `${WORDS[to]}: ${nodeCount(head.nodes.length)}`
      : WORDS[to];
  return `${what}${who}${why === undefined ? '' : `: ${why}`}`;
}
