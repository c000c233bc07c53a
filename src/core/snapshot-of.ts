import type { Capture } from './capture.ts';
import { arrivalsOf } from './snapshot/arrivals.ts';
import { conntrackFacts } from './snapshot/conntrack.ts';
import { ciliumFacts, ipvsFact } from './snapshot/data-path.ts';
import { entryFacts } from './snapshot/entries.ts';
import { sectionGaps } from './snapshot/gaps.ts';
import {
  halfAppliedFact,
  kubeProxyFacts,
  lastRaiseFact,
  memoryFacts,
  persistenceFacts,
  slabFacts,
  socketFacts,
} from './snapshot/host.ts';
import { enaFacts, ringDropFacts } from './snapshot/interfaces.ts';
import { logFacts } from './snapshot/log.ts';
import { natFacts, udpTargetFacts } from './snapshot/nat.ts';
import {
  neighbourFacts,
  neighbourTableFacts,
  podProtocolFacts,
  protocolFacts,
  softnetFacts,
  unreadPodsOf,
} from './snapshot/network.ts';
import { listenerFacts, shaperFacts } from './snapshot/queues.ts';
import { settingFacts } from './snapshot/settings.ts';
import { identityOf, windowOf } from './snapshot/window.ts';
import type { Snapshot } from './snapshot.ts';

/** Turns a capture into facts. Total: any capture gives a snapshot, what can't be read is unknown. */
export function snapshotOf(capture: Capture): Snapshot {
  const identity = identityOf(capture);
  const windowSeconds = windowOf(capture);
  const conntrack = conntrackFacts(capture, windowSeconds, identity.kernel);
  const nat = natFacts(capture);
  const entries = entryFacts(capture, conntrack.use, conntrack.timeouts);
  return {
    origin: capture.origin,
    identity,
    windowSeconds,
    conntrack,
    entries,
    arrivals: arrivalsOf(entries, conntrack.timeouts),
    nat,
    udpTargets: udpTargetFacts(capture, nat),
    log: logFacts(capture),
    protocol: protocolFacts(capture, windowSeconds),
    podProtocol: podProtocolFacts(capture, windowSeconds),
    unreadPods: unreadPodsOf(capture),
    listeners: listenerFacts(capture),
    shapers: shaperFacts(capture, windowSeconds),
    cilium: ciliumFacts(capture),
    usesIpvs: ipvsFact(capture),
    softnet: softnetFacts(capture, windowSeconds),
    ringDrops: ringDropFacts(capture, windowSeconds),
    neighbours: neighbourFacts(capture, windowSeconds),
    neighbourTable: neighbourTableFacts(capture),
    settings: settingFacts(capture, conntrack),
    ena: enaFacts(capture, windowSeconds),
    memory: memoryFacts(capture),
    slab: slabFacts(capture),
    sockets: socketFacts(capture),
    kubeProxy: kubeProxyFacts(capture),
    persistence: persistenceFacts(capture),
    halfApplied: halfAppliedFact(capture),
    lastRaise: lastRaiseFact(capture),
    gaps: sectionGaps(capture),
  };
}
