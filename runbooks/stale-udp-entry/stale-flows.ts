import type { UdpBackend } from '../../src/core/entry-facts.ts';
import { valueOf } from '../../src/core/fact.ts';
import type { UdpTarget } from '../../src/core/parse/nat-rules.ts';
import type { Snapshot } from '../../src/core/snapshot.ts';

/** Kernel defaults in seconds of an answered and an unanswered UDP flow (nf_conntrack_proto_udp.c, udp_timeouts). */
const DEFAULT_SECONDS = { stream: 120, plain: 30 } as const;

/** Seconds that a flow may have been silent beyond the window and still count as used. */
const SLACK_SECONDS = 2;

/** Translated UDP flows in use whose backend no rule names; `undefined` where the live targets are not known. */
export function staleFlows(
  snapshot: Snapshot,
  flows: readonly UdpBackend[],
): readonly UdpBackend[] | undefined {
  const targets = targetsOf(snapshot);
  return targets && flows.filter((flow) => isRefreshed(flow, snapshot) && isGone(flow, targets));
}

/** UDP targets of the rules; `undefined` where rules do not tell them (none read, none for UDP, or IPVS decides). */
function targetsOf(snapshot: Snapshot): readonly UdpTarget[] | undefined {
  if (valueOf(snapshot.usesIpvs) === true || valueOf(snapshot.cilium)?.isPresent === true) return undefined;
  const targets = valueOf(snapshot.udpTargets);
  return targets === undefined || targets.length === 0 ? undefined : targets;
}

/**
 * Held against what can apply to the flow: rules for its service's port and kube-proxy's endpoints, of its own family.
 * Where nothing can apply, nothing is known of it; what any rule names is not gone.
 */
function isGone({ backend, backendPort, servicePort }: UdpBackend, targets: readonly UdpTarget[]): boolean {
  const own = targets.filter(({ address }) => isIpv6(address) === isIpv6(backend));
  const canApply = own.some((target) => target.isEndpoint || target.servicePort === servicePort);
  return (
    canApply &&
    own.every(({ address, port }) => address !== backend || (port !== undefined && port !== backendPort))
  );
}

const isIpv6 = (address: string): boolean => address.includes(':');

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
