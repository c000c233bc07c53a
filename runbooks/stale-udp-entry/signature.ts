import { defineSignature, evidence } from '../../src/core/diagnosis/signature.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { counted } from '../../src/core/words.ts';
import remediation from './remediation.ts';
import { singleReading } from './single-reading.ts';
import { staleFlows } from './stale-flows.ts';

/** What is missing where only some entries were pasted. */
const ALL_ENTRIES = 'all entries of the table';

/**
 * A UDP flow keeps refreshing an entry whose backend is no longer a target of its service: translation is decided once,
 * at a flow's first packet (net/netfilter/nf_nat_core.c, nf_nat_inet_fn), so it goes on to the dead backend. Every
 * counter stands still; only the entries, held against the rules, show it.
 */
export default defineSignature({
  id: 'stale-udp-entry',
  title: 'UDP flows stick to a backend that is gone',
  order: { stage: 'one-service', position: 30 },
  remediation,
  singleReading,
  evaluate(snapshot) {
    const entries = valueOf(snapshot.listedEntries);
    if (entries === undefined)
      return { state: 'undetermined', missing: ['entries of the table'], evidence: [] };
    const source = 'entries of the table';
    const flows = entries.udpBackends;
    const services = evidence('translated UDP services', flows.length, 'services', '–', source);
    // A pasted table of states shows no entry itself; the collector's own summary lists what is translated.
    const hasNoEnds =
      snapshot.origin === 'paste' &&
      entries.total > 0 &&
      entries.sources.length === 0 &&
      entries.destinations.length === 0;
    const isPart = !snapshot.entries.known || hasNoEnds;
    if (flows.length === 0)
      return isPart
        ? { state: 'undetermined', missing: [ALL_ENTRIES], evidence: [] }
        : { state: 'no-match', evidence: [services] };
    const judged = staleFlows(snapshot, flows);
    if (judged === undefined) {
      return {
        state: 'undetermined',
        missing: ['the live targets of UDP services (iptables or nftables rules)'],
        evidence: [services],
      };
    }
    const { stale, unjudged } = judged;
    const share = stale.reduce((sum, flow) => sum + flow.share, 0);
    const affected = Math.max(stale.length, Math.round(share * entries.total));
    const because = [
      services,
      evidence(
        'flows in use towards a backend that no rule names',
        affected,
        'flows',
        0,
        `${source}, ${snapshot.udpTargets.source}`,
      ),
    ];
    const [first] = stale;
    const unseen = entries.unlistedBackends + unjudged;
    if (first === undefined && unseen > 0) {
      const missing = [`rules for ${counted(unseen, 'pair')} of UDP service and backend`];
      return { state: 'undetermined', missing, evidence: because };
    }
    if (first === undefined)
      return isPart
        ? { state: 'undetermined', missing: [ALL_ENTRIES], evidence: because }
        : { state: 'no-match', evidence: because };
    return {
      state: 'match',
      impact: 'drops',
      confidence: snapshot.origin === 'paste' ? 'low' : 'medium',
      evidence: because,
      headline: `UDP flows stick to a backend that is gone: about ${counted(affected, 'flow')} to port ${first.servicePort} ${affected === 1 ? 'keeps its' : 'keep their'} entry alive, and no rule sends to that backend any more.`,
      raise: { allowed: false, why: 'The entries point at the wrong place; there are not too few of them.' },
    };
  },
});
