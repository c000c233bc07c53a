import type { ProbeReading } from '../fleet/reading.ts';
import { type NodeTraits, shareSentence, traitsOf, whatTheSickShare } from '../fleet/shared.ts';
import { type FleetRow, unseenWords } from '../fleet/table.ts';
import type { StoredSweep, SweepGroup } from './found.ts';
import { driftedOf } from './groups.ts';

/** Nodes whose series is drawn: three with a name, the others thin. Our choice: more lines tell less. */
const DRAWN = 12;
/** Nodes in the table of a page: it has to open on a phone. The rest is counted. */
const LISTED = 250;

/** Hours of which the page draws the series: a day and what led to it. */
const DRAWN_HOURS = 26;

/** The readings of one node, in order of time. */
export interface DrawnNode {
  readonly instanceId: string;
  readonly readings: readonly ProbeReading[];
}

/** What the page of a fleet shows, derived from what the newest sweep left. */
export interface FleetPage {
  readonly startedAt: number;
  readonly counts: StoredSweep['report']['counts'];
  readonly all: number;
  /** How many nodes the sweep did not see, by reason: `2 offline, 1 late`; empty where it saw all. */
  readonly unseen: string;
  /** On how many nodes something that the product set is gone; absent where that was seen of none. */
  readonly drifted?: number;
  /** What those have in common that are full or fill up; absent where fewer than two are. */
  readonly shared?: string;
  /** The worst first, as many as a page has room for. */
  readonly rows: readonly FleetRow[];
  readonly unlisted: number;
  readonly groups: readonly SweepGroup[];
  /** Those that are drawn over time, the worst first. */
  readonly drawn: readonly DrawnNode[];
}

/** Ids of the nodes whose series the page draws: those that somebody has to act on, then the fullest. */
export const drawnNodes = ({ report }: StoredSweep): readonly string[] =>
  report.nodes
    .filter(({ count }) => count !== undefined)
    .slice(0, DRAWN)
    .map(({ instanceId }) => instanceId);

/**
 * Reads the series of those nodes.
 * @param readings of a node over so many hours up to now, in order of time
 */
export async function drawnSeries(
  swept: StoredSweep,
  readings: (instanceId: string, hours: number) => Promise<readonly ProbeReading[]>,
): Promise<readonly DrawnNode[]> {
  return await Promise.all(
    drawnNodes(swept).map(async (instanceId) => ({
      instanceId,
      readings: await readings(instanceId, DRAWN_HOURS),
    })),
  );
}

/**
 * The page of a fleet.
 *
 * @param series of the nodes that are drawn, as far as they could be read
 */
export function fleetPageOf(
  { startedAt, report, groups }: StoredSweep,
  series: readonly DrawnNode[],
): FleetPage {
  const { counts, nodes, unseen } = report;
  return {
    startedAt,
    counts,
    all: nodes.length,
    unseen: unseenWords(unseen),
    ...driftedOf(nodes.map(({ drift }) => drift)),
    ...sharedBy(nodes),
    rows: nodes.slice(0, LISTED),
    unlisted: Math.max(0, nodes.length - LISTED),
    groups,
    drawn: series.filter(({ readings }) => readings.length > 0),
  };
}

/** Nodes that were not seen are neither sick nor healthy. */
function sharedBy(nodes: readonly FleetRow[]): Pick<FleetPage, 'shared'> {
  const isSick = ({ state }: FleetRow) => state === 'full' || state === 'fills';
  const sick = nodes.filter(isSick);
  if (sick.length < 2) return {};
  const healthy = nodes.filter((row) => row.state !== 'unknown' && !isSick(row));
  const share = whatTheSickShare(sick.map(knownTraits), healthy.map(knownTraits));
  return { shared: shareSentence(share, 'full or filling up') };
}

const knownTraits = ({ nodeGroup, max, ...known }: FleetRow): NodeTraits =>
  traitsOf({ ...known, group: nodeGroup, limit: max });
