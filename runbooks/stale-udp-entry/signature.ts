import type { UdpBackend } from '../../src/core/entry-facts.ts';
import { valueOf } from '../../src/core/fact.ts';
import type { UdpTarget } from '../../src/core/parse/nat-rules.ts';
import { defineSignature, evidence, show } from '../../src/core/signature.ts';
import type { Snapshot } from '../../src/core/snapshot.ts';

/** Kernel defaults in seconds of an answered and an unanswered UDP flow (nf_conntrack_proto_udp.c, udp_timeouts). */
const DEFAULT_SECONDS = { stream: 120, plain: 30 } as const;

/** Seconds that a flow may have been silent beyond the window and still count as used. */
const SLACK_SECONDS = 2;

/**
 * A UDP flow keeps refreshing an entry whose backend is no longer a target of its service: translation is decided once,
 * at a flow's first packet (net/netfilter/nf_nat_core.c, nf_nat_inet_fn), so it goes on to the dead backend. Every
 * counter stands still; only the entries, held against the rules, show it.
 */
export default defineSignature({
  id: 'stale-udp-entry',
  title: 'UDP flows stick to a backend that is gone',
  order: { stage: 'one-service', place: 30 },
  evaluate(snapshot) {
    const entries = valueOf(snapshot.entries);
    if (entries === undefined)
      return { state: 'undetermined', missing: ['entries of the table'], evidence: [] };
    const source = 'entries of the table';
    const flows = entries.udpBackends;
    const counted = evidence('translated UDP services', flows.length, 'services seen', '–', source);
    if (flows.length === 0) return { state: 'no-match', evidence: [counted] };
    const targets = targetsOf(snapshot);
    if (targets === undefined) {
      return {
        state: 'undetermined',
        missing: ['the live targets of UDP services (iptables rules)'],
        evidence: [counted],
      };
    }
    const stale = flows.filter((flow) => isRefreshed(flow, snapshot) && isGone(flow, targets));
    const share = stale.reduce((sum, flow) => sum + flow.share, 0);
    const affected = Math.max(stale.length, Math.round(share * entries.total));
    const because = [
      counted,
      evidence(
        'flows in use towards a backend that no rule names',
        affected,
        'flows',
        0,
        `${source}, iptables-save`,
      ),
    ];
    const [first] = stale;
    if (first === undefined) return { state: 'no-match', evidence: because };
    return {
      state: 'match',
      impact: 'drops',
      confidence: snapshot.origin === 'paste' ? 'low' : 'medium',
      evidence: because,
      headline: `UDP flows stick to a backend that is gone: about ${show(affected)} flows to port ${first.servicePort} keep their entry alive, and no rule sends them there any more.`,
      raise: { allowed: false, why: 'The entries point at the wrong place; there are not too few of them.' },
    };
  },
});

/** UDP targets of the rules; `undefined` where rules do not tell them (none read, none for UDP, or IPVS decides). */
function targetsOf(snapshot: Snapshot): readonly UdpTarget[] | undefined {
  if (valueOf(snapshot.usesIpvs) === true || valueOf(snapshot.cilium)?.isPresent === true) return undefined;
  const targets = valueOf(snapshot.nat)?.rules.udpTargets;
  return targets === undefined || targets.length === 0 ? undefined : targets;
}

/** Only rules that can apply to the flow's service are held against it; where none can, nothing is known of it. */
function isGone(flow: UdpBackend, targets: readonly UdpTarget[]): boolean {
  const own = targets.filter(({ servicePort }) => servicePort === flow.servicePort);
  const candidates = own.length > 0 ? own : targets.filter(({ servicePort }) => servicePort === undefined);
  return (
    candidates.length > 0 &&
    candidates.every(
      ({ address, port }) => address !== flow.backend || (port !== undefined && port !== flow.backendPort),
    )
  );
}

/** An entry that is only running out hurts nobody: a packet must have refreshed it between the samples. */
function isRefreshed({ isAssured, remainingSeconds }: UdpBackend, snapshot: Snapshot): boolean {
  if (remainingSeconds === undefined) return false;
  const timeouts = valueOf(snapshot.conntrack.timeouts);
  const timeout = isAssured
    ? (timeouts?.get('nf_conntrack_udp_timeout_stream') ?? DEFAULT_SECONDS.stream)
    : (timeouts?.get('nf_conntrack_udp_timeout') ?? DEFAULT_SECONDS.plain);
  const window = valueOf(snapshot.windowSeconds) ?? 0;
  return remainingSeconds >= timeout - window - SLACK_SECONDS;
}
