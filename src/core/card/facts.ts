import type { Catalogue } from '../diagnosis/signature.ts';
import type { RemediationWords } from '../plan/kind.ts';
import { wordsOf } from '../plan/kinds.ts';
import type { Diagnosis, Impact } from '../record/diagnosis.ts';
import type { Incident, IncidentHead } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';
import { changedNodes, isChange, newestChange, newestSteps } from '../remediation/steps.ts';
import { nodeCount, utcTime, withoutStop } from '../words.ts';
import { personName } from './context.ts';
import { leadingDiagnosis, type RankedNode } from './nodes.ts';

/** What the words of a card are made of. */
export interface CardFacts {
  readonly head: IncidentHead;
  readonly diagnosis: Diagnosis | undefined;
  /** The leading headline without its full stop. */
  readonly verdict: string;
  /** What a larger table ends where the leading verdict stands; absent where it fixes nothing. */
  readonly raiseEnds: Impact | undefined;
  /** Whether any node was seen dropping packets for want of an entry, a short chain or a neighbour. */
  readonly isDropping: boolean;
  /** How many nodes stand changed. */
  readonly changed: number;
  /** How many nodes the ordered and the still planned change concern together. */
  readonly concerned: number;
  /** Reason of the newest transition, or nothing. */
  readonly why: string;
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
  /** Words of the newest verification, or nothing. */
  readonly verified: string;
}

/** Gathers what the texts of every state are written from. */
export function cardFacts(
  { head }: Incident,
  ranked: readonly RankedNode[],
  catalogue: Catalogue,
  now: number,
): CardFacts {
  const raiseEnds = (verdict: string | undefined) => catalogue.find(({ id }) => id === verdict)?.raiseEnds;
  const diagnosis = leadingDiagnosis(ranked);
  const last = head.transitions.at(-1);
  const changed = changedNodes(head);
  const planned = (head.plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  const concerned = new Set([...newestSteps(head).keys(), ...planned]).size;
  return {
    head,
    diagnosis,
    verdict: withoutStop(diagnosis?.headline ?? 'No node gave evidence'),
    raiseEnds: raiseEnds(diagnosis?.verdict),
    isDropping: ranked.some(
      ({ seen }) =>
        seen !== undefined && (raiseEnds(seen.diagnosis.verdict) === 'drops' || losesPackets(seen)),
    ),
    words: wordsOf(kindOf(head)),
    progress: progressOf(head, concerned),
    changed: changed.length,
    verifiedNodes: changed.filter((instanceId) => isVerified(head, instanceId)).length,
    concerned,
    why: last?.why ?? '',
    by: last?.actor.kind === 'slack-user' ? `${personName(last.actor)}, ${utcTime(last.at, now)}.` : '',
    moved: countDrift(head, changed, 'moved'),
    refilled: countDrift(head, changed, 'refilled'),
    verified:
      head.remediations.findLast(({ verification }) => verification !== undefined)?.verification?.why ?? '',
  };
}

/** The nodes of earlier commands have answered; those of the running one as far as the command has ended on them. */
function progressOf({ progress, remediations, state }: IncidentHead, concerned: number): string {
  if (progress === undefined) return '';
  const isRollback = state === 'rolling-back';
  const answered = new Set(
    remediations.flatMap(({ kind, decision, instanceId, finishedAt }) =>
      finishedAt !== undefined &&
      (isRollback ? kind === 'rollback' && decision === progress.decision : kind !== 'rollback')
        ? [instanceId]
        : [],
    ),
  ).size;
  const all = isRollback ? answered + progress.total : concerned;
  return `${answered + progress.finished} of ${nodeCount(all)} have answered`;
}

function losesPackets({ figures }: NonNullable<RankedNode['seen']>): boolean {
  const { fullDrops = 0, chainTooLong = 0, neighbourFulls = 0 } = figures;
  return fullDrops + chainTooLong + neighbourFulls > 0;
}

/** The kind that the card speaks of: of the newest change, otherwise of the plan; none before there is either. */
function kindOf({ plan, remediations }: IncidentHead): RemediationKind | undefined {
  return remediations.findLast(isChange)?.kind ?? plan?.nodes[0]?.kind;
}

function countDrift(
  { drift = [] }: IncidentHead,
  changed: readonly string[],
  wanted: 'moved' | 'refilled',
): number {
  const nodes = drift.at(-1)?.nodes ?? [];
  return nodes.filter(({ instanceId, state }) => state === wanted && changed.includes(instanceId)).length;
}

function isVerified(head: IncidentHead, instanceId: string): boolean {
  return newestChange(head, instanceId)?.verification?.passed === true;
}

/** What the offered change does; why there is none where none is offered. */
export function offeredWhy(diagnosis: Diagnosis | undefined): string {
  return diagnosis?.offer.remediations[0]?.why ?? diagnosis?.offer.why ?? '';
}

/** Why there is no button; a look-alike says plainly that the usual answer would be the wrong one. */
export function noFixSentence({ diagnosis, raiseEnds, why }: CardFacts): string {
  if (diagnosis === undefined) return sentences(why, 'No fix is offered.');
  const { verdict, offer } = diagnosis;
  if (verdict === 'insufficient-evidence') return sentences(offer.why, 'No fix is offered on a guess.');
  if (raiseEnds !== undefined)
    return sentences(offer.why, 'No raise is offered; the runbook has the next steps.');
  return sentences('Raising nf_conntrack_max will not help.', offer.why, 'The runbook has the next steps.');
}

/** Joins sentences, each ending in exactly one full stop; empty ones are left out. */
export function sentences(...parts: readonly string[]): string {
  return parts.flatMap((text) => (text === '' ? [] : [`${withoutStop(text)}.`])).join(' ');
}
