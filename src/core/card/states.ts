import type { IncidentState } from '../record/incident.ts';
import { capital, nodeCount } from '../words.ts';
import { type CardFacts, noFixSentence, offeredWhy, sentences } from './facts.ts';
import type { CardColour } from './model.ts';

/** What a state looks like: its colour, its heading and what is said under it. */
export interface StateView {
  readonly colour: (facts: CardFacts) => CardColour;
  readonly header: (facts: CardFacts) => string;
  readonly lead: (facts: CardFacts) => string;
}

/** Until somebody clicks the verdict leads the card; after that, what became of the change does. */
export const STATE_VIEWS: Readonly<Record<IncidentState, StateView>> = {
  collecting: {
    colour: () => 'grey',
    header: ({ head: { nodes, alarm } }) =>
      nodes.length === 0
        ? `Looking for the nodes behind ${alarm.name}`
        : `Collecting evidence from ${nodeCount(nodes.length)}`,
    lead: () =>
      'Read-only: two samples of each node, some seconds apart. Nothing is changed without a click.',
  },
  diagnosed: {
    colour: verdictColour,
    header: ({ verdict }) => verdict,
    lead: () => 'The next step is being prepared. Nothing was changed yet.',
  },
  'awaiting-approval': {
    colour: verdictColour,
    header: ({ verdict }) => verdict,
    lead: ({ diagnosis, why }) => sentences(why, offeredWhy(diagnosis), 'Nothing was changed yet.'),
  },
  'applying-canary': {
    colour: () => 'blue',
    header: ({ words: { doing, thing } }) => `${capital(doing)} ${thing} on 1 node`,
    lead: ({ by }) => sentences(by, 'One node first; any other waits for its verification.'),
  },
  verifying: {
    colour: () => 'blue',
    header: ({ changed, words: { done } }) => `${capital(done)} on ${nodeCount(changed)}, verifying`,
    lead: ({ by }) => sentences(by, 'A second collection holds the new values against the plan.'),
  },
  'applied-one': {
    colour: () => 'amber',
    header: ({ changed, verifiedNodes, concerned, words: { done } }) =>
      changed === 0
        ? 'No node stands changed, the rest of the plan waits'
        : `${capital(done)}${verifiedNodes === changed ? ' and verified' : ''} on ${changed} of ${nodeCount(concerned)}`,
    lead: ({ why, verified }) => sentences(why, verified, 'The rest needs a click of its own.'),
  },
  'applying-rest': {
    colour: () => 'blue',
    header: ({ concerned, words: { doing, thing } }) =>
      `Canary verified, ${doing} ${thing} on the rest of ${nodeCount(concerned)}`,
    lead: ({ by, progress }) => sentences(by, progress, 'The first failure stops the rest.'),
  },
  resolved: {
    colour: ({ changed, verifiedNodes, moved, refilled }) =>
      changed === 0 ? 'grey' : verifiedNodes === changed && moved + refilled === 0 ? 'green' : 'amber',
    header: ({ changed, verifiedNodes, moved, refilled, words: { thing, done } }) => {
      if (changed === 0) return 'Over: nothing was changed';
      if (moved > 0) return `The change did not last on ${moved} of ${nodeCount(changed)}`;
      if (refilled > 0) return `The raised table is full again on ${refilled} of ${nodeCount(changed)}`;
      return `${verifiedNodes === changed ? 'Verified' : 'Not verified'}: ${thing} ${done} on ${nodeCount(changed)}`;
    },
    lead: ({ why, verified }) => sentences(why, verified),
  },
  'partially-applied': {
    colour: () => 'amber',
    header: ({ changed, concerned, words: { done } }) =>
      `${capital(done)} on ${changed} of ${nodeCount(concerned)}`,
    lead: ({ why }) => sentences(why, 'The list says what is true of each node.'),
  },
  'rolling-back': {
    colour: () => 'blue',
    header: ({ changed }) => `Rolling back ${nodeCount(changed)}`,
    lead: ({ by, progress, words }) => sentences(by, progress, words.goingBack),
  },
  'rolled-back': {
    colour: () => 'red',
    header: ({ changed, words }) =>
      changed === 0
        ? `Rolled back: ${words.wentBack}`
        : `Rolled back in part: ${nodeCount(changed)} still changed`,
    lead: ({ why }) => sentences(why, 'With the old values the fault may be back.'),
  },
  'no-fix-offered': {
    colour: () => 'amber',
    header: ({ verdict }) => verdict,
    lead: noFixSentence,
  },
  dismissed: {
    colour: () => 'grey',
    header: ({ verdict }) => `Dismissed: ${verdict}`,
    lead: leftAsItIs,
  },
  expired: {
    colour: () => 'grey',
    header: ({ verdict }) => `Nobody decided: ${verdict}`,
    lead: leftAsItIs,
  },
  failed: {
    colour: () => 'red',
    header: ({ changed }) =>
      changed === 0 ? 'Stopped: nothing was changed' : `Stopped: ${nodeCount(changed)} changed`,
    lead: ({ why, changed }) =>
      sentences(why, changed === 0 ? '' : 'Look at the list, then roll back or settle it by hand.'),
  },
};

function verdictColour({ isDropping }: CardFacts): CardColour {
  return isDropping ? 'red' : 'amber';
}

function leftAsItIs({ why, changed }: CardFacts): string {
  return sentences(why, changed === 0 ? 'No node was changed.' : 'Nodes that were changed stay changed.');
}
