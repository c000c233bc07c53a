import { manyHalfOpen, UNKNOWN_SENDERS } from '../../src/core/diagnosis/half-open.ts';
import { missingUse } from '../../src/core/diagnosis/missing-use.ts';
import {
  defineSignature,
  evidence,
  perWindow,
  type RaiseVerdict,
  TABLE_USE,
} from '../../src/core/diagnosis/signature.ts';
import { duration, flowOf, forecast } from '../../src/core/plan/forecast.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import type { Losses, Snapshot, TableUse } from '../../src/core/snapshot/snapshot.ts';
import {
  CALM_USE,
  FULL_USE,
  fullTable,
  isTableCalm,
  livingUse,
  NEARLY_FULL_USE,
  tableStateOf,
} from '../../src/core/snapshot/table-state.ts';
import { counted, percent, show } from '../../src/core/words.ts';
import remediation from './remediation.ts';
import { singleReading } from './single-reading.ts';

/** Time in which a person can react: a table that fills sooner is reported before it is full. Our choice, half an hour. */
const REACTION_SECONDS = 1_800;

/**
 * Use from which a fill that the sweep foresees counts: below it the sweep foretells nothing either (src/core/fleet/outlook.ts), and a
 * raise would change nothing for hours.
 */
const FORESEEN_USE = 0.5;

/**
 * Seconds that an entry lives from which growth that the sweep saw may be a step in load that settles: it looks at three quarters of an
 * hour at least, and five lifetimes end a step (src/core/fleet/growth.ts, outlook.ts). Where entries live shorter, load itself rises.
 */
const LONG_LIVED_SECONDS = (45 * 60) / 5;

/** At or close to the limit, and no packet lost yet: entries without ASSURED are evicted to make room (nf_conntrack_core.c, early_drop). */
export default defineSignature({
  id: 'near-full',
  title: 'Connection-tracking table nearly full',
  order: { stage: 'new-entries', position: 20 },
  raiseEnds: 'pressure',
  remediation,
  singleReading,
  evaluate(snapshot) {
    const state = tableStateOf(snapshot);
    const { use, losses } = state;
    const because = evidenceOf(use, losses, snapshot);
    if (fullTable(state).isFull) return { state: 'no-match', evidence: [] };
    const isEvicting = losses !== undefined && losses.earlyDrop > 0n;
    const fillsSoon =
      use?.secondsToFull !== undefined && use.ratio >= CALM_USE && use.secondsToFull < REACTION_SECONDS;
    // A burst that has ended by the second sample presses on nothing any more.
    const isOver = use !== undefined && use.last < CALM_USE * use.max;
    const isPressed =
      use !== undefined && !isOver && !isTableCalm(snapshot) && (use.ratio >= NEARLY_FULL_USE || fillsSoon);
    if (isEvicting || isPressed || isForeseen(snapshot)) {
      return {
        state: 'match',
        impact: 'pressure',
        confidence: isEvicting || (use !== undefined && use.ratio >= FULL_USE) ? 'high' : 'medium',
        evidence: because,
        headline: [headlineOf(use, losses, snapshot), manyHalfOpen(snapshot)?.says].filter(Boolean).join(' '),
        raise: raiseOf(use, losses, snapshot),
      };
    }
    const missing = [
      ...(use === undefined ? [missingUse(snapshot.conntrack)] : []),
      ...(losses === undefined ? ['conntrack counters of two samples'] : []),
    ];
    return missing.length > 0
      ? { state: 'undetermined', missing, evidence: because }
      : { state: 'no-match', evidence: because };
  },
});

/**
 * Whether the sweep foresees that the table will be full, and the two samples of now do not speak against it: its size is what runs
 * out only where living, whole connections fill it. Where long-lived entries settle below the limit, where most of what is counted
 * has expired, or where the kernel can evict what comes, a larger table would not be what helps.
 */
function isForeseen(snapshot: Snapshot): boolean {
  const { use, losses } = tableStateOf(snapshot);
  if (snapshot.foreseen === undefined || use === undefined || losses === undefined) return false;
  if (use.max === 0 || use.last < FORESEEN_USE * use.max || losses.earlyDrop > 0n) return false;
  const living = livingUse(snapshot);
  if (living !== undefined && living.ratio < FORESEEN_USE) return false;
  const end = forecast(flowOf(snapshot), use.last, use.max);
  const settles = end?.kind === 'settles' && end.lifetimeSeconds > LONG_LIVED_SECONDS;
  return !settles && manyHalfOpen(snapshot) === undefined;
}

function evidenceOf(use: TableUse | undefined, losses: Losses | undefined, snapshot: Snapshot): Evidence[] {
  const facts: Evidence[] = [];
  if (use !== undefined) {
    const limit = use.max === 0 ? 'unlimited' : show(use.max);
    const value = `${show(use.highest)} of ${limit} (${percent(use.ratio)})`;
    facts.push(evidence(TABLE_USE, value, 'entries', percent(NEARLY_FULL_USE), 'nf_conntrack_count'));
    const fill = fillOf(use, snapshot);
    if (fill?.by === 'samples' && use.ratio >= CALM_USE)
      facts.push(
        evidence(FULL_IN, Math.round(fill.soonest), 'seconds', REACTION_SECONDS, 'nf_conntrack_count'),
      );
    if (fill?.by === 'series') facts.push(evidence(FULL_IN, fill.when, 'by its series', '–', 'medic-probe'));
    if (fill?.by === 'both')
      facts.push(evidence(FULL_IN, fill.when, 'by these samples and its series', '–', FULL_IN_SOURCES));
  }
  const living = livingUse(snapshot);
  if (living !== undefined)
    facts.push(
      evidence(
        'living entries',
        percent(living.ratio),
        'of nf_conntrack_max',
        percent(CALM_USE),
        'conntrack -L',
      ),
    );
  if (losses !== undefined)
    facts.push(evidence('early drops', losses.earlyDrop, perWindow('entries', snapshot), 0, 'early_drop'));
  return facts;
}

/**
 * When the present limit is met: by what arrives and what ends where that is known, otherwise at the growth between the
 * samples; `undefined` where it is not met.
 */
function secondsToFull(use: TableUse, snapshot: Snapshot): number | undefined {
  const outlook = use.max === 0 ? undefined : forecast(flowOf(snapshot), use.last, use.max);
  if (outlook === undefined) return use.secondsToFull;
  return outlook.kind === 'settles' ? undefined : outlook.fullInSeconds;
}

/** When the table is likely to be full: a time, or the ends of an interval where what was just sampled and its series differ. */
interface Fill {
  readonly by: 'samples' | 'series' | 'both';
  /** `3 min`, or `3 min to 3 h`. */
  readonly when: string;
  readonly soonest: number;
  /** What the sooner end rests on and what the later one; absent where there is one time. */
  readonly ends?: string;
}

const FULL_IN = 'full in about';
const FULL_IN_SOURCES = 'nf_conntrack_count, medic-probe';

/**
 * Some seconds tell a flood that no series has seen yet, and hours tell what these seconds happen to hide. Neither is wrong, so where they
 * differ both are told as one interval.
 */
function fillOf(use: TableUse, snapshot: Snapshot): Fill | undefined {
  const samples = secondsToFull(use, snapshot);
  const series = isForeseen(snapshot) ? snapshot.foreseen?.fullInSeconds : undefined;
  if (samples === undefined || series === undefined) {
    const soonest = samples ?? series;
    if (soonest === undefined) return undefined;
    return { by: samples === undefined ? 'series' : 'samples', when: duration(soonest), soonest };
  }
  const [soonest, latest] = [Math.min(samples, series), Math.max(samples, series)];
  const [first, last] = [duration(soonest), duration(latest)];
  if (first === last) return { by: 'both', when: first, soonest };
  const ends =
    samples < series
      ? 'the sooner at the pace of these samples, the later at that of the last hours'
      : 'the sooner at the pace of the last hours, the later at that of these samples';
  return { by: 'both', when: `${first} to ${last}`, soonest, ends };
}

function headlineOf(use: TableUse | undefined, losses: Losses | undefined, snapshot: Snapshot): string {
  const table =
    use === undefined
      ? 'Connection-tracking table at its limit'
      : `Connection-tracking table at ${percent(use.ratio)} of ${counted(use.max, 'entry')}`;
  if (losses !== undefined && losses.earlyDrop > 0n) {
    return `${table}: it evicts half-open and one-way entries to make room (${show(losses.earlyDrop)} in the window), nothing else is lost yet.`;
  }
  const loss = losses === undefined ? 'whether packets are lost is not known' : 'nothing is lost yet';
  const fill = use === undefined ? undefined : fillOf(use, snapshot);
  if (fill?.ends !== undefined)
    return `${table} and growing: full in about ${fill.when}, ${fill.ends}; ${loss}.`;
  if (fill !== undefined && fill.by !== 'series' && fill.soonest < REACTION_SECONDS)
    return `${table} and growing: full in about ${fill.when} at the present pace, ${loss}.`;
  if (fill !== undefined && fill.by !== 'samples' && use !== undefined && use.ratio < NEARLY_FULL_USE)
    return `${table} and growing for hours: foreseen to be full in about ${fill.when}, ${loss}.`;
  return `${table}: the next burst fills it, ${loss}.`;
}

function raiseOf(use: TableUse | undefined, losses: Losses | undefined, snapshot: Snapshot): RaiseVerdict {
  if (losses === undefined) {
    return {
      allowed: false,
      why: 'Without two samples of the counters it can not be told whether the table is full of entries that the kernel evicts without loss.',
    };
  }
  if (losses.earlyDrop > 0n) {
    return {
      allowed: false,
      why: 'What fills the table are half-open or one-way entries, which the kernel evicts without loss; a larger table would only hold more of them. Find their source first.',
    };
  }
  if (use === undefined || (use.ratio < 0.7 && !isForeseen(snapshot)))
    return { allowed: false, why: 'Less than 70 % of the table is in use.' };
  if (manyHalfOpen(snapshot)?.isSpreadKnown === false) return { allowed: false, why: UNKNOWN_SENDERS };
  const living = livingUse(snapshot);
  const isRising = living?.isGrowing === true || isForeseen(snapshot);
  if (living !== undefined && living.ratio < NEARLY_FULL_USE && use.ratio < FULL_USE && !isRising) {
    return {
      allowed: false,
      why: `Only ${percent(living.ratio)} of the limit are living entries, and they do not grow; the rest has expired and waits to be collected.`,
    };
  }
  return { allowed: true };
}
