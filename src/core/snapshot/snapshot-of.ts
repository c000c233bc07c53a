import type { Capture } from '../capture/capture.ts';
import { arrivalsOf } from './arrivals.ts';
import { conntrackFacts } from './conntrack.ts';
import { branchFacts, ciliumFacts, ipvsFact, vpcCniFact } from './data-path.ts';
import { entryFacts, listedEntryFacts } from './entries.ts';
import { sectionGaps } from './gaps.ts';
import {
  establishedFact,
  halfAppliedFact,
  kubeProxyFacts,
  lastRaiseFact,
  memoryFacts,
  persistenceFacts,
  podSocketFacts,
  slabFacts,
  socketFacts,
  tunerFacts,
} from './host.ts';
import { enaFacts, interfaceFacts, ringDropFacts } from './interfaces.ts';
import { logFacts, logGaps } from './log.ts';
import { natFacts, sourceRangeFacts, udpTargetFacts } from './nat.ts';
import { neighbourFacts, neighbourTableFacts, protocolFacts, softnetFacts } from './network.ts';
import { observationsOf } from './observations.ts';
import { hidesPodOverflows, podProtocolFacts, unreadPodsOf } from './pods.ts';
import { listenerFacts, shaperFacts } from './queues.ts';
import { handSettingFacts, settingFacts } from './settings.ts';
import type { Snapshot } from './snapshot.ts';
import { trafficFacts } from './traffic.ts';
import { identityOf, windowOf } from './window.ts';

/** Turns a capture into facts. Total: any capture gives a snapshot, what can't be read is unknown. */
export function snapshotOf(capture: Capture): Snapshot {
  const identity = identityOf(capture);
  const windowSeconds = windowOf(capture);
  const conntrack = conntrackFacts(capture, windowSeconds, identity.kernel);
  const nat = natFacts(capture);
  const cilium = ciliumFacts(capture);
  const entries = entryFacts(capture, conntrack.use, conntrack.timeouts);
  return {
    origin: capture.origin,
    identity,
    windowSeconds,
    conntrack,
    entries,
    listedEntries: listedEntryFacts(capture, entries, conntrack.timeouts),
    arrivals: arrivalsOf(entries, conntrack.timeouts),
    nat,
    udpTargets: udpTargetFacts(capture, nat),
    sourceRanges: sourceRangeFacts(capture, nat),
    log: logFacts(capture),
    protocol: protocolFacts(capture, windowSeconds),
    podProtocol: podProtocolFacts(capture, windowSeconds),
    unreadPods: unreadPodsOf(capture),
    hidesPodOverflows: hidesPodOverflows(capture),
    listeners: listenerFacts(capture),
    shapers: shaperFacts(capture, windowSeconds),
    cilium,
    usesVpcCni: vpcCniFact(capture),
    branches: branchFacts(capture),
    usesIpvs: ipvsFact(capture),
    softnet: softnetFacts(capture, windowSeconds),
    ringDrops: ringDropFacts(capture, windowSeconds),
    traffic: trafficFacts(capture, windowSeconds, { cilium, isInitialNetns: identity.isInitialNetns }),
    neighbours: neighbourFacts(capture, windowSeconds),
    neighbourTable: neighbourTableFacts(capture),
    observations: observationsOf(capture, windowSeconds),
    settings: settingFacts(capture, conntrack),
    handSettings: handSettingFacts(capture, conntrack),
    interfaces: interfaceFacts(capture),
    ena: enaFacts(capture, windowSeconds),
    memory: memoryFacts(capture),
    slab: slabFacts(capture),
    sockets: socketFacts(capture),
    podSockets: podSocketFacts(capture),
    established: establishedFact(capture),
    kubeProxy: kubeProxyFacts(capture),
    tuners: tunerFacts(capture),
    persistence: persistenceFacts(capture),
    halfApplied: halfAppliedFact(capture),
    lastRaise: lastRaiseFact(capture),
    gaps: [...sectionGaps(capture), ...logGaps(capture)],
  };
}
