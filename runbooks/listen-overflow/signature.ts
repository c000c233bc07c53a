import type { Evidence } from '../../src/core/diagnosis.ts';
import type { Fact } from '../../src/core/fact.ts';
import { defineSignature, evidence, perWindow, show } from '../../src/core/signature.ts';
import type { Deltas, Snapshot } from '../../src/core/snapshot.ts';

/** A listener's accept queue was full and the kernel dropped the handshake (net/ipv4/tcp_ipv4.c, tcp_v4_syn_recv_sock). */
export default defineSignature({
  id: 'listen-overflow',
  title: 'Accept queue overflow: the application accepts too slowly',
  evaluate(snapshot) {
    const node = overflows(snapshot.protocol, 'on the node', snapshot);
    const pods = overflows(snapshot.podProtocol, 'in pods', snapshot);
    const because = [...node.evidence, ...pods.evidence];
    const count = (node.count ?? 0n) + (pods.count ?? 0n);
    if (count > 0n) {
      const where = (pods.count ?? 0n) > 0n ? ' in a pod' : ' on the node';
      return {
        state: 'match',
        impact: 'drops',
        confidence: 'high',
        evidence: because,
        headline: `Accept queue overflow${where}: ${show(count)} finished handshakes dropped because the application does not accept fast enough.`,
        raise: {
          allowed: false,
          why: 'The connections die in the listener’s queue, not in the connection-tracking table.',
        },
      };
    }
    if (node.count === undefined)
      return { state: 'undetermined', missing: ['/proc/net/netstat of two samples'], evidence: because };
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
