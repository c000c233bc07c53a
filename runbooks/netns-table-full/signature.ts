import { hasWholeWindow } from '../../src/core/diagnosis/log-lines.ts';
import { defineSignature, evidence } from '../../src/core/diagnosis/signature.ts';
import type { LogMessage, Snapshot } from '../../src/core/snapshot/snapshot.ts';
import {
  fullTable,
  namesOthers,
  type TableState,
  tableStateOf,
} from '../../src/core/snapshot/table-state.ts';
import remediation from './remediation.ts';
import { singleReading } from './single-reading.ts';

/**
 * The table of another network namespace (a container's own) is full. Count is per namespace, the limit is one for all
 * (nf_conntrack_core.c, __nf_conntrack_alloc), so the node's own table can be nearly empty. Kernels from 6.18 on name
 * the namespace; before, the line is only unexplained by the node's own table.
 */
export default defineSignature({
  id: 'netns-table-full',
  title: "A container's own connection-tracking table is full",
  order: { stage: 'new-entries', position: 60 },
  raiseEnds: 'drops',
  remediation,
  singleReading,
  evaluate(snapshot) {
    if (!snapshot.log.known) return { state: 'undetermined', missing: ['kernel log'], evidence: [] };
    const state = tableStateOf(snapshot);
    const named = state.foreignLines.filter((line) => line.isDuringWindow);
    const unnamed = state.unattributedLines.filter((line) => line.isDuringWindow);
    const because = [
      evidence(
        '"table full" lines of another namespace',
        named.length,
        'kernel messages in the window',
        0,
        'dmesg',
      ),
      evidence(
        '"table full" lines that the node’s own table does not explain',
        unnamed.length,
        'kernel messages in the window',
        0,
        'dmesg',
      ),
    ];
    const isOwnTableClean =
      state.losses !== undefined && state.losses.full.high === 0n && !fullTable(state).isFull;
    if (named.length > 0 || (unnamed.length > 0 && isOwnTableClean)) {
      const netns = named.find((line) => line.netns !== undefined)?.netns;
      const whose = netns === undefined ? 'a container' : `network namespace ${netns}`;
      return {
        state: 'match',
        impact: 'drops',
        confidence: 'medium',
        evidence: because,
        headline: `The connection-tracking table of ${whose} is full and drops its new connections; the node’s own table is not the cause.`,
        raise: {
          allowed: false,
          why: 'The count in that namespace was not read. The limit is shared, so confirm there first; the runbook shows how.',
        },
      };
    }
    if (unnamed.length > 0)
      return {
        state: 'undetermined',
        missing: ['whose table the logged lines are about'],
        evidence: because,
      };
    if (state.ownLines.some((line) => line.netns === undefined) && isOwnerUnseen(snapshot, state))
      return {
        state: 'undetermined',
        missing: ['whose table the logged lines are about'],
        evidence: because,
      };
    // Without a window, or without a time, a line that the calm table of the node does not explain may be of either.
    const isUntold = ({ ageSeconds }: LogMessage) =>
      ageSeconds === undefined || !snapshot.windowSeconds.known;
    if (state.unattributedLines.some(isUntold))
      return {
        state: 'undetermined',
        missing: ['whose table the logged lines are about'],
        evidence: because.filter(({ value }) => value !== '0'),
      };
    if (!hasWholeWindow(snapshot))
      return { state: 'undetermined', missing: ['the kernel log of the whole window'], evidence: because };
    // Lines without a time that can be compared may be of now or of last week.
    if (state.foreignLines.some((line) => line.ageSeconds === undefined))
      return { state: 'undetermined', missing: ['when the logged lines were written'], evidence: because };
    return { state: 'no-match', evidence: because };
  },
});

/**
 * Whether a line that names no namespace is only taken to be about the node's own table: neither its use nor its losses
 * were read, and the kernel may be one from before 6.18, which never names one.
 */
function isOwnerUnseen(snapshot: Snapshot, { use, losses }: TableState): boolean {
  return use === undefined && losses === undefined && !namesOthers(snapshot);
}
