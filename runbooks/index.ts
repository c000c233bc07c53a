import type { Catalogue } from '../src/core/signature.ts';
import ciliumMapFull from './cilium-map-full/signature.ts';
import connectionLeak from './connection-leak/signature.ts';
import conntrackNotInUse from './conntrack-not-in-use/signature.ts';
import dnsRace from './dns-race/signature.ts';
import enaConntrackAllowance from './ena-conntrack-allowance/signature.ts';
import enaLinkLocalAllowance from './ena-link-local-allowance/signature.ts';
import enaThroughputAllowance from './ena-throughput-allowance/signature.ts';
import expectationTableFull from './expectation-table-full/signature.ts';
import halfOpenFlood from './half-open-flood/signature.ts';
import hashChainsLong from './hash-chains-long/signature.ts';
import insufficientEvidence from './insufficient-evidence/signature.ts';
import invalidReset from './invalid-reset/signature.ts';
import ipvsPortReuse from './ipvs-port-reuse/signature.ts';
import listenOverflow from './listen-overflow/signature.ts';
import memoryPressure from './memory-pressure/signature.ts';
import nearFull from './near-full/signature.ts';
import neighbourOverflow from './neighbour-overflow/signature.ts';
import netnsTableFull from './netns-table-full/signature.ts';
import notTheNode from './not-the-node/signature.ts';
import snatPortsExhausted from './snat-ports-exhausted/signature.ts';
import snatRace from './snat-race/signature.ts';
import softnetDrops from './softnet-drops/signature.ts';
import staleUdpEntry from './stale-udp-entry/signature.ts';
import tableFull from './table-full/signature.ts';
import timeoutBloat from './timeout-bloat/signature.ts';
import udpFlood from './udp-flood/signature.ts';

/**
 * Every failure mode. Matches that lose packets now come before mere pressure whatever their place; among equals the
 * order here decides: a flood before the table that it fills, the table before what else refuses entries, then what is
 * lost towards one destination, then the host's other queues and limits, then one listener, one helper, one flow. What
 * only explains a full table stands behind it, and the two that conclude from all others come last.
 */
export const catalogue: Catalogue = [
  halfOpenFlood,
  tableFull,
  nearFull,
  memoryPressure,
  enaConntrackAllowance,
  hashChainsLong,
  netnsTableFull,
  ciliumMapFull,
  enaLinkLocalAllowance,
  snatPortsExhausted,
  dnsRace,
  snatRace,
  neighbourOverflow,
  softnetDrops,
  enaThroughputAllowance,
  listenOverflow,
  invalidReset,
  staleUdpEntry,
  expectationTableFull,
  timeoutBloat,
  connectionLeak,
  udpFlood,
  ipvsPortReuse,
  conntrackNotInUse,
  notTheNode,
  insufficientEvidence,
];
