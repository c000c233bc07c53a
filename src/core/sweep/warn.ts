import { secondsToFull } from '../fleet/outlook.ts';
import { tableUse } from '../fleet/reading.ts';
import type { Warning } from '../fleet/warning.ts';
import { WARNED_NODES_MAX, type WarningRequest } from '../incident/warning-alarm.ts';
import { counted, nodeCount, percent, show } from '../words.ts';
import type { JudgedSweep } from './found.ts';

/** The warning of a node as it is kept: with the nodes that it was told of together with. */
export interface KeptWarning extends Warning {
  readonly toldWith?: readonly string[] | undefined;
  /** Whether it is to be told, with the same nodes: nobody knows whether it was. */
  readonly isOwed?: boolean | undefined;
}

/** What a sweep has to tell, and what to keep once it was told. */
export interface WarningsToTell {
  readonly requests: readonly WarningRequest[];
  readonly kept: Readonly<Record<string, KeptWarning>>;
}

/** Characters of the reason of an alarm (src/core/record/alarm.ts). */
const REASON_MOST = 1_024;
/** Nodes that a warning says the whole reason of; the others it counts. */
const TOLD_MOST = 3;
/** Nodes of the group that it names as the next ones. */
const NEXT_MOST = 3;

/**
 * What is told of a sweep: nodes of one group that begin to be warned of are told together, once, and that it is over once all of
 * them are calm. What was told before says nothing again; what may not have been told is told with the same nodes as before, since
 * those are what makes it the same warning.
 */
export function warningsToTell(
  judged: readonly JudgedSweep[],
  before: Readonly<Record<string, KeptWarning>>,
  now: number,
): WarningsToTell {
  const at = new Date(now).toISOString();
  const kept: Record<string, KeptWarning> = {};
  const begun = new Map<string, JudgedSweep[]>();
  const owed = new Map<string, { readonly instanceIds: readonly string[]; readonly warned: JudgedSweep[] }>();
  for (const one of judged) {
    const { instanceId, cluster, nodeGroup } = one.node;
    if (!one.warning.isWarned) {
      // What has to last before it is told goes on at the next sweep.
      if (one.warning.likelySince !== undefined) kept[instanceId] = one.warning;
      continue;
    }
    const { toldWith, isOwed } = before[instanceId] ?? {};
    kept[instanceId] = { ...one.warning, toldWith, isOwed: undefined };
    if (toldWith === undefined) {
      const key = JSON.stringify([cluster, nodeGroup]);
      begun.set(key, [...(begun.get(key) ?? []), one]);
    } else if (isOwed === true) {
      const key = toldWith.join();
      owed.set(key, { instanceIds: toldWith, warned: [...(owed.get(key)?.warned ?? []), one] });
    }
  }
  const requests: WarningRequest[] = [];
  const request = (instanceIds: readonly string[], nodes: readonly JudgedSweep[]) => {
    const foreseen = nodes.flatMap(foreseenOf);
    requests.push({
      schema: 'medic.warning-request/1',
      instanceIds: [...instanceIds],
      state: 'ALARM',
      why: reasonOf(nodes, nextOf(nodes, judged)),
      at,
      ...(foreseen.length === 0 ? {} : { foreseen }),
    });
  };
  for (const { instanceIds, warned } of owed.values())
    request(
      instanceIds,
      warned.toSorted((a, b) => fullIn(a) - fullIn(b)),
    );
  for (const ofGroup of begun.values()) {
    const worstFirst = ofGroup.toSorted((a, b) => fullIn(a) - fullIn(b));
    for (let from = 0; from < worstFirst.length; from += WARNED_NODES_MAX) {
      const nodes = worstFirst.slice(from, from + WARNED_NODES_MAX);
      const instanceIds = nodes.map(({ node }) => node.instanceId);
      for (const id of instanceIds) {
        const warning = kept[id];
        if (warning !== undefined) kept[id] = { ...warning, toldWith: instanceIds };
      }
      request(instanceIds, nodes);
    }
  }
  return { requests: [...requests, ...overNow(before, kept, at)], kept };
}

/**
 * What is kept while some of it is still to be told, so that whoever tells it after all tells it with the same nodes.
 * @param left requests of it that nobody is known to have taken
 */
export function withOwed(
  kept: WarningsToTell['kept'],
  before: Readonly<Record<string, KeptWarning>>,
  left: readonly WarningRequest[],
): Readonly<Record<string, KeptWarning>> {
  const owed: Record<string, KeptWarning> = {};
  for (const { instanceIds } of left)
    for (const id of instanceIds) {
      const warning = kept[id] ?? before[id];
      if (warning !== undefined) owed[id] = { ...warning, toldWith: instanceIds, isOwed: true };
    }
  return { ...kept, ...owed };
}

/** Of what was told, that of which no node is warned of any more; a node that is gone is none. */
function overNow(
  before: Readonly<Record<string, KeptWarning>>,
  kept: Readonly<Record<string, KeptWarning>>,
  at: string,
): readonly WarningRequest[] {
  const told = new Map(
    Object.values(before).flatMap(({ toldWith }) =>
      toldWith === undefined ? [] : [[toldWith.join(), toldWith]],
    ),
  );
  return [...told.values()]
    .filter((ids) => ids.every((id) => kept[id]?.isWarned !== true))
    .map((ids) => ({
      schema: 'medic.warning-request/1',
      instanceIds: [...ids],
      state: 'OK',
      why: `Nothing speaks for a full table on ${ids.length === 1 ? 'this node' : 'these nodes'} any more.`,
      at,
    }));
}

/** `i-1: 71 % of 131,072 in use, full in about 3 h …. 2 more nodes of the group. Next: i-9 with 64 % of 131,072.` */
function reasonOf(nodes: readonly JudgedSweep[], next: readonly JudgedSweep[]): string {
  const told = nodes.slice(0, TOLD_MOST).map(({ node, warning }) => `${node.instanceId}: ${warning.why}.`);
  const more = nodes.length - told.length;
  const parts = [
    ...told,
    ...(more > 0 ? [`And ${counted(more, 'more node', 'more nodes')} of the same group.`] : []),
    ...(next.length > 0 ? [`Next of the group: ${next.map(heldWords).join(', ')}.`] : []),
  ];
  const text = parts.join(' ');
  return text.length <= REASON_MOST ? text : `${text.slice(0, REASON_MOST - 1)}…`;
}

/** The fullest of the group that are not warned of: limits grow with the cores, so a group fills up one size after the other. */
function nextOf(nodes: readonly JudgedSweep[], judged: readonly JudgedSweep[]): readonly JudgedSweep[] {
  const [first] = nodes;
  return judged
    .filter(
      ({ node, warning, unseen }) =>
        !warning.isWarned &&
        unseen === undefined &&
        node.cluster === first?.node.cluster &&
        node.nodeGroup === first?.node.nodeGroup,
    )
    .toSorted((a, b) => useOf(b) - useOf(a))
    .filter((one) => useOf(one) > 0)
    .slice(0, NEXT_MOST);
}

const foreseenOf = ({ node, outlook }: JudgedSweep) =>
  outlook.state === 'fills' ? [{ instanceId: node.instanceId, fullInSeconds: outlook.in.likely }] : [];

const newest = ({ readings }: JudgedSweep) => readings.at(-1);

const useOf = (one: JudgedSweep): number => tableUse(newest(one) ?? {}) ?? 0;

function heldWords(one: JudgedSweep): string {
  const { max = 0, cores } = newest(one) ?? {};
  const size = cores === undefined ? '' : ` on ${counted(cores, 'core')}`;
  return `${one.node.instanceId} with ${percent(useOf(one))} of ${show(max)}${size}`;
}

const fullIn = ({ outlook }: JudgedSweep): number => secondsToFull(outlook) ?? 0;

/** `2 warnings of 3 nodes`, for the log. */
export const toldWords = (requests: readonly WarningRequest[]): string =>
  `${counted(requests.length, 'warning')} of ${nodeCount(requests.flatMap(({ instanceIds }) => instanceIds).length)}`;
