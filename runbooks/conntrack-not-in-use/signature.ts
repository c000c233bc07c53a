import { missingUse } from '../../src/core/diagnosis/missing-use.ts';
import { defineSignature, evidence } from '../../src/core/diagnosis/signature.ts';

/**
 * Nothing is tracked: the module is not loaded (the keys under /proc/sys/net/netfilter are absent), or no rule of this
 * network namespace asks for tracking, so its hooks are not registered (nf_conntrack_proto.c, nf_ct_netns_get).
 */
export default defineSignature({
  id: 'conntrack-not-in-use',
  title: 'Connection tracking is not in use here',
  order: { stage: 'background', position: 50 },
  evaluate(snapshot) {
    const { use, totals } = snapshot.conntrack;
    if (snapshot.identity.isInitialNetns.known && !snapshot.identity.isInitialNetns.value)
      return { state: 'undetermined', missing: ["the node's own network namespace"], evidence: [] };
    const answer = {
      state: 'match',
      impact: 'pressure',
      raise: { allowed: false, why: 'Nothing is tracked, so the size of the table can not matter.' },
    } as const;
    if (!use.known) {
      if (use.kind === 'unknown')
        return { state: 'undetermined', missing: [missingUse(snapshot.conntrack)], evidence: [] };
      return {
        ...answer,
        confidence: 'high',
        evidence: [evidence('nf_conntrack_max', 'absent', '', 'present', '/proc/sys/net/netfilter')],
        headline:
          'Connection tracking is not loaded on this node, so it is not the cause: look at the application and the path.',
      };
    }
    const highest = Math.max(use.value.highest, use.value.first ?? 0);
    const counted = totals.known
      ? [...totals.value.values()].reduce((sum, value) => sum + value, 0n)
      : undefined;
    const because = [
      evidence('entries', highest, 'entries in both samples', 0, use.source),
      ...(counted === undefined
        ? []
        : [evidence('all counters together', counted, 'events since boot', 0, totals.source)]),
    ];
    if (highest > 0 || (counted !== undefined && counted > 0n))
      return { state: 'no-match', evidence: because };
    if (counted === undefined || use.value.first === undefined)
      return { state: 'undetermined', missing: ['conntrack counters of two samples'], evidence: because };
    return {
      ...answer,
      confidence: snapshot.identity.isInitialNetns.known ? 'high' : 'medium',
      evidence: because,
      headline:
        'Nothing is tracked in this network namespace: no entries and no events since boot, so connection tracking is not the cause here.',
    };
  },
});
