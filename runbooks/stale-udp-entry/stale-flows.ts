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
