import { manyHalfOpen, UNKNOWN_SENDERS } from '../../src/core/diagnosis/half-open.ts';
import { missingUse } from '../../src/core/diagnosis/missing-use.ts';
import {
  defineSignature,
  evidence,
  FULL_TABLE_DROPS,
  inWindow,
  perWindow,
  type RaiseVerdict,
  showBounds,
  TABLE_USE,
} from '../../src/core/diagnosis/signature.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import {
  evictionShare,
  FLOOD_EVICTION_SHARE,
  FULL_USE,
  fullTable,
  pastLines,
  type TableState,
  tableStateOf,
} from '../../src/core/snapshot/table-state.ts';
import { ago, counted, percent, show } from '../../src/core/words.ts';
import remediation from './remediation.ts';
import { fullBefore, singleReading } from './single-reading.ts';

/** The table reached nf_conntrack_max and the first packet of new connections is dropped (nf_conntrack_core.c, __nf_conntrack_alloc). */
export default defineSignature({
  id: 'table-full',
  title: 'Connection-tracking table full',
  order: { stage: 'new-entries', position: 10 },
  traceCause: 'full-table',
  usualSuspect: 10,
  raiseEnds: 'drops',
  remediation,
  singleReading,
  evaluate(snapshot) {
    const state = tableStateOf(snapshot);
    const because = evidenceOf(state, snapshot);
    const { isFull, witnesses } = fullTable(state);
    if (isFull) {
      return {
        state: 'match',
        impact: 'drops',
        confidence: witnesses >= 2 ? 'high' : witnesses === 1 && state.use !== undefined ? 'medium' : 'low',
        evidence: because,
        headline: headlineOf(state, snapshot),
        ...(state.losses === undefined ? {} : { lost: { packets: state.losses.full.high, by: 'node' } }),
        raise: raiseOf(state, snapshot),
      };
    }
    // A calm count of one moment does not take back what the kernel said of another, where nothing measured its drops.
    const isOpen = snapshot.origin !== 'paste' && state.use !== undefined;
    const before = isOpen ? fullBefore({ snapshot, losses: undefined }) : undefined;
    if (before !== undefined) return before;
    const missing = [
      ...(state.use === undefined ? [missingUse(snapshot.conntrack)] : []),
      ...(state.losses === undefined ? ['conntrack counters of two samples'] : []),
      ...(state.unattributedLines.length > pastLines(state).length
        ? ['whose table the logged "table full" lines are about']
        : []),
      // A table with room at both samples may have filled between them.
      ...(state.losses !== undefined && state.losses.full.low > 0n
        ? ['whether the table filled between the samples, or the kernel had no memory']
        : []),
    ];
    if (missing.length > 0) return { state: 'undetermined', missing, evidence: because };
    return { state: 'no-match', evidence: because };
  },
});

function evidenceOf(state: TableState, snapshot: Snapshot): Evidence[] {
  const { use, losses, ownLines, unattributedLines } = state;
  const facts: Evidence[] = [];
  if (losses !== undefined) {
    const value = showBounds(losses.full);
    facts.push(
      evidence(FULL_TABLE_DROPS, value, perWindow('packets', snapshot), 0, 'drop less insert_failed'),
    );
  }
  if (use !== undefined) {
    const limit = use.max === 0 ? 'unlimited' : show(use.max);
    facts.push(
      evidence(
        TABLE_USE,
        `${show(use.highest)} of ${limit} (${percent(use.ratio)})`,
        'entries',
        percent(FULL_USE),
        'nf_conntrack_count',
      ),
    );
  }
  const lines = [...ownLines, ...unattributedLines];
  if (snapshot.log.known)
    facts.push(
      evidence(
        '"table full" lines',
        lines.length,
        lines.some(({ ageSeconds }) => ageSeconds === undefined)
          ? 'kernel messages'
          : 'kernel messages/15 min',
        0,
        'dmesg',
      ),
    );
  const ages = pastLines(state).flatMap(({ ageSeconds }) => ageSeconds ?? []);
  if (ages.length > 0)
    facts.push(
      evidence('newest "table full" line', ago(Math.min(...ages)), 'before the reading', '–', 'dmesg'),
    );
  return facts;
}

function headlineOf({ use, losses, ownLines }: TableState, snapshot: Snapshot): string {
  const table =
    use === undefined
      ? 'Connection-tracking table full'
      : `Connection-tracking table full: ${show(use.highest)} of ${counted(use.max, 'entry')}`;
  if (losses !== undefined && losses.full.low > 0n) {
    return `${table}, ${counted(losses.full.low, 'packet')} of new connections dropped${inWindow(snapshot)}.`;
  }
  if (losses !== undefined && losses.full.high > 0n)
    return `${table}, up to ${counted(losses.full.high, 'packet')} dropped${inWindow(snapshot)}.`;
  if (use === undefined) {
    const logged = `${table}: the kernel logged it ${ownLines.length === 1 ? 'once' : counted(ownLines.length, 'time')}`;
    const ages = ownLines.flatMap(({ ageSeconds }) => ageSeconds ?? []);
    return ages.length === 0
      ? `${logged}; how long ago, and whether it still is, the text does not tell.`
      : `${logged}, ${ownLines.length === 1 ? '' : 'last '}${ago(Math.min(...ages))} ago; whether it still is, the text does not tell.`;
  }
  const isDated = ownLines.some(({ ageSeconds }) => ageSeconds !== undefined);
  return isDated
    ? `${table}; the kernel logged drops in the last 15 minutes.`
    : `${table}; the kernel logged drops; how long ago, the text does not tell.`;
}

function raiseOf(state: TableState, snapshot: Snapshot): RaiseVerdict {
  if (state.losses === undefined) {
    return {
      allowed: false,
      why: 'Without two samples of the counters it can not be told whether a flood or real connections fill the table.',
    };
  }
  const share = evictionShare(state);
  if (share !== undefined && share > FLOOD_EVICTION_SHARE) {
    return {
      allowed: false,
      why: `${percent(share)} of what the full table did was evicting half-open or one-way entries: a flood fills any size, so stop it at its source first.`,
    };
  }
  return manyHalfOpen(snapshot)?.isSpreadKnown === false
    ? { allowed: false, why: UNKNOWN_SENDERS }
    : { allowed: true };
}
