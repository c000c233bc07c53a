import type { Catalogue } from '../src/core/signature.ts';
import hashChainsLong from './hash-chains-long/signature.ts';
import insufficientEvidence from './insufficient-evidence/signature.ts';
import listenOverflow from './listen-overflow/signature.ts';
import nearFull from './near-full/signature.ts';
import netnsTableFull from './netns-table-full/signature.ts';
import notTheNode from './not-the-node/signature.ts';
import snatRace from './snat-race/signature.ts';
import tableFull from './table-full/signature.ts';

/**
 * Every failure mode, the more decisive first: losses of the whole node before those of one service, the table before
 * its clashes; the two that conclude from all others come last.
 */
export const catalogue: Catalogue = [
  tableFull,
  nearFull,
  hashChainsLong,
  netnsTableFull,
  snatRace,
  listenOverflow,
  notTheNode,
  insufficientEvidence,
];
