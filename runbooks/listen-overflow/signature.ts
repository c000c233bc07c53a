import { defineSignature, evidence, perWindow } from '../../src/core/diagnosis/signature.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import { type Fact, valueOf } from '../../src/core/snapshot/fact.ts';
import type { Deltas, ListenerFacts, Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { counted, show } from '../../src/core/words.ts';
import { singleReading } from './single-reading.ts';

/** A listener's accept queue was full and the kernel dropped the handshake (net/ipv4/tcp_ipv4.c, tcp_v4_syn_recv_sock). */
export default defineSignature({
  id: 'listen-overflow',
  title: 'Accept queue overflow: the application accepts too slowly',
  order: { stage: 'one-service', position: 10 },
  traceCause: 'listen-queue',
  usualSuspect: 20,
  singleReading,
  evaluate(snapshot) {
    const node = overflows(snapshot.protocol, 'on the node', snapshot);
    const pods = overflows(snapshot.podProtocol, 'in pods', snapshot);
    const full = fullQueues(snapshot);
    const because = [...node.evidence, ...pods.evidence, ...full.map(queueEvidence)];
    const count = (node.count ?? 0n) + (pods.count ?? 0n);
    const raise = {
      allowed: false,
      why: 'The connections die in the listener’s queue, not in the connection-tracking table.',
    } as const;
    if (count > 0n) {
      const where = (pods.count ?? 0n) > 0n ? ' in a pod' : ' on the node';
      return {
        state: 'match',
        impact: 'drops',
        confidence: 'high',
        evidence: because,
        headline: `Accept queue overflow${where}: ${counted(count, 'finished handshake')} dropped because the application does not accept fast enough.`,
        raise,
      };
    }
    const [queue] = full;
    if (queue !== undefined) {
      return {
        state: 'match',
        impact: 'pressure',
        confidence: queue.waitingAtFirst === undefined ? 'low' : 'medium',
        evidence: because,
        headline: `Accept queue full ${queue.where === 'pod' ? 'in a pod' : 'on the node'}: ${counted(queue.waiting, 'finished connection')} wait for the application on port ${queue.port}, which has room for ${show(queue.backlog)}.`,
        raise,
      };
    }
    const missing = [
      ...(node.count === undefined ? ['/proc/net/netstat of two samples'] : []),
      ...(pods.count === undefined ? ['listen queues inside pods'] : []),
      ...(snapshot.unreadPods > 0 ? ['listen queues of every pod'] : []),
    ];
    if (missing.length > 0) return { state: 'undetermined', missing, evidence: because };
    return { state: 'no-match', evidence: because };
  },
});

function overflows(
  fact: Fact<Deltas>,
  where: string,
  snapshot: Snapshot,
): { count: bigint | undefined; evidence: Evidence[] } {
  if (!fact.known) return { count: undefined, evidence: [] };
  const count = fact.value.get('TcpExtListenOverflows') ?? 0n;
  return {
    count,
    evidence: [
      evidence(`listen overflows ${where}`, count, perWindow('handshakes', snapshot), 0, fact.source),
    ],
  };
}

/** Queues over their limit at each sample that shows them (include/net/sock.h, sk_acceptq_is_full: more than the backlog wait). */
function fullQueues(snapshot: Snapshot): readonly ListenerFacts[] {
  return (valueOf(snapshot.listeners) ?? []).filter(
    ({ waiting, waitingAtFirst, backlog }) => waiting > backlog && (waitingAtFirst ?? waiting) > backlog,
  );
}

function queueEvidence({ where, port, waiting, backlog }: ListenerFacts): Evidence {
  return evidence(`accept queue of port ${port} (${where})`, waiting, 'connections', backlog, 'ss -ltn');
}
