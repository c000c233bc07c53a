import { hasWholeWindow } from '../../src/core/diagnosis/log-lines.ts';
import { type Pointer, pointersOf } from '../../src/core/diagnosis/pointers.ts';
import {
  defineSignature,
  evidence,
  FULL_TABLE_DROPS,
  inWindow,
  perWindow,
  type Results,
  TABLE_USE,
} from '../../src/core/diagnosis/signature.ts';
import { countSinceBoot, LEAST_LOSSES } from '../../src/core/diagnosis/single-reading/rules.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import type { Fact } from '../../src/core/snapshot/fact.ts';
import type { LogMessage, Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { CALM_USE, isTableCalm } from '../../src/core/snapshot/table-state.ts';
import { ago, counted, percent } from '../../src/core/words.ts';
import {
  confidenceOf,
  DROPS,
  dropsSinceBoot,
  hidesPast,
  lastEvent,
  numbersOf,
  type PastEvent,
  pastEvidence,
} from './past.ts';
import { singleReading } from './single-reading.ts';

/** Seconds without a new line after which a full table has ended; shorter, it may be draining and filling by turns. Our choice. */
const QUIET_SECONDS = 60;

/** Use below which a table can't be draining and filling by turns: its entries live for longer than a line is fresh. Our choice. */
const ROOMY_USE = 0.5;

/** Everything that connection tracking and its neighbours on the node can lose was looked at and stands still: the cause lies elsewhere. */
export default defineSignature({
  id: 'not-the-node',
  title: 'Not connection tracking: it loses nothing now',
  order: { stage: 'conclusion', position: 10 },
  singleReading,
  conclude(snapshot, results) {
    const checks = checklist(snapshot, results);
    const because = distinct(checks.flatMap(({ seen }) => seen ?? []));
    const missing = checks.filter(({ state }) => state === 'unknown').map(({ name }) => name);
    const isCollectedElsewhere =
      snapshot.identity.isInitialNetns.known && !snapshot.identity.isInitialNetns.value;
    if (isCollectedElsewhere) missing.push("the node's own network namespace");
    if (snapshot.hidesPodOverflows) missing.push('listen queues of every pod');
    const hasMatch = [...results.values()].some((result) => result.state === 'match');
    if (hasMatch || checks.some(({ state }) => state === 'dirty')) return { state: 'no-match', evidence: [] };
    if (missing.length > 0) return { state: 'undetermined', missing, evidence: because };
    const past = lastEvent(snapshot);
    const unseen = unseenOf(snapshot, results);
    const drops = dropsSinceBoot(snapshot);
    const pointers = pointersOf(snapshot);
    const isLosing = pointers.some(({ isLoss }) => isLoss);
    return {
      state: 'match',
      impact: isLosing ? 'drops' : 'pressure',
      confidence: confidenceOf(past, unseen),
      evidence: [
        ...pointers.map((pointer) => pointer.evidence),
        ...(past === undefined ? [] : [pastEvidence(past)]),
        ...(drops < LEAST_LOSSES ? [] : [countSinceBoot(FULL_TABLE_DROPS, drops, 'packets', DROPS)]),
        ...because,
      ],
      headline: headlineOf(snapshot, past, unseen, pointers.find(({ isLoss }) => isLoss) ?? pointers[0]),
      raise: {
        allowed: false,
        why:
          past === undefined || isLosing
            ? 'Connection tracking is not the cause.'
            : 'Nothing was lost while the node was read.',
      },
    };
  },
});

interface Check {
  readonly name: string;
  readonly state: 'clean' | 'dirty' | 'unknown';
  readonly seen: Evidence | readonly Evidence[] | undefined;
}

/** What one look showed is said once, however many checks rest on it. */
function distinct(facts: readonly Evidence[]): Evidence[] {
  return [...new Map(facts.map((fact) => [JSON.stringify(fact), fact])).values()];
}

function checklist(snapshot: Snapshot, results: Results): readonly Check[] {
  const { conntrack, protocol, softnet, neighbours, log } = snapshot;
  const zero = <T>(name: string, fact: Fact<T>, read: (value: T) => bigint, unit: string): Check =>
    check(name, fact, (value) => {
      const count = read(value);
      return {
        isClean: count === 0n,
        seen: evidence(name, count, perWindow(unit, snapshot), 0, fact.source),
      };
    });
  return [
    check(TABLE_USE, conntrack.use, (use) => ({
      isClean: isTableCalm(snapshot),
      seen: evidence(
        TABLE_USE,
        percent(use.ratio),
        'of nf_conntrack_max',
        percent(CALM_USE),
        conntrack.use.source,
      ),
    })),
    zero(FULL_TABLE_DROPS, conntrack.losses, ({ full }) => full.high, 'packets'),
    zero('clash drops', conntrack.losses, ({ clash }) => clash.high, 'packets'),
    zero('chaintoolong', conntrack.losses, ({ chainTooLong }) => chainTooLong, 'packets'),
    zero('early drops', conntrack.losses, ({ earlyDrop }) => earlyDrop, 'entries'),
    ruledOut('invalid packets that hurt', results, 'invalid-reset'),
    zero(
      'listen overflows on the node',
      protocol,
      (deltas) => deltas.get('TcpExtListenOverflows') ?? 0n,
      'handshakes',
    ),
    zero('backlog drops', softnet, ({ dropped }) => dropped, 'packets'),
    zero('neighbour table overflows', neighbours, ({ tableFulls }) => tableFulls, 'allocations'),
    ruledOut("EC2's connection limit", results, 'ena-conntrack-allowance'),
    ruledOut("EC2's link-local limit", results, 'ena-link-local-allowance'),
    ruledOut("EC2's throughput limits", results, 'ena-throughput-allowance'),
    // Where the data path was not looked at, these do not apply as far as is known.
    ...(snapshot.cilium.known ? [ruledOut("Cilium's connection maps", results, 'cilium-map-full')] : []),
    ...(snapshot.usesIpvs.known ? [ruledOut('reused ports in IPVS mode', results, 'ipvs-port-reuse')] : []),
    check('kernel messages', log, ({ messages }) => {
      const telling = messages.filter((message) => isTelling(message, snapshot, results));
      return {
        isClean: telling.length === 0,
        isUnknown: !hasWholeWindow(snapshot),
        seen: [
          evidence('kernel messages of present trouble', telling.length, 'lines', 0, log.source),
          ...(messages.length > telling.length
            ? [
                evidence(
                  'kernel messages of what has ended or is harmless',
                  messages.length - telling.length,
                  'lines/15 min',
                  '–',
                  log.source,
                ),
              ]
            : []),
        ],
      };
    }),
  ];
}

function check<T>(
  name: string,
  fact: Fact<T>,
  read: (value: T) => { isClean: boolean; isUnknown?: boolean; seen: Evidence | readonly Evidence[] },
): Check {
  if (!fact.known)
    return { name, state: fact.kind === 'not-applicable' ? 'clean' : 'unknown', seen: undefined };
  const { isClean, isUnknown = false, seen } = read(fact.value);
  return { name, state: isClean ? (isUnknown ? 'unknown' : 'clean') : 'dirty', seen };
}

/** A mode that has looked at its own evidence and ruled itself out. */
function ruledOut(name: string, results: Results, mode: string): Check {
  const result = results.get(mode);
  if (result?.state !== 'no-match')
    return { name, state: result?.state === 'match' ? 'dirty' : 'unknown', seen: undefined };
  return { name, state: 'clean', seen: result.evidence[0] };
}

/** A message that speaks of trouble now. Older ones are history, told in the headline. */
function isTelling(message: LogMessage, snapshot: Snapshot, results: Results): boolean {
  if (message.kind === 'callbacks-suppressed') return false;
  // Its own mode holds the line against the sockets that were aborted, and matches unless none was.
  if (message.kind === 'orphaned-sockets' && results.get('memory-pressure')?.state !== 'match') return false;
  if (message.ageSeconds === undefined || message.isDuringWindow) return true;
  const isRoomy = snapshot.conntrack.use.known && snapshot.conntrack.use.value.ratio < ROOMY_USE;
  return message.kind === 'table-full' && message.ageSeconds < QUIET_SECONDS && !isRoomy;
}

/** What does not forbid the verdict but was not looked at, a clause each. */
function unseenOf(snapshot: Snapshot, results: Results): readonly string[] {
  const hasStaleUdp = results.get('stale-udp-entry')?.state === 'undetermined';
  return [
    ...(snapshot.podProtocol.known ? [] : ['listen queues inside pods were not read']),
    ...(snapshot.unreadPods > 0 ? ['not every pod let its listen queues be read'] : []),
    ...(hidesPast(snapshot)
      ? [`since boot a full table cost ${counted(dropsSinceBoot(snapshot), 'packet')}, and when is not told`]
      : []),
    ...(hasStaleUdp ? ['the backends of UDP flows were not compared with their service'] : []),
  ];
}

function headlineOf(
  snapshot: Snapshot,
  past: PastEvent | undefined,
  unseen: readonly string[],
  pointer: Pointer | undefined,
): string {
  if (pointer?.isLoss === true)
    return `Connection tracking lost nothing${inWindow(snapshot)}, yet packets are lost: ${pointer.clause}.`;
  const clean = `No cause on this node's network path${inWindow(snapshot)}`;
  if (past !== undefined) {
    return `${clean}, but until ${ago(past.ageSeconds)} ago ${past.what} (${numbersOf(past, snapshot)}): collect again during the next peak, or let an alarm at 80 % of the table do it.`;
  }
  const look = pointer?.clause ?? 'look at the application, its upstreams and the path to it';
  return [`${clean}: ${look}`, ...unseen.slice(0, 1)].join('; ') + '.';
}
