import type { BandwidthVerdict } from '../bandwidth.ts';
import type { RankedNode } from '../card/nodes.ts';
import { bandwidthOn } from '../card/verdicts.ts';
import type { Catalogue } from '../diagnosis/signature.ts';
import type { Diagnosed, Figures, Traffic } from '../record/collection.ts';
import type { Bandwidth } from '../record/incident.ts';
import { type PodSocketTable, podSocketsOf } from './pod-sockets.ts';

/** How busy the network of a node was, in the reading that its verdict rests on, beside what it may carry. */
export interface NodeTraffic {
  readonly instanceId: string;
  readonly traffic: Traffic;
  readonly bandwidth?: Bandwidth;
  readonly verdict: BandwidthVerdict;
}

/** The nodes of which a rate was read, in the order of the nodes. */
export function trafficOf(ranked: readonly RankedNode[], catalogue: Catalogue): readonly NodeTraffic[] {
  return ranked.flatMap((one) => {
    const [story, traffic] = [bandwidthOn(one, catalogue), one.basis?.figures.traffic];
    if (story === undefined || traffic === undefined) return [];
    const { instanceId, bandwidth } = one.node;
    return [
      { instanceId, traffic, verdict: story.verdict, ...(bandwidth === undefined ? {} : { bandwidth }) },
    ];
  });
}

/** How many connections are in one state. */
export interface StateCount {
  readonly state: string;
  /** Absent where that reading does not tell. */
  readonly before?: number;
  /** Absent before a second reading, and where that one does not tell. */
  readonly after?: number;
}

/** Connections of one node by state, as what its verdict rests on shows them and as it was read last. */
export interface ConnectionStates {
  readonly instanceId: string;
  readonly before: string;
  /** When it was read again; absent where it was read once. */
  readonly after?: string;
  /** Sockets of the node's own network namespace; pods' are not among them. */
  readonly sockets: readonly StateCount[];
  /** TCP entries of the table, those of pods among them, by a sample's shares. */
  readonly entries: readonly StateCount[];
  /** Sockets inside the pods; absent where none were read. */
  readonly pods?: PodSocketTable;
}

/** Nodes of which connections are told: the worst ones. */
const NODES_TOLD = 2;

const SOCKETS = [
  ['established', 'established'],
  ['inUse', 'in use, listening ones included'],
  ['timeWait', 'TIME_WAIT'],
  ['orphans', 'orphaned'],
] as const;

/** Connections by state of the worst nodes, before and after, as far as they were read. */
export function connectionsOf(ranked: readonly RankedNode[]): readonly ConnectionStates[] {
  return ranked
    .flatMap(({ node: { instanceId }, basis, basisAt, seen, collection }): readonly ConnectionStates[] => {
      if (basis === undefined || basisAt === undefined) return [];
      const at = collection?.collectedAt;
      const isAgain = seen !== undefined && at !== undefined && at !== basisAt;
      const later = isAgain ? seen : undefined;
      const sockets = SOCKETS.flatMap(([key, state]) =>
        countOf(state, basis.figures.sockets?.[key], later?.figures.sockets?.[key]),
      );
      const entries = entryStates(basis, later);
      const pods = podSocketsOf(basis.figures, later?.figures);
      if (sockets.length + entries.length === 0 && pods === undefined) return [];
      return [
        {
          instanceId,
          before: basisAt,
          ...(isAgain ? { after: at } : {}),
          sockets,
          entries,
          ...(pods === undefined ? {} : { pods }),
        },
      ];
    })
    .slice(0, NODES_TOLD);
}

function entryStates(basis: Diagnosed, later: Diagnosed | undefined): readonly StateCount[] {
  const [before, after] = [countsOf(basis.figures), countsOf(later?.figures ?? {})];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((state) =>
    countOf(state, before.get(state), after.get(state)),
  );
}

/** TCP entries of a table by state: what a sample shows of each, of all entries. */
function countsOf({ states = [], count }: Figures): ReadonlyMap<string, number> {
  return new Map(
    states.flatMap(({ protocol, state, isUnreplied, share }) =>
      protocol !== 'tcp' || state === undefined || count === undefined
        ? []
        : [[`${state}${isUnreplied ? ', unreplied' : ''}`, Math.round(share * count)] as const],
    ),
  );
}

function countOf(
  state: string,
  before: number | undefined,
  after: number | undefined,
): readonly StateCount[] {
  if (before === undefined && after === undefined) return [];
  return [{ state, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}
