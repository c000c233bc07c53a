import type { Catalogue } from '../src/core/signature.ts';
import conntrackNotInUse from './conntrack-not-in-use/signature.ts';
import enaConntrackAllowance from './ena-conntrack-allowance/signature.ts';
import enaLinkLocalAllowance from './ena-link-local-allowance/signature.ts';
import enaThroughputAllowance from './ena-throughput-allowance/signature.ts';
import expectationTableFull from './expectation-table-full/signature.ts';
import hashChainsLong from './hash-chains-long/signature.ts';
import insufficientEvidence from './insufficient-evidence/signature.ts';
import listenOverflow from './listen-overflow/signature.ts';
import memoryPressure from './memory-pressure/signature.ts';
import nearFull from './near-full/signature.ts';
import neighbourOverflow from './neighbour-overflow/signature.ts';
import netnsTableFull from './netns-table-full/signature.ts';
import notTheNode from './not-the-node/signature.ts';
import snatRace from './snat-race/signature.ts';
import softnetDrops from './softnet-drops/signature.ts';
import tableFull from './table-full/signature.ts';

/**
 * Every failure mode, the more decisive first: losses of the whole node before those of one service, the table before
 * its clashes; the two that conclude from all others come last.
 */
export const catalogue: Catalogue = [
  tableFull,
  nearFull,
  enaConntrackAllowance,
  hashChainsLong,
  netnsTableFull,
  memoryPressure,
  enaLinkLocalAllowance,
  snatRace,
  neighbourOverflow,
  softnetDrops,
  enaThroughputAllowance,
  listenOverflow,
  expectationTableFull,
  conntrackNotInUse,
  notTheNode,
  insufficientEvidence,
];
