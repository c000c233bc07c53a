import type { Catalogue } from '../diagnosis/signature.ts';
import type { RemediationWords } from '../plan/kind.ts';
import { wordsOf } from '../plan/kinds.ts';
import type { Diagnosis, Impact } from '../record/diagnosis.ts';
import type { Incident, IncidentHead, IncidentState } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';
import { losesPackets } from '../remediation/readings.ts';
import { changedStates, isAllVerified, isChange, isUncertain, nodeStates } from '../remediation/steps.ts';
import { capital, counted, nodeCount, utcTime, withoutStop } from '../words.ts';
import { illWords, outlookWords } from './after-rollback.ts';
import { countDrift, driftWords, joinedHeader, personName, progressOf, verifiedWords } from './context.ts';
import { unsure } from './doubt.ts';
import { type LeftNode, leftUnmended, lossWords, stillLost } from './left-nodes.ts';
import type { CardColour } from './model.ts';
import { leadingDiagnosis, type RankedNode } from './nodes.ts';
import { orderedRollback } from './rollback-words.ts';
import { sentences } from './sentences.ts';
import { whyOf } from './timed.ts';
import { stoppedWords, unknownOf } from './uncertain.ts';

/** What the words of a card are made of. */
export interface CardFacts {
  readonly head: IncidentHead;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly diagnosis: Diagnosis | undefined;
  /** The leading headline without its full stop. */
  readonly verdict: string;
  /** What a larger table ends where the leading verdict stands; absent where it fixes nothing. */
  readonly raiseEnds: Impact | undefined;
  /** Whether any node was seen losing packets, to whatever failure mode. */
  readonly isDropping: boolean;
  /** The nodes that do not stand changed and are not well by what was read of them last. */
  readonly left: readonly LeftNode[];
  /** How many of these lose packets. */
  readonly leftDropping: number;
  /** How many nodes stand changed. */
  readonly changed: number;
  /** Of how many of these nobody knows whether they were changed: no answer came and the reading does not tell. */
  readonly uncertain: number;
  /** How many nodes the ordered and the still planned change concern together. */
  readonly concerned: number;
  /** Reason of the newest transition, and before it of the one that first led into the state; or nothing. */
  readonly why: string;
  /** Whether a rollback was ordered last and did not take back everything. */
  readonly isNotRolledBack: boolean;
  /** `@ana, 14:06:11Z. ` when the newest transition was a click, or nothing. */
  readonly by: string;
  /** How the change is spoken of. */
  readonly words: RemediationWords;
  /** `3 of 41 nodes have answered`, while a command runs on several; or nothing. */
  readonly progress: string;
  /** How many of the changed nodes were verified. */
  readonly verifiedNodes: number;
  /** On how many changed nodes the newest look after the end found a value moved back, and on how many a full table. */
  readonly moved: number;
  readonly refilled: number;
  /** What the newest look after the end found where a change does not hold, the first node's and how many more; or nothing. */
  readonly drifted: string;
  /** Words of the newest verification, or nothing. */
  readonly verified: string;
  /** What the first rolled-back node suffers from now, and how many others do; or nothing. */
  readonly ill: string;
  /** On how many rolled-back nodes the fault is seen again. */
  readonly faultBack: number;
}

/** Gathers what the texts of every state are written from. */
export function cardFacts(
  { head }: Incident,
  ranked: readonly RankedNode[],
  catalogue: Catalogue,
  now: number,
): CardFacts {
  const diagnosis = leadingDiagnosis(ranked);
  const last = head.transitions.at(-1);
  const states = changedStates(head);
  const changed = states.map(({ instanceId }) => instanceId);
  const left = leftUnmended(head, ranked, catalogue);
  const planned = (head.plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  const concerned = new Set([...nodeStates(head).keys(), ...planned]).size;
  return {
    head,
    now,
    diagnosis,
    verdict: withoutStop(diagnosis?.headline ?? 'No node gave evidence'),
    raiseEnds: catalogue.find(({ id }) => id === diagnosis?.verdict)?.raiseEnds,
    left,
    leftDropping: left.filter(({ isLosing }) => isLosing).length,
    isDropping: ranked.some(({ basis }) => basis !== undefined && losesPackets(basis, catalogue)),
    words: wordsOf(kindOf(head)),
    progress: progressOf(head, concerned),
    changed: changed.length,
    uncertain: states.filter(isUncertain).length,
    verifiedNodes: states.filter(isAllVerified).length,
    isNotRolledBack: last?.from === 'rolling-back' && last.to !== 'rolled-back',
    concerned,
    why: whyOf(head, now),
    by: last?.actor.kind === 'slack-user' ? `${personName(last.actor)}, ${utcTime(last.at, now)}.` : '',
    moved: countDrift(head, changed, 'moved'),
    refilled: countDrift(head, changed, 'refilled'),
    drifted: driftWords(head, changed, now),
    verified: verifiedWords(head, now),
    ill: illWords(ranked, now),
    faultBack: ranked.filter(({ afterRollback }) => afterRollback?.isFaultBack === true).length,
  };
}

/** The kind that the card speaks of: of the newest change, otherwise of the plan; none before there is either. */
function kindOf({ plan, remediations }: IncidentHead): RemediationKind | undefined {
  return remediations.findLast(isChange)?.kind ?? plan?.nodes[0]?.kind;
}

/** What the offered change does; why there is none where none is offered. */
const offeredWhy = (diagnosis: Diagnosis | undefined): string =>
  diagnosis?.offer.remediations[0]?.why ?? diagnosis?.offer.why ?? '';

/** Why there is no button; a look-alike says plainly that the usual answer would be the wrong one. */
function noFixSentence({ diagnosis, raiseEnds, why }: CardFacts): string {
  if (diagnosis === undefined) return sentences(why, 'No fix is offered.');
  const { verdict, offer, impact, confidence } = diagnosis;
  const isGuess = impact !== 'drops' && confidence === 'low';
  if (verdict === 'insufficient-evidence' || isGuess)
    return sentences(offer.why, 'No fix is offered on a guess.');
  if (raiseEnds !== undefined)
    return sentences(unsure(diagnosis), offer.why, 'No raise is offered; the runbook has the next steps.');
  return sentences(
    unsure(diagnosis),
    'Raising nf_conntrack_max will not help.',
    offer.why,
    'The runbook has the next steps.',
  );
}

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
    lead: ({ diagnosis, why }) =>
      sentences(why, unsure(diagnosis), offeredWhy(diagnosis), 'Nothing was changed yet.'),
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
    header: ({ head, changed, verifiedNodes, concerned, words: { done } }) =>
      changed === 0
        ? 'No node stands changed, the rest of the plan waits'
        : `${capital(done)}${verifiedNodes === changed ? ' and verified' : ''} on ${changed} of ${nodeCount(concerned + (head.planRest?.length ?? 0))}`,
    lead: ({ why, verified, ill }) => sentences(ill, why, verified, 'The rest needs a click of its own.'),
  },
  'applying-rest': {
    colour: () => 'blue',
    header: ({ head: { planRest }, concerned, words: { doing, thing } }) =>
      `Canary verified, ${doing} ${thing} on the rest of ${nodeCount(concerned)}${planRest === undefined ? '' : `, ${planRest.length} more wait`}`,
    lead: ({ by, progress }) => sentences(by, progress, 'The first failure stops the rest.'),
  },
  resolved: {
    colour: resolvedColour,
    header: ({
      head,
      verdict,
      changed,
      verifiedNodes,
      moved,
      refilled,
      isNotRolledBack,
      words: { thing, done },
    }) => {
      if (head.remediations.length === 0) return `Alarm OK again, nothing was changed: ${verdict}`;
      if (changed === 0) return 'Over: nothing was changed';
      if (isNotRolledBack) return `Not rolled back: ${thing} still ${done} on ${nodeCount(changed)}`;
      if (moved > 0) return `The change did not last on ${moved} of ${nodeCount(changed)}`;
      if (refilled > 0) return `The raised table is full again on ${refilled} of ${nodeCount(changed)}`;
      return `${verifiedNodes === changed ? 'Verified' : 'Not verified'}: ${thing} ${done} on ${nodeCount(changed)}`;
    },
    lead: ({ why, verified, changed, left, ill, drifted }) =>
      sentences(
        ill,
        drifted,
        why,
        drifted === '' ? verified : '',
        changed > 0 && left.length > 0
          ? `What was found on ${counted(left.length, 'other node')} is not mended by this`
          : '',
      ),
  },
  'partially-applied': {
    colour: ({ faultBack, leftDropping }) => (faultBack + leftDropping > 0 ? 'red' : 'amber'),
    header: ({ changed, uncertain, concerned, faultBack, left, words: { done } }) =>
      `${capital(done)} on ${changed - uncertain} of ${nodeCount(concerned)}${unknownOf(uncertain)}${faultBack === 0 ? '' : `, the fault is back on ${faultBack}`}${stillLost(left)}`,
    lead: ({ why, ill, left, now }) =>
      sentences(ill, lossWords(left, now), why, 'The list says what is true of each node.'),
  },
  'rolling-back': {
    colour: () => 'blue',
    header: ({ head }) => {
      const { ordered, isOpen } = orderedRollback(head);
      return isOpen ? `Rolling back ${nodeCount(ordered)}` : 'Rolled back, reading the nodes again';
    },
    lead: ({ head, by, progress, words }) => {
      const { who, spares } = orderedRollback(head);
      return sentences(by, progress, words.goingBack(who), spares);
    },
  },
  'rolled-back': {
    colour: () => 'red',
    header: ({ changed, words }) =>
      changed === 0
        ? `Rolled back: ${words.wentBack}`
        : `Rolled back in part: ${nodeCount(changed)} still changed`,
    lead: ({ head, why, ill, faultBack, now }) => sentences(ill, why, outlookWords(head, faultBack, now)),
  },
  'no-fix-offered': {
    colour: verdictColour,
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
  joined: {
    colour: () => 'grey',
    header: ({ head }) => joinedHeader(head),
    lead: ({ why }) => sentences(why, 'Nothing happens on this card any more.'),
  },
  failed: {
    colour: () => 'red',
    header: ({ head, diagnosis, verdict, changed, uncertain }) => {
      if (changed > 0) return stoppedWords(changed, uncertain);
      if (head.remediations.length > 0) return 'Stopped: nothing was changed';
      return diagnosis === undefined ? 'No node was read' : `Stopped, nothing was changed: ${verdict}`;
    },
    lead: ({ head, diagnosis, why, changed, ill }) =>
      sentences(
        ill,
        why,
        changed > 0 ? 'Look at the list, then roll back or put it right by hand.' : '',
        head.remediations.length === 0 && diagnosis === undefined
          ? 'What is wrong is not known, and nothing was changed.'
          : '',
      ),
  },
};

/** Green only where every change is verified and holds, and no other node was left losing packets. */
function resolvedColour(facts: CardFacts): CardColour {
  const { head, isDropping, raiseEnds, changed, verifiedNodes, moved, refilled } = facts;
  if (changed === 0) {
    const isLeft = head.remediations.length === 0 && (isDropping || raiseEnds !== undefined);
    return isLeft ? 'amber' : 'grey';
  }
  const holds = verifiedNodes === changed && moved + refilled === 0 && !facts.isNotRolledBack;
  return holds && facts.leftDropping === 0 ? 'green' : 'amber';
}

function verdictColour({ isDropping }: CardFacts): CardColour {
  return isDropping ? 'red' : 'amber';
}

function leftAsItIs({ why, changed }: CardFacts): string {
  return sentences(why, changed === 0 ? 'No node was changed.' : 'Nodes that were changed stay changed.');
}
