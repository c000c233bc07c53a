import type { RankedNode } from '../card/nodes.ts';
import type { Figures } from '../record/collection.ts';
import { show } from '../words.ts';

/** A share of a table's entries. */
export interface Share {
  readonly label: string;
  /** 0 to 1. */
  readonly share: number;
  /** Whether it may be more, because only the busiest were counted. */
  readonly isLeast: boolean;
}

/** What the entries of one node's table are, in the reading that its verdict rests on. */
export interface Composition {
  readonly instanceId: string;
  readonly at: string;
  /** By protocol and state, the largest first; empty where that was not read. */
  readonly states: readonly Share[];
  /** By what is connected to, the largest first; empty where that was not read. */
  readonly destinations: readonly Share[];
  /** Error of each share, 0 where the whole table was read. */
  readonly error: number;
}

/** Nodes whose tables are drawn: the worst ones. */
const NODES_DRAWN = 4;

/** What fills the tables of the worst nodes, as far as it was read. */
export function compositionsOf(ranked: readonly RankedNode[]): readonly Composition[] {
  return ranked
    .flatMap(({ node: { instanceId }, basis, basisAt = '' }) => {
      if (basis === undefined) return [];
      const { ports = [], states = [] } = basis.figures;
      if (ports.length === 0 && states.length === 0) return [];
      const errors = [...ports, ...states].map(({ error }) => error);
      return [
        {
          instanceId,
          at: basisAt,
          states: states.map(stateShare),
          destinations: destinationsOf(basis.figures),
          error: Math.max(0, ...errors),
        },
      ];
    })
    .slice(0, NODES_DRAWN);
}

const stateShare = ({
  protocol,
  state,
  isUnreplied,
  share,
}: NonNullable<Figures['states']>[number]): Share => ({
  label: [protocol, state, isUnreplied ? 'unreplied' : undefined]
    .filter((part) => part !== undefined)
    .join(' '),
  share,
  isLeast: false,
});

/** Addresses with ports where those were read, ports alone where only they were. */
function destinationsOf({ destinations = [], ports = [] }: Figures): readonly Share[] {
  if (destinations.length > 0)
    return destinations.map(({ protocol, address, port, share }) => ({
      label: `${protocol} ${address.includes(':') ? `[${address}]` : address}${port === undefined ? '' : `:${port}`}`,
      share,
      isLeast: false,
    }));
  return ports.map(({ protocol, port, share, isLeast }) => ({
    label: `${protocol} port ${port}`,
    share,
    isLeast,
  }));
}

/** What a stack of shares leaves to others; nothing where it is less than a thousandth. */
export function restOf(shares: readonly Share[]): number {
  const rest = 1 - shares.reduce((sum, { share }) => sum + share, 0);
  return rest < 0.001 ? 0 : rest;
}

/** `43.1 %`, `at least 12 %`: a share with one decimal, which is what a legend has room for. */
export const shareWords = ({ share, isLeast }: Pick<Share, 'share' | 'isLeast'>): string =>
  `${isLeast ? 'at least ' : ''}${show(Math.round(share * 1000) / 10)} %`;
