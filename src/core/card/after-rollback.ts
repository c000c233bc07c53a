import type { Catalogue } from '../diagnosis/signature.ts';
import { wayBackOf } from '../plan/kinds.ts';
import type { Diagnosed } from '../record/collection.ts';
import type { IncidentHead } from '../record/incident.ts';
import { losesPackets } from '../remediation/readings.ts';
import { type ChangeStep, nodeStates } from '../remediation/steps.ts';
import { counted, firstOf, show, utcTime, withoutStop } from '../words.ts';

/** Numbers of buckets that a lead has room for. */
const BUCKETS_TOLD = 3;

/** A reading of a node on which nothing stands changed any more. */
export interface AfterRollback {
  /** What it concludes, as a sentence. */
  readonly headline: string;
  /** Whether it shows the failure mode again that the change was made against. */
  readonly isFaultBack: boolean;
  /** Whether it shows that mode again, or packets being lost to any other. */
  readonly isIll: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/** Judges a reading that was made after a rollback by what the change was made against. */
export function judgeAfterRollback(
  seen: Diagnosed,
  basis: Diagnosed | undefined,
  catalogue: Catalogue,
): Omit<AfterRollback, 'at'> {
  const { headline, findings } = seen.diagnosis;
  const isFaultBack = findings.some(
    ({ mode, state }) => mode === basis?.diagnosis.verdict && state === 'present',
  );
  return { headline, isFaultBack, isIll: isFaultBack || losesPackets(seen, catalogue) };
}

/** As much of a node as its words need. */
interface RolledBackNode {
  readonly node: { readonly instanceId: string };
  readonly afterRollback?: AfterRollback;
}

/** `i-0abc: Connection-tracking table full: … (read 14:06:11Z); 2 more rolled-back nodes suffer too`. */
export function illWords(ranked: readonly RolledBackNode[], now: number): string {
  const ill = ranked.flatMap(({ node, afterRollback }) =>
    afterRollback?.isIll === true ? [{ ...afterRollback, instanceId: node.instanceId }] : [],
  );
  const [first] = ill;
  if (first === undefined) return '';
  const others = ill.length - 1;
  const more =
    others === 0
      ? ''
      : `; ${counted(others, 'more rolled-back node')} ${others === 1 ? 'suffers' : 'suffer'} too`;
  return `${first.instanceId}: ${withoutStop(first.headline)} (read ${utcTime(first.at, now)})${more}`;
}

/**
 * What is to be expected once everything was taken back: that the fault is back where a reading shows it, that it may be
 * where old values are in force, and what stays where a rollback leaves the running values.
 */
export function outlookWords(
  head: Pick<IncidentHead, 'remediations'>,
  faultBack: number,
  now: number,
): string {
  const taken = [...nodeStates(head).values()].flatMap(({ undone }) => undone ?? []);
  const undone = taken.flatMap(({ changes }) => changes);
  const waysBack = undone.map(({ kind }) => wayBackOf(kind));
  const isRestored =
    waysBack.some((wayBack) => wayBack?.restoresValues === true) ||
    !waysBack.some((wayBack) => wayBack?.keepsBuckets === true);
  if (isRestored) {
    const fault = `With the old values the fault ${faultBack > 0 ? 'is' : 'may be'} back.`;
    const answers = taken.map(({ by }) => by.finishedAt ?? by.claimedAt).toSorted();
    return [fault, ...bucketsLeft(undone, utcTime(answers.at(-1) ?? '', now))].join(' ');
  }
  const stays = 'The raised buckets stay in force until the node boots again';
  return faultBack > 0
    ? `${stays}, and the fault is back all the same.`
    : `${stays}; with the old files the fault may be back after that.`;
}

/** What a rolled-back raise leaves in force, in numbers, and when that was so. */
function bucketsLeft(undone: readonly ChangeStep[], when: string): readonly string[] {
  const moves = undone.flatMap(({ buckets }) =>
    buckets === undefined || buckets.before === buckets.after
      ? []
      : [`${show(buckets.after)} (${show(buckets.before)} before)`],
  );
  const told = [...new Set(moves)];
  return told.length === 0
    ? []
    : [`Buckets stay at ${firstOf(told, BUCKETS_TOLD).join(' and ')} until the node boots again (${when}).`];
}
