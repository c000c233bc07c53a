import { effectOf, freshLines, isSeenNow } from '../../src/core/diagnosis/log-lines.ts';
import { defineSignature, evidence, perWindow } from '../../src/core/diagnosis/signature.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import { type Fact, valueOf } from '../../src/core/snapshot/fact.ts';
import type { Deltas, LogMessage, Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { CALM_USE } from '../../src/core/snapshot/table-state.ts';
import { counted, percent, show } from '../../src/core/words.ts';
import { singleReading } from './single-reading.ts';

/** Share of memory left below which a failed entry is put down to memory. Our choice; it never decides without failed entries. */
const SCARCE_MEMORY = 0.02;

/**
 * The kernel had no memory for an entry (`drop` rises without a "table full" line: nf_conntrack_core.c,
 * __nf_conntrack_alloc after kmem_cache_alloc), for a packet, or for TCP's buffers and orphans
 * (net/ipv4/tcp.c, tcp_check_oom).
 */
export default defineSignature({
  id: 'memory-pressure',
  title: 'Kernel memory short: entries, packets or TCP buffers refused',
  order: { stage: 'new-entries', position: 30 },
  singleReading,
  evaluate(snapshot) {
    const seen = witnessesOf(snapshot);
    const because = evidenceOf(snapshot, seen);
    const { refused, allocation, tcp, orphans } = seen;
    const isStarved =
      refused !== undefined &&
      refused > 0n &&
      (allocation.length > 0 || (seen.freeShare ?? 1) < SCARCE_MEMORY);
    const isOutOfTcpMemory = tcp.length > 0;
    const isOrphaned = orphans.length > 0 && seen.isAbortPossible;
    if (isStarved || allocation.length > 0 || isOutOfTcpMemory || isOrphaned) {
      const isNow = isStarved || isSeenNow([...allocation, ...tcp]);
      return {
        state: 'match',
        impact: isStarved || allocation.length > 0 || isOutOfTcpMemory ? 'drops' : 'pressure',
        confidence: isStarved && allocation.length > 0 ? 'high' : isNow ? 'medium' : 'low',
        // What was not seen is no evidence of what is there.
        evidence: because.filter(({ value }) => value !== '0'),
        headline: headlineOf(seen, isStarved),
        raise: { allowed: false, why: 'A larger table needs more of the memory that is missing.' },
        // TCP's limits are its own; only missing kernel memory forbids a larger table.
        ...(isStarved || allocation.length > 0
          ? { blocksRaise: 'Kernel memory is short on this node, and a larger table would need more of it.' }
          : {}),
      };
    }
    const missing = [
      ...(snapshot.log.known ? [] : ['kernel log']),
      // Pasted text holds the lines that somebody picked.
      ...(snapshot.log.known && snapshot.origin === 'paste' ? ['the whole kernel log'] : []),
      ...(seen.freeShare === undefined ? ['/proc/meminfo'] : []),
      ...(refused === undefined ? ['nf_conntrack_count, and conntrack counters of two samples'] : []),
    ];
    if (missing.length > 0) return { state: 'undetermined', missing, evidence: because };
    return { state: 'no-match', evidence: because };
  },
});

interface Witnesses {
  /** Packets without an entry that a full table does not explain; `undefined` where use or counters were not read. */
  readonly refused: bigint | undefined;
  /** Share of memory that is available; `undefined` where it was not read. */
  readonly freeShare: number | undefined;
  readonly allocation: readonly LogMessage[];
  readonly tcp: readonly LogMessage[];
  readonly orphans: readonly LogMessage[];
  /** False when every namespace's counters were read and no socket was aborted: then the line is about one that is gone. */
  readonly isAbortPossible: boolean;
  /** Sockets aborted for memory on the node, with those of the pods where they were read; `undefined` where the node's were not. */
  readonly aborted: bigint | undefined;
}

function witnessesOf(snapshot: Snapshot): Witnesses {
  const [losses, use, memory] = [
    valueOf(snapshot.conntrack.losses),
    valueOf(snapshot.conntrack.use),
    valueOf(snapshot.memory),
  ];
  const count = (fact: Fact<Deltas>) => valueOf(fact)?.get('TcpExtTCPAbortOnMemory');
  const [ofNode, ofPods] = [count(snapshot.protocol), count(snapshot.podProtocol)];
  const areAllCounted = ofNode !== undefined && snapshot.podProtocol.known;
  return {
    refused:
      use === undefined || losses === undefined ? undefined : use.ratio < CALM_USE ? losses.full.low : 0n,
    freeShare: memory === undefined ? undefined : memory.availableBytes / Math.max(1, memory.totalBytes),
    allocation: freshLines(snapshot, 'allocation-failure') ?? [],
    tcp: freshLines(snapshot, 'tcp-out-of-memory') ?? [],
    orphans: freshLines(snapshot, 'orphaned-sockets') ?? [],
    isAbortPossible: !areAllCounted || ofNode > 0n || (ofPods ?? 0n) > 0n,
    aborted: ofNode === undefined ? undefined : ofNode + (ofPods ?? 0n),
  };
}

function evidenceOf(snapshot: Snapshot, seen: Witnesses): Evidence[] {
  const facts: Evidence[] = [];
  const memory = valueOf(snapshot.memory);
  if (seen.refused !== undefined) {
    facts.push(
      evidence('entries refused below the limit', seen.refused, perWindow('packets', snapshot), 0, 'drop'),
    );
  }
  if (memory !== undefined && seen.freeShare !== undefined) {
    const available = `${percent(seen.freeShare)} (${show(memory.availableBytes / 2 ** 20)} MiB)`;
    facts.push(
      evidence('memory available', available, 'of the node', percent(SCARCE_MEMORY), '/proc/meminfo'),
    );
  }
  if (snapshot.log.known) {
    const line = (name: string, lines: readonly LogMessage[]) =>
      evidence(name, lines.length, 'kernel messages', 0, 'dmesg');
    facts.push(line('allocation failures', seen.allocation));
    facts.push(line('"TCP: out of memory" lines', seen.tcp));
    facts.push(line('"too many orphaned sockets" lines', seen.orphans));
  }
  if (seen.aborted !== undefined) {
    facts.push(
      evidence(
        'sockets aborted for memory',
        seen.aborted,
        perWindow('sockets', snapshot),
        0,
        'TCPAbortOnMemory',
      ),
    );
  }
  return facts;
}

function headlineOf(seen: Witnesses, isStarved: boolean): string {
  if (isStarved)
    return `Kernel memory short: ${counted(seen.refused ?? 0n, 'packet')} dropped because no memory was left for their entry, although the table has room.`;
  const { allocation, tcp, orphans } = seen;
  if (allocation.length > 0) {
    const effect = (verb: string) => `so packets and connections ${verb} dropped`;
    return `Kernel memory short: ${counted(allocation.length, 'allocation')} failed, ${effectOf(allocation, effect('are'), effect('were'))}`;
  }
  if (tcp.length > 0) {
    const now = 'buffers are at the tcp_mem limit, so connections stall or are reset';
    const past = 'buffers were at the tcp_mem limit, so connections stalled or were reset';
    return `TCP out of memory (${messagesOf(tcp)}): ${effectOf(tcp, now, past)}`;
  }
  const effect = (verb: string) => `the kernel ${verb} connections that their process has closed`;
  return `Too many orphaned sockets (${messagesOf(orphans)}): ${effectOf(orphans, effect('resets'), effect('reset'))}`;
}

const messagesOf = (lines: readonly LogMessage[]): string => counted(lines.length, 'kernel message');
