import type { Capture } from './capture.ts';
import { conntrackFacts } from './snapshot/conntrack.ts';
import { sectionGaps } from './snapshot/gaps.ts';
import {
  halfAppliedFact,
  kubeProxyFacts,
  memoryFacts,
  persistenceFacts,
  slabFacts,
  socketFacts,
} from './snapshot/host.ts';
import { enaFacts, ringDropFacts } from './snapshot/interfaces.ts';
import { logFacts } from './snapshot/log.ts';
import {
  neighbourFacts,
  neighbourTableFacts,
  podProtocolFacts,
  protocolFacts,
  softnetFacts,
} from './snapshot/network.ts';
import { identityOf, windowOf } from './snapshot/window.ts';
import type { Snapshot } from './snapshot.ts';

/** Turns a capture into facts. Total: any capture gives a snapshot, what can't be read is unknown. */
export function snapshotOf(capture: Capture): Snapshot {
  const identity = identityOf(capture);
  const windowSeconds = windowOf(capture);
  return {
    origin: capture.origin,
    identity,
    windowSeconds,
    conntrack: conntrackFacts(capture, windowSeconds, identity.kernel),
    log: logFacts(capture),
    protocol: protocolFacts(capture, windowSeconds),
    podProtocol: podProtocolFacts(capture, windowSeconds),
    softnet: softnetFacts(capture, windowSeconds),
    ringDrops: ringDropFacts(capture, windowSeconds),
    neighbours: neighbourFacts(capture, windowSeconds),
    neighbourTable: neighbourTableFacts(capture),
    ena: enaFacts(capture, windowSeconds),
    memory: memoryFacts(capture),
    slab: slabFacts(capture),
    sockets: socketFacts(capture),
    kubeProxy: kubeProxyFacts(capture),
    persistence: persistenceFacts(capture),
    halfApplied: halfAppliedFact(capture),
    gaps: sectionGaps(capture),
  };
}
