import { noRaiseForClash } from '../../src/core/diagnosis/port-use.ts';
import { defineSignature, evidence, perWindow, showBounds } from '../../src/core/diagnosis/signature.ts';
import { mayBeStrict } from '../../src/core/snapshot/data-path.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { counted } from '../../src/core/words.ts';

/**
 * Pods with security groups of their own, in the strict mode of the VPC CNI plugin: what the node sends to such a pod
 * leaves through the VPC and comes back on the pod's branch interface, so it is tracked twice. kube-proxy's translation and
 * the kubelet's probes both come from the node's address and choose their source ports without knowing of each other; two
 * that chose the same meet on one tuple in the one conntrack zone, and the packet is dropped when it is confirmed
 * (nf_conntrack_core.c, __nf_conntrack_confirm; amazon-vpc-cni-k8s pull request 3675).
 */
export default defineSignature({
  id: 'branch-eni-race',
  title: 'Port clash on branch interfaces: kube-proxy and kubelet chose the same port',
  order: { stage: 'one-destination', position: 35 },
  evaluate(snapshot) {
    const losses = valueOf(snapshot.conntrack.losses);
    if (losses === undefined)
      return { state: 'undetermined', missing: ['conntrack counters of two samples'], evidence: [] };
    const { low, high } = losses.clash;
    const value = showBounds(losses.clash);
    const because = [
      evidence('clash drops', value, perWindow('packets', snapshot), 0, 'insert_failed less chaintoolong'),
    ];
    if (high === 0n) return { state: 'no-match', evidence: because };
    const branches = valueOf(snapshot.branches);
    if (branches === undefined)
      return {
        state: 'undetermined',
        missing: ['whether pods have security groups of their own here'],
        evidence: because,
      };
    because.push(
      evidence('branch interfaces', branches.interfaces, 'interfaces', 0, '/sys/class/net/vlan.eth.*'),
      evidence('mode of the VPC CNI plugin', branches.mode ?? 'not read', '', 'strict', '/etc/cni/net.d'),
    );
    if (!mayBeStrict(branches)) return { state: 'no-match', evidence: because };
    if (low === 0n)
      return {
        state: 'undetermined',
        missing: ['what part of drop is clashes: this kernel counts them together'],
        evidence: because,
      };
    return {
      state: 'match',
      impact: 'drops',
      confidence: branches.mode === 'strict' ? 'medium' : 'low',
      evidence: because,
      lost: { packets: high, by: 'node' },
      headline: `Port clash on branch interfaces: ${counted(value, 'packet')} dropped on a node with ${counted(branches.interfaces, 'pod')} that have security groups of their own; kube-proxy's translation and the kubelet's probes can choose the same port there, and no random choice of SNAT ports ends it.`,
      raise: { allowed: false, why: noRaiseForClash(snapshot, 'ports') },
    };
  },
});
