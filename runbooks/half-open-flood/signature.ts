import { entriesUnderPressure } from '../../src/core/diagnosis/entry-pressure.ts';
import { HALF_OPEN_SHARE } from '../../src/core/diagnosis/half-open.ts';
import { packetSizeOf } from '../../src/core/diagnosis/packet-size.ts';
import {
  defineSignature,
  evidence,
  type Match,
  perWindow,
  type SignatureResult,
} from '../../src/core/diagnosis/signature.ts';
import { type EntryFacts, isHalfOpen } from '../../src/core/parse/entries/facts.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { evictionShare, FLOOD_EVICTION_SHARE, tableStateOf } from '../../src/core/snapshot/table-state.ts';
import { counted, percent } from '../../src/core/words.ts';

/** What the busiest source or destination may have of the half-open entries: with fewer than ten ends they are the clients of a service that does not answer, no flood or scan. Our choice. */
const ONE_END = 0.1;

/**
 * The same where one destination answers nobody: that is what a dead backend looks like to all of its clients, so it takes
 * more than a hundred senders, or SYNs that no operating system sends, to call it an attack. Our choice.
 */
const ONE_OF_MANY_CLIENTS = 0.01;

/** Share of the half-open entries from which one destination is the only one, and no answer the rule. Our choice. */
const NEARLY_ALL = 0.9;

/**
 * Refused SYNs a second from which they would fill a default table of 131,072 entries if nothing answered them:
 * 131,072 ÷ 120 s of SYN_SENT (nf_conntrack_proto_tcp.c, tcp_timeouts) is about 1,100.
 */
const REFUSED_PER_SECOND = 1_000;

/**
 * SYNs from many sources, or from one to many destinations, that are never answered or always refused: a SYN flood or a
 * scan. Unanswered ones stay as SYN_SENT entries, which the kernel evicts while it can (nf_conntrack_core.c, early_drop);
 * a refusal (RST) deletes its entry at once, so then only the refusals show and not who was refused: clients that try a
 * crashed backend again and again are refused as often, but their operating systems do not send crafted SYNs.
 */
export default defineSignature({
  id: 'half-open-flood',
  title: 'SYN flood or scan: half-open connections',
  order: { stage: 'flood', position: 10 },
  evaluate(snapshot) {
    const refused = refusals(snapshot);
    const pressed = entriesUnderPressure(snapshot, { orFilling: true });
    if (refused !== undefined && refused.isFlood) return refusedFlood(refused);
    const seen = refused?.evidence ?? [];
    if ('state' in pressed) {
      const because = [...pressed.evidence, ...seen];
      return pressed.state === 'no-match'
        ? ruledOut(snapshot, refused, because)
        : { ...pressed, evidence: because };
    }
    const { share, busiestSource, busiestDestination } = pressed.facts.halfOpen;
    const source = 'entries of the table';
    const because: Evidence[] = [
      evidence('half-open share', percent(share), 'of entries', percent(HALF_OPEN_SHARE), source),
      ...(busiestSource === undefined || busiestDestination === undefined
        ? []
        : [
            evidence(
              'their busiest source',
              percent(busiestSource),
              'of half-open',
              percent(ONE_END),
              source,
            ),
            evidence(
              'their busiest destination',
              percent(busiestDestination),
              'of half-open',
              percent(ONE_END),
              source,
            ),
          ]),
      ...seen,
    ];
    // Few senders are the clients of something that does not answer; until they are counted, neither is shown.
    if (busiestSource === undefined && share - pressed.facts.stateError > HALF_OPEN_SHARE)
      return {
        state: 'undetermined',
        missing: ['from how many senders the half-open entries come'],
        evidence: because,
      };
    const isMany = Math.min(busiestSource ?? 0, busiestDestination ?? 0) < ONE_END;
    const size = packetSizeOf(snapshot);
    const isSilent = isSilentBackend(pressed.facts) && size?.isCrafted !== true;
    const areClients = isSilent && (busiestSource ?? 0) > ONE_OF_MANY_CLIENTS + pressed.facts.groupError;
    if (size !== undefined) because.push(size.evidence);
    if (share - pressed.facts.stateError <= HALF_OPEN_SHARE || !isMany || areClients)
      return ruledOut(snapshot, refused, because);
    const state = tableStateOf(snapshot);
    const isDroppingForIt =
      (state.losses?.full.low ?? 0n) > 0n && (evictionShare(state) ?? 0) > FLOOD_EVICTION_SHARE;
    const why = 'A flood of half-open connections fills any size; stop it at its source first.';
    return {
      state: 'match',
      impact: isDroppingForIt ? 'drops' : 'pressure',
      confidence: pressed.isPaste ? 'low' : isSilent ? 'medium' : 'high',
      evidence: because,
      headline: `SYN flood or scan: ${percent(share)} of the table are half-open connections ${spreadOf(busiestSource ?? 0, busiestDestination)}${isSilent ? '; or a backend that answers none of its many clients' : ''}.`,
      raise: { allowed: false, why },
      blocksRaise: why,
    };
  },
});

/** Whether nearly all half-open entries wait for the first answer of one destination. */
function isSilentBackend({ halfOpen, states }: EntryFacts): boolean {
  const unanswered = states
    .filter((state) => isHalfOpen(state) && state.isUnreplied)
    .reduce((total, { share }) => total + share, 0);
  return (halfOpen.busiestDestination ?? 0) >= NEARLY_ALL && unanswered >= NEARLY_ALL * halfOpen.share;
}

/** Ruled out by the entries, where the refusals that leave none were counted too and are no flood. */
function ruledOut(
  snapshot: Snapshot,
  refused: Refusals | undefined,
  because: readonly Evidence[],
): SignatureResult {
  const missing = [
    ...(sum(snapshot, 'TcpOutRsts') === undefined ? ['/proc/net/snmp of two samples'] : []),
    ...(refused?.isUnclear === true
      ? ['the size of the packets, which tells crafted SYNs from those of clients']
      : []),
  ];
  return missing.length > 0
    ? { state: 'undetermined', missing, evidence: because }
    : { state: 'no-match', evidence: because };
}

function spreadOf(source: number, destination: number | undefined): string {
  if (destination === undefined) return 'of unknown spread';
  if (source < ONE_END && destination < ONE_END) return 'from many sources to many destinations';
  return source < ONE_END ? 'from many sources' : 'from one source to many destinations';
}

interface Refusals {
  readonly perSecond: number;
  readonly isFlood: boolean;
  /** Whether there are as many as in a flood, and nothing tells whose they are. */
  readonly isUnclear: boolean;
  readonly evidence: readonly Evidence[];
}

/** Resets sent by the node and by pods, held against the segments that came in. */
function refusals(snapshot: Snapshot): Refusals | undefined {
  if (!snapshot.windowSeconds.known) return undefined;
  const [resets, segments] = [sum(snapshot, 'TcpOutRsts'), sum(snapshot, 'TcpInSegs')];
  if (resets === undefined || segments === undefined) return undefined;
  const perSecond = Number(resets) / snapshot.windowSeconds.value;
  const isStorm = perSecond >= REFUSED_PER_SECOND && resets * 2n > segments;
  const size = isStorm ? packetSizeOf(snapshot) : undefined;
  return {
    perSecond,
    isFlood: isStorm && size?.isCrafted === true,
    isUnclear: isStorm && size === undefined,
    evidence: [
      evidence(
        'resets sent',
        resets,
        perWindow('segments', snapshot),
        Math.round(REFUSED_PER_SECOND * snapshot.windowSeconds.value),
        'TcpOutRsts',
      ),
      ...(size === undefined ? [] : [size.evidence]),
    ],
  };
}

/** A counter of the node, with that of the pods where it was read there; `undefined` where the node's was not read. */
function sum({ protocol, podProtocol }: Snapshot, name: string): bigint | undefined {
  const node = valueOf(protocol)?.get(name);
  return node === undefined ? undefined : node + (valueOf(podProtocol)?.get(name) ?? 0n);
}

function refusedFlood({ perSecond, evidence: because }: Refusals): Match {
  const why = 'The SYNs of this flood are refused and leave no entry; the size of the table does not matter.';
  return {
    state: 'match',
    impact: 'pressure',
    confidence: 'medium',
    evidence: because,
    headline: `SYN flood or scan of closed ports: about ${counted(Math.round(perSecond), 'connection')} a second are refused, by SYNs that no operating system sends; they leave no entries behind.`,
    raise: { allowed: false, why },
  };
}
