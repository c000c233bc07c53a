import type { Catalogue } from '../diagnosis/signature.ts';
import type { IncidentHead } from '../record/incident.ts';
import { losesPackets } from '../remediation/readings.ts';
import { type ChangeStep, isVerified, nodeStates } from '../remediation/steps.ts';
import { counted, utcTime, withoutStop } from '../words.ts';
import type { RankedNode } from './nodes.ts';

/** A node that is not well and on which no change stands that was verified. */
export interface LeftNode {
  readonly instanceId: string;
  /** What its last reading concludes, as a sentence. */
  readonly headline: string;
  /** When that was read, ISO 8601. */
  readonly at: string;
  /** Whether it loses packets, to whatever failure mode. */
  readonly isLosing: boolean;
  /** Whether it was read after a rollback, of which the card has words of its own. */
  readonly isRolledBack: boolean;
}

/**
 * The nodes whose fault no change mends, by what was read of each last: one that a change failed on or never reached, one that
 * loses packets although it was changed, and one with another verdict. Of a node that was rolled back only a reading after that
 * tells anything.
 */
export function leftUnmended(
  head: Pick<IncidentHead, 'remediations'>,
  ranked: readonly RankedNode[],
  catalogue: Catalogue,
): readonly LeftNode[] {
  const states = nodeStates(head);
  return ranked.flatMap(({ node: { instanceId }, collection, seen, basis, basisAt, afterRollback }) => {
    const last = seen ?? basis;
    const at = seen === undefined ? basisAt : collection?.collectedAt;
    const { changes = [], undone } = states.get(instanceId) ?? {};
    const isUnread = undone !== undefined && afterRollback === undefined;
    if (last === undefined || at === undefined || isUnread) return [];
    const { headline, verdict } = last.diagnosis;
    const isLosing = losesPackets(last, catalogue);
    if (changes.length > 0 && !(isLosing && isReadSince(changes, at))) return [];
    // A conclusion from all other modes, as `not-the-node` is, finds nothing that could be mended.
    const stage = catalogue.find(({ id }) => id === verdict)?.order.stage ?? 'conclusion';
    if (!isLosing && stage === 'conclusion') return [];
    return [{ instanceId, headline, at, isLosing, isRolledBack: afterRollback !== undefined }];
  });
}

/** Whether a node was read after changes of which none is known to be in force and to help. */
const isReadSince = (changes: readonly ChangeStep[], at: string): boolean =>
  changes.every((step) => !isVerified(step) && step.claimedAt < at);

/** Of a rolled-back node the card speaks elsewhere. */
const losingNeverUndone = (left: readonly LeftNode[]) =>
  left.filter(({ isLosing, isRolledBack }) => isLosing && !isRolledBack);

/** `, packets still lost on 1`, or nothing. */
export function stillLost(left: readonly LeftNode[]): string {
  const losing = losingNeverUndone(left).length;
  return losing === 0 ? '' : `, packets still lost on ${losing}`;
}

/** `i-0abc: Connection-tracking table full: … (read 14:06:11Z); 2 more nodes lose packets too`, of those never rolled back. */
export function lossWords(left: readonly LeftNode[], now: number): string {
  const [first, ...others] = losingNeverUndone(left);
  if (first === undefined) return '';
  const more =
    others.length === 0
      ? ''
      : `; ${counted(others.length, 'more node')} ${others.length === 1 ? 'loses' : 'lose'} packets too`;
  return `${first.instanceId}: ${withoutStop(first.headline)} (read ${utcTime(first.at, now)})${more}`;
}
