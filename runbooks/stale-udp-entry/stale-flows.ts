import type { UdpBackend } from '../../src/core/parse/entries/facts.ts';
import type { UdpTarget } from '../../src/core/parse/nat-rules.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { type Snapshot, UNKNOWN_LENGTH } from '../../src/core/snapshot/snapshot.ts';

/** Kernel defaults in seconds of an answered and an unanswered UDP flow (nf_conntrack_proto_udp.c, udp_timeouts). */
const DEFAULT_SECONDS = { stream: 120, plain: 30 } as const;

/** Seconds that a flow may have been silent beyond the window and still count as used. */
const SLACK_SECONDS = 2;

/** Translated UDP flows held against the rules. */
export interface JudgedFlows {
  /** In use, and no rule names their backend. */
  readonly stale: readonly UdpBackend[];
  /** Groups of flows that no rule that was read can concern. */
  readonly unjudged: number;
}

/** Holds translated UDP flows against the rules; `undefined` where the live targets are not known. */
export function staleFlows(snapshot: Snapshot, flows: readonly UdpBackend[]): JudgedFlows | undefined {
  const targets = targetsOf(snapshot);
  if (targets === undefined) return undefined;
  const judged = flows.filter((flow) => canConcern(flow, targets));
  return {
    stale: judged.filter((flow) => isRefreshed(flow, snapshot) && !isNamed(flow, targets)),
    unjudged: flows.length - judged.length,
  };
}

/** UDP targets of the rules; `undefined` where rules do not tell them (none read, none for UDP, or IPVS decides). */
function targetsOf(snapshot: Snapshot): readonly UdpTarget[] | undefined {
  if (valueOf(snapshot.usesIpvs) === true || valueOf(snapshot.cilium)?.isPresent === true) return undefined;
  const targets = valueOf(snapshot.udpTargets);
  return targets === undefined || targets.length === 0 ? undefined : targets;
}

/** Rules for the port of the flow's service and endpoints, of its own family; where there are none, nothing is known of it. */
function canConcern({ backend, servicePort }: UdpBackend, targets: readonly UdpTarget[]): boolean {
  return targets.some(
    (target) =>
      isIpv6(target.address) === isIpv6(backend) && (target.isEndpoint || target.servicePort === servicePort),
  );
}

/** What any rule names, for whatever service, is not gone. */
function isNamed({ backend, backendPort }: UdpBackend, targets: readonly UdpTarget[]): boolean {
  return targets.some(
    ({ address, port }) => address === backend && (port === undefined || port === backendPort),
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
  const seconds = valueOf(snapshot.windowSeconds) ?? 0;
  const window = seconds === UNKNOWN_LENGTH ? 0 : seconds;
  return remainingSeconds >= timeout - window - SLACK_SECONDS;
}
