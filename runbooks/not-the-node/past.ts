import { evidence } from '../../src/core/diagnosis/signature.ts';
import { LEAST_LOSSES } from '../../src/core/diagnosis/single-reading/rules.ts';
import type { Confidence, Evidence } from '../../src/core/record/diagnosis.ts';
import { lossesOf } from '../../src/core/snapshot/conntrack.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { LogMessage, Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { ago, counted } from '../../src/core/words.ts';

/** What a past message says happened, for the headline. */
const PAST_EVENTS: Readonly<Partial<Record<LogMessage['kind'], string>>> = {
  'table-full': 'a connection-tracking table was full',
  'neighbour-table-overflow': 'the neighbour table overflowed',
  'syn-flooding': 'a listener was flooded with SYNs',
  'allocation-failure': 'the kernel ran out of memory for an allocation',
  'tcp-out-of-memory': 'TCP ran out of memory',
  'orphaned-sockets': 'there were too many orphaned sockets',
};

/** What has ended, by the newest message of it. */
export interface PastEvent {
  readonly what: string;
  readonly ageSeconds: number;
  /** Messages of that kind that the log still holds. */
  readonly lines: number;
}

/** The event of the last day that bears most on latency: a full table, otherwise the newest one. */
export function lastEvent({ log }: Snapshot): PastEvent | undefined {
  if (!log.known) return undefined;
  const events = [...log.value.earlier, ...log.value.messages].flatMap(({ kind, ageSeconds }) => {
    const what = PAST_EVENTS[kind];
    return what === undefined || ageSeconds === undefined ? [] : [{ what, ageSeconds }];
  });
  const last = events.findLast(({ what }) => what === PAST_EVENTS['table-full']) ?? events.at(-1);
  return last && { ...last, lines: events.filter(({ what }) => what === last.what).length };
}

/** How many messages tell of it, and how old the newest is. */
export function pastEvidence({ what, ageSeconds, lines }: PastEvent): Evidence {
  return evidence(`kernel messages: ${what}`, lines, `newest ${ago(ageSeconds)} before`, 0, 'dmesg');
}

/** Within it what has ended may well be what the alarm is about; before it, it only may be. Our choice, an hour. */
const LIKELY_SECONDS = 3_600;

/** How sure it is that the node is clean: less so the shorter ago something was lost, or where something was not looked at. */
export function confidenceOf(past: PastEvent | undefined, unseen: readonly string[]): Confidence {
  if (past !== undefined && past.ageSeconds <= LIKELY_SECONDS) return 'low';
  return past !== undefined || unseen.length > 0 ? 'medium' : 'high';
}

/** Where the drops of a full table are read from. */
export const DROPS = 'drop less insert_failed';

/** Packets that a full table dropped since boot, at the least. */
export function dropsSinceBoot({ conntrack, identity }: Snapshot): bigint {
  const totals = valueOf(conntrack.totals);
  if (totals === undefined) return 0n;
  return lossesOf(totals, [...totals.keys()], valueOf(identity.kernel) ?? '').full.low;
}

/** The numbers of what has ended, as they stand in a headline. */
export function numbersOf({ what, lines }: PastEvent, snapshot: Snapshot): string {
  const drops = dropsSinceBoot(snapshot);
  const isTable = what === PAST_EVENTS['table-full'] && drops > 0n;
  return [
    counted(lines, 'kernel message'),
    ...(isTable ? [`${counted(drops, 'packet')} lost to it since boot`] : []),
  ].join(', ');
}

/** How far back the kernel log has to reach for drops since boot without a message to be older than the incident. */
const RECENT_SECONDS = 900;

/** Whether a full table may have dropped packets just now, and the kernel log no longer tells. */
export function hidesPast(snapshot: Snapshot): boolean {
  const complete = valueOf(snapshot.log)?.completeSeconds;
  return complete !== undefined && complete < RECENT_SECONDS && dropsSinceBoot(snapshot) >= LEAST_LOSSES;
}
