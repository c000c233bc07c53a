import {
  evidence,
  FULL_TABLE_DROPS,
  inWindow,
  type Match,
  perWindow,
  type SingleReadingRule,
  type SingleReadingRules,
  showBounds,
  TABLE_USE,
} from '../../src/core/diagnosis/signature.ts';
import {
  countSinceBoot,
  LEAST_LOSSES,
  matchOfReading,
  NO_RAISE_ON_ONE,
  ONE_SAMPLE,
} from '../../src/core/diagnosis/single-reading/rules.ts';
import type { SingleReading } from '../../src/core/diagnosis/single-reading/single-reading.ts';
import { duration } from '../../src/core/plan/forecast.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { LogMessage, Snapshot, TableUse } from '../../src/core/snapshot/snapshot.ts';
import { CALM_USE, earlierFullLines, FULL_USE, tableStateOf } from '../../src/core/snapshot/table-state.ts';
import { counted, percent, show } from '../../src/core/words.ts';

/** The count stood at the limit when it was read. That is of now, whatever was counted since boot. */
const atLimit: SingleReadingRule = ({ losses, snapshot }) => {
  const use = valueOf(snapshot.conntrack.use);
  if (use === undefined || use.max === 0 || use.last < use.max) return undefined;
  return matchOfReading(
    `Connection-tracking table at its limit: ${show(use.last)} of ${counted(use.max, 'entry')}, so a new connection gets in only if another entry is evicted for it.`,
    [evidence(TABLE_USE, `${show(use.last)} of ${show(use.max)}`, 'entries', '100 %', 'nf_conntrack_count')],
    'No raise without two samples of the counters: take them first.',
    (losses?.full.low ?? 0n) > 0n ? 'medium' : 'low',
  );
};

const tableFull: SingleReadingRule = ({ losses, snapshot }) => {
  const use = valueOf(snapshot.conntrack.use);
  const drops = losses?.full.low ?? 0n;
  const isAtLimit = use !== undefined && use.ratio >= FULL_USE;
  if (isAtLimit ? drops === 0n : drops < LEAST_LOSSES) return undefined;
  // A count of one moment does not take back drops of others; it only says that it is calm now.
  if (use !== undefined && use.ratio < CALM_USE) return wasFull(use, drops);
  return matchOfReading(
    `Connection-tracking table was full: ${counted(drops, 'packet')} of new connections dropped since boot; ${ONE_SAMPLE}.`,
    [countSinceBoot(FULL_TABLE_DROPS, drops, 'packets', 'drop less insert_failed')],
    NO_RAISE_ON_ONE,
    isAtLimit ? 'medium' : 'low',
  );
};

function wasFull({ last, max }: TableUse, drops: bigint): Match {
  return matchOfReading(
    `Connection-tracking table was full: ${counted(drops, 'packet')} of new connections dropped since boot; it is calm now, ${show(last)} of ${counted(max, 'entry')}.`,
    [
      countSinceBoot(FULL_TABLE_DROPS, drops, 'packets', 'drop less insert_failed'),
      evidence(
        TABLE_USE,
        `${show(last)} of ${show(max)}`,
        'entries',
        percent(CALM_USE),
        'nf_conntrack_count',
      ),
    ],
    NO_RAISE_ON_ONE,
  );
}

/**
 * The kernel logged a full table, nothing measured the drops of the moment, and the table had room when it was read: it was
 * full, and is calm now. A count of one moment does not take back what the kernel said of another.
 */
export function fullBefore({
  snapshot,
  losses,
}: Pick<SingleReading, 'snapshot' | 'losses'>): Match | undefined {
  const { use, ownLines, unattributedLines } = tableStateOf(snapshot);
  const earlier = earlierLines(snapshot);
  // Lines of now need no count to speak of now, and do so by themselves.
  const lines = [...(use === undefined ? [] : [...ownLines, ...unattributedLines]), ...earlier];
  if (lines.length === 0 || snapshot.conntrack.losses.known || (use?.ratio ?? 0) >= CALM_USE)
    return undefined;
  const drops = losses?.full.low ?? 0n;
  const age = oldestOf(lines);
  const when = age === undefined ? 'when, the text does not tell' : `up to ${duration(age)} ago`;
  const dropped = drops > 0n ? `, ${counted(drops, 'packet')} dropped since boot` : '';
  const whose =
    unattributedLines.length > 0 && losses !== undefined && losses.full.high === 0n
      ? ', and as its counters show no drop, the line may be about a pod’s table'
      : '';
  return {
    ...matchOfReading(
      `Connection-tracking table was full: the kernel logged it ${lines.length === 1 ? 'once' : counted(lines.length, 'time')} (${when})${dropped}; ${use === undefined ? 'whether it is now, the text does not tell' : `it is calm now, ${show(use.last)} of ${counted(use.max, 'entry')}`}${whose}.`,
      [
        evidence('"table full" lines', lines.length, 'kernel messages', 0, 'dmesg'),
        ...(use === undefined
          ? []
          : [
              evidence(
                TABLE_USE,
                `${show(use.last)} of ${show(use.max)}`,
                'entries',
                percent(CALM_USE),
                'nf_conntrack_count',
              ),
            ]),
        ...(drops > 0n
          ? [countSinceBoot(FULL_TABLE_DROPS, drops, 'packets', 'drop less insert_failed')]
          : []),
      ],
      `The table was full${use === undefined ? '' : ' and is calm now'}: take two samples at the next peak first.`,
    ),
  };
}

/** Lines that are older than what counts as evidence of now, and name no namespace of another. */
function earlierLines(snapshot: Snapshot): readonly LogMessage[] {
  return earlierFullLines(snapshot).filter(({ netns }) => netns === undefined);
}

function oldestOf(lines: readonly LogMessage[]): number | undefined {
  const ages = lines.flatMap(({ ageSeconds }) => ageSeconds ?? []);
  return ages.length < lines.length ? undefined : Math.max(...ages);
}

/**
 * Packets were dropped between two samples and no insert race explains them: they found no room in the table, or no memory
 * for an entry (nf_conntrack_core.c, __nf_conntrack_alloc). Which of the two, the count beside the limit tells.
 */
const droppedBetween: SingleReadingRule = ({ snapshot }) => {
  const { use, losses } = tableStateOf(snapshot);
  if (losses === undefined || losses.full.low === 0n) return undefined;
  if (use !== undefined && use.ratio >= CALM_USE) return undefined;
  const least = losses.full.low < losses.full.high ? 'At least ' : '';
  const dropped = `${least}${counted(losses.full.low, 'packet')} of new connections dropped${inWindow(snapshot)}`;
  const room =
    use === undefined
      ? 'the connection-tracking table is full, or the kernel has no memory for an entry; nf_conntrack_count beside nf_conntrack_max alone tells which'
      : `the table filled between the samples, or the kernel has no memory for an entry: it held ${show(use.last)} of ${counted(use.max, 'entry')} when it was read; the kernel log alone tells which`;
  return matchOfReading(
    `${dropped}, none of them by an insert race: ${room}.`,
    [
      evidence(
        FULL_TABLE_DROPS,
        showBounds(losses.full),
        perWindow('packets', snapshot),
        0,
        'drop less insert_failed',
      ),
    ],
    'Whether a larger table helps is open until the count is read beside the limit.',
  );
};

/** A table at its limit when it was read, packets that a full one dropped, and a full one that is calm by now. */
export const singleReading: SingleReadingRules = {
  sinceBoot: (reading) => fullBefore(reading) ?? tableFull(reading),
  asRead: (reading) =>
    droppedBetween(reading) ??
    (reading.snapshot.conntrack.losses.known ? undefined : atLimit(reading)) ??
    (reading.snapshot.windowSeconds.known ? fullBefore(reading) : undefined),
};
