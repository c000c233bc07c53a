import type { Evidence } from '../../src/core/diagnosis.ts';
import type { Fact } from '../../src/core/fact.ts';
import { defineSignature, evidence, percent, perWindow, show } from '../../src/core/signature.ts';
import type { LogMessage, Snapshot } from '../../src/core/snapshot.ts';
import { CALM_USE } from '../../src/core/table-state.ts';

/** Invalid packets a second from which they may hurt: below lie stray resets and scans. Our choice. */
const INVALID_PER_SECOND = 10;

/** Seconds without a new line after which a full table has ended; shorter, it may be draining and filling by turns. Our choice. */
const QUIET_SECONDS = 60;

/** Everything on the node that can lose a connection was looked at and is clean: the cause lies elsewhere. */
export default defineSignature({
  id: 'not-the-node',
  title: 'Not this node: its network path is clean',
  conclude(snapshot, results) {
    const checks = checklist(snapshot);
    const because = checks.flatMap(({ seen }) => (seen === undefined ? [] : [seen]));
    const missing = checks.filter(({ state }) => state === 'unknown').map(({ name }) => name);
    const isCollectedElsewhere =
      snapshot.identity.isInitialNetns.known && !snapshot.identity.isInitialNetns.value;
    if (isCollectedElsewhere) missing.push("the node's own network namespace");
    const hasMatch = [...results.values()].some((result) => result.state === 'match');
    if (hasMatch || checks.some(({ state }) => state === 'dirty')) return { state: 'no-match', evidence: [] };
    if (missing.length > 0) return { state: 'undetermined', missing, evidence: because };
    const past = lastEvent(snapshot);
    const arePodsRead = snapshot.podProtocol.known;
    return {
      state: 'match',
      impact: 'pressure',
      confidence: past !== undefined ? 'low' : arePodsRead ? 'high' : 'medium',
      evidence: because,
      headline: headlineOf(snapshot, past, arePodsRead),
      raise: { allowed: false, why: 'Connection tracking is not the cause.' },
    };
  },
});

interface Check {
  readonly name: string;
  readonly state: 'clean' | 'dirty' | 'unknown';
  readonly seen: Evidence | undefined;
}

function checklist(snapshot: Snapshot): readonly Check[] {
  const { conntrack, protocol, softnet, neighbours, ena, log } = snapshot;
  const zero = <T>(name: string, fact: Fact<T>, read: (value: T) => bigint, unit: string): Check =>
    check(name, fact, (value) => {
      const count = read(value);
      return {
        isClean: count === 0n,
        seen: evidence(name, count, perWindow(unit, snapshot), 0, fact.source),
      };
    });
  const seconds = snapshot.windowSeconds.known ? snapshot.windowSeconds.value : 1;
  return [
    check('table use', conntrack.use, (use) => ({
      isClean: use.ratio < CALM_USE,
      seen: evidence(
        'table use',
        percent(use.ratio),
        'of nf_conntrack_max',
        percent(CALM_USE),
        conntrack.use.source,
      ),
    })),
    zero('full-table drops', conntrack.losses, ({ full }) => full.high, 'packets'),
    zero('clash drops', conntrack.losses, ({ clash }) => clash.high, 'packets'),
    zero('chaintoolong', conntrack.losses, ({ chainTooLong }) => chainTooLong, 'packets'),
    zero('early drops', conntrack.losses, ({ earlyDrop }) => earlyDrop, 'entries'),
    check('invalid packets', conntrack.deltas, (deltas) => {
      const invalid = deltas.get('invalid') ?? 0n;
      const limit = Math.round(INVALID_PER_SECOND * seconds);
      return {
        isClean: invalid <= limit,
        seen: evidence(
          'invalid packets',
          invalid,
          perWindow('packets', snapshot),
          limit,
          conntrack.deltas.source,
        ),
      };
    }),
    zero(
      'listen overflows on the node',
      protocol,
      (deltas) => deltas.get('TcpExtListenOverflows') ?? 0n,
      'handshakes',
    ),
    zero('backlog drops', softnet, ({ dropped }) => dropped, 'packets'),
    zero('neighbour table overflows', neighbours, ({ tableFulls }) => tableFulls, 'allocations'),
    zero(
      'ENA allowances exceeded',
      ena,
      (deltas) => [...deltas.values()].reduce((sum, value) => sum + value, 0n),
      'packets',
    ),
    check('kernel messages', log, ({ messages }) => {
      const telling = messages.filter(isTelling);
      return {
        isClean: telling.length === 0,
        seen: evidence('kernel messages of trouble', telling.length, 'lines/15 min', 0, log.source),
      };
    }),
  ];
}

function check<T>(
  name: string,
  fact: Fact<T>,
  read: (value: T) => { isClean: boolean; seen: Evidence },
): Check {
  if (!fact.known)
    return { name, state: fact.kind === 'not-applicable' ? 'clean' : 'unknown', seen: undefined };
  const { isClean, seen } = read(fact.value);
  return { name, state: isClean ? 'clean' : 'dirty', seen };
}

/** A message that speaks of trouble now. Older ones are history, told in the headline. */
function isTelling(message: LogMessage): boolean {
  if (message.kind === 'callbacks-suppressed') return false;
  if (message.ageSeconds === undefined) return true;
  return message.isDuringWindow || (message.kind === 'table-full' && message.ageSeconds < QUIET_SECONDS);
}

/** What a past message says happened, for the headline. */
const PAST_EVENTS: Readonly<Partial<Record<LogMessage['kind'], string>>> = {
  'table-full': 'a connection-tracking table was full',
  'neighbour-table-overflow': 'the neighbour table overflowed',
  'syn-flooding': 'a listener was flooded with SYNs',
  'allocation-failure': 'the kernel ran out of memory for an allocation',
  'tcp-out-of-memory': 'TCP ran out of memory',
  'orphaned-sockets': 'there were too many orphaned sockets',
};

function lastEvent(snapshot: Snapshot): { readonly what: string; readonly ageSeconds: number } | undefined {
  const messages = snapshot.log.known ? snapshot.log.value.messages : [];
  const events = messages.flatMap(({ kind, ageSeconds }) => {
    const what = PAST_EVENTS[kind];
    return what === undefined || ageSeconds === undefined ? [] : [{ what, ageSeconds }];
  });
  return events.find(({ what }) => what === PAST_EVENTS['table-full']) === undefined
    ? events.at(-1)
    : events.findLast(({ what }) => what === PAST_EVENTS['table-full']);
}

function headlineOf(snapshot: Snapshot, past: ReturnType<typeof lastEvent>, arePodsRead: boolean): string {
  const window = snapshot.windowSeconds.known ? snapshot.windowSeconds.value.toFixed(0) : '0';
  const clean = `No cause on this node's network path in ${window} s`;
  if (past !== undefined) {
    const ago =
      past.ageSeconds < 90
        ? `${show(Math.round(past.ageSeconds))} s`
        : `${show(Math.round(past.ageSeconds / 60))} min`;
    return `${clean}, but until ${ago} ago ${past.what}: collect again during the next peak.`;
  }
  const look = 'look at the application, its upstreams and the path to it';
  return arePodsRead ? `${clean}: ${look}.` : `${clean}: ${look}; listen queues inside pods were not read.`;
}
