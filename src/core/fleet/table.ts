import { duration } from '../plan/forecast.ts';
import { nodeCount, percent, show } from '../words.ts';
import { levelOf } from './growth.ts';
import { type Outlook, secondsToFull } from './outlook.ts';
import type { LossRates } from './rates.ts';
import { type GapReason, type ProbeReading, tableUse } from './reading.ts';
import { newestRun } from './runs.ts';
import { UNSEEN, type Unseen } from './unseen.ts';

/** Where a node belongs, as far as its tags say so. */
interface NodeGroup {
  readonly cluster?: string | undefined;
  readonly nodeGroup?: string | undefined;
  readonly instanceType?: string | undefined;
  readonly zone?: string | undefined;
  /** When EC2 started it, ISO 8601 in UTC. */
  readonly launchedAt?: string | undefined;
}

/** One node of a fleet as a table shows it and a script reads it. */
export interface FleetRow extends NodeGroup {
  readonly instanceId: string;
  readonly state: Outlook['state'];
  /** Seconds until the table is full; 0 where it is, absent where nothing says that it will be. */
  readonly fullInSeconds?: number;
  /** What was seen at the newest reading that shows the table; absent where nothing was. */
  readonly count?: number;
  readonly max?: number;
  /** Release of its kernel at the newest reading; absent where that does not say. */
  readonly kernel?: string;
  /** Milliseconds since 1970 of the newest reading, whatever it showed. */
  readonly seenAt?: number;
  /** Losses a second between the two newest readings, as far as they show them. */
  readonly rates?: LossRates;
  /** Whether it is warned of; absent where nobody keeps that. */
  readonly isWarned?: boolean;
  /** Why the newest sweep did not see it; absent where it did. */
  readonly unseen?: Unseen;
  /** Layers in which what the product set is gone; absent where that was not seen. */
  readonly drift?: readonly string[];
  /** What the newest reading did not show, with the reasons. */
  readonly gaps: Readonly<Partial<Record<string, GapReason>>>;
  readonly why: string;
}

/** What `medic fleet` says of all nodes, worst first. */
export interface FleetReport {
  readonly schema: 'medic.fleet/1';
  readonly at: string;
  /** How many nodes there are of each state; those that were not seen are a number of their own. */
  readonly counts: Readonly<Record<Outlook['state'], number>>;
  /** How many nodes the newest sweep did not see, by reason, those without a tag among them. */
  readonly unseen?: Readonly<Record<Unseen, number>>;
  readonly nodes: readonly FleetRow[];
}

/** One node with its readings and what they say. */
export interface JudgedNode extends NodeGroup {
  readonly instanceId: string;
  readonly readings: readonly ProbeReading[];
  readonly outlook: Outlook;
  readonly rates?: LossRates;
  readonly isWarned?: boolean;
  readonly unseen?: Unseen | undefined;
}

/**
 * Puts the nodes of a fleet in the order in which somebody has to act: full ones, then by time to full; then those that were not
 * seen, because anything may be wrong with them; then the calm ones by use.
 */
export function fleetReport(nodes: readonly JudgedNode[], now: number): FleetReport {
  const rows = nodes
    .map(rowOf)
    .sort(
      (a, b) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        (a.fullInSeconds ?? Number.MAX_VALUE) - (b.fullInSeconds ?? Number.MAX_VALUE) ||
        useOf(b) - useOf(a) ||
        (a.instanceId < b.instanceId ? -1 : 1),
    );
  const counts = { full: 0, fills: 0, unknown: 0, calm: 0, unlimited: 0 };
  for (const { state } of rows) counts[state]++;
  return { schema: 'medic.fleet/1', at: new Date(now).toISOString(), counts, nodes: rows };
}

const ORDER: readonly Outlook['state'][] = ['full', 'fills', 'unknown', 'calm', 'unlimited'];

const useOf = (row: FleetRow): number => tableUse(row) ?? 0;

function rowOf({ instanceId, readings, outlook, rates, isWarned, unseen, ...node }: JudgedNode): FleetRow {
  const { cluster, nodeGroup, instanceType, zone, launchedAt } = node;
  const newest = readings.at(-1);
  const fullInSeconds = secondsToFull(outlook);
  const run = newestRun(readings);
  const shown = run === undefined ? {} : { count: levelOf(run.points), max: run.max };
  return {
    instanceId,
    ...(cluster === undefined ? {} : { cluster }),
    ...(nodeGroup === undefined ? {} : { nodeGroup }),
    ...(instanceType === undefined ? {} : { instanceType }),
    ...(zone === undefined ? {} : { zone }),
    ...(launchedAt === undefined ? {} : { launchedAt }),
    state: outlook.state,
    ...(fullInSeconds === undefined ? {} : { fullInSeconds }),
    ...shown,
    ...(newest === undefined ? {} : { seenAt: newest.at }),
    ...(newest?.kernel === undefined ? {} : { kernel: newest.kernel }),
    ...(newest?.drift === undefined ? {} : { drift: newest.drift }),
    ...(rates === undefined ? {} : { rates }),
    ...(isWarned === undefined ? {} : { isWarned }),
    ...(unseen === undefined ? {} : { unseen }),
    gaps: newest?.gaps ?? {},
    why: unseen === undefined ? outlook.why : `${UNSEEN_WORDS[unseen]}; ${outlook.why}`,
  };
}

/** Why a node was not seen, for whoever reads it in a row. */
const UNSEEN_WORDS: Readonly<Record<Unseen, string>> = {
  offline: 'its agent does not answer',
  untagged: 'it carries no tag of nodeTags',
  refused: 'it did not take the command',
  late: 'it had not answered when the sweep ended',
  cut: 'its answer was cut off',
  forged: 'what came is not the answer to this sweep',
  failed: 'the probe failed there',
  'no-series': 'no sample of the last minutes is certainly its own',
  unread: 'the series that its samples come from could not be read',
};

/** The report as a table for a terminal, after one line of counts. */
export function fleetTable({ counts, nodes, unseen }: FleetReport): string {
  if (nodes.length === 0)
    return 'No node was ever seen: the sweep has not run, or no node carries its tag.\n';
  const rows = nodes.map((row) => [
    row.instanceId,
    fullWords(row),
    row.count === undefined || row.max === undefined
      ? 'not seen'
      : row.max === 0
        ? `${show(row.count)}, no limit`
        : `${show(row.count)} of ${show(row.max)} (${percent(row.count / row.max)})`,
    driftWords(row.drift),
    row.why,
  ]);
  const cells = [['node', 'full', 'entries', 'drift', 'why'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${summary(counts, nodes.length)}${unseenLine(unseen)}\n\n${lines.join('\n')}\n`;
}

/** When the table of a node is full: `now`, `in 3 h`. */
export const fullWords = (row: FleetRow): string => TIMES[row.state](row);

/** The layers in which what the product set is gone. */
export const driftWords = (drift: readonly string[] | undefined): string =>
  drift === undefined ? 'not seen' : drift.length === 0 ? 'none' : drift.join(', ');

const TIMES: Readonly<Record<Outlook['state'], (row: FleetRow) => string>> = {
  full: () => 'now',
  fills: ({ fullInSeconds = 0 }) => `in ${duration(fullInSeconds)}`,
  unknown: () => 'not known',
  calm: () => '–',
  unlimited: () => '–',
};

/** `41 nodes: 1 full, 2 filling up, 3 not seen, 35 calm`. */
function summary(counts: FleetReport['counts'], all: number): string {
  const parts = [
    `${show(counts.full)} full`,
    `${show(counts.fills)} filling up`,
    `${show(counts.unknown)} not seen`,
    `${show(counts.calm)} calm`,
    ...(counts.unlimited > 0 ? [`${show(counts.unlimited)} without a limit`] : []),
  ];
  return `${nodeCount(all)}: ${parts.join(', ')}`;
}

/** `Not seen by the newest sweep: 2 offline, 1 late.`; nothing where all were. */
function unseenLine(unseen: FleetReport['unseen']): string {
  const words = unseenWords(unseen);
  return words === '' ? '' : `\nNot seen by the newest sweep: ${words}`;
}

/** `2 offline, 1 late`; empty where all were seen. */
export const unseenWords = (unseen: FleetReport['unseen']): string =>
  UNSEEN.flatMap((why) => ((unseen?.[why] ?? 0) > 0 ? [`${show(unseen?.[why] ?? 0)} ${why}`] : [])).join(
    ', ',
  );
