import { counted, show } from '../words.ts';
import { isTroubled, lossOf } from './fate.ts';
import type { Trace } from './output.ts';

/** What a trace says of its own limits, where it says any. */
export type LimitedTrace = Pick<Trace, 'fates'> &
  Partial<Pick<Trace, 'waited' | 'cut' | 'total' | 'leftOut' | 'points'>>;

/** Captures that begin this late are worth a word. Seconds. */
const LATE = 3;

/** What stands in the list of what was left out where captures did not begin at all. */
const NOT_BEGUN = 'captures=not-begun';

/** One sentence for each thing that narrows what the trace says; nothing of one that saw and told all. */
export function limitsOf(trace: LimitedTrace): readonly string[] {
  const { waited = 0, cut = [], leftOut = [] } = trace;
  const late = leftOut.includes(NOT_BEGUN)
    ? [`The captures had not begun after ${waited} s, for this node has no CPU to spare; trace again.`]
    : waited >= LATE
      ? [`The captures began ${waited} s late: this node has hardly any CPU to spare.`]
      : [];
  const unseen = uncaptured(trace);
  const blind = isOutside(trace)
    ? ["No pod's interface was looked at: what is missing there may have passed, and be lost in the pod."]
    : unseen.length === 0
      ? []
      : [`Nothing could be captured on ${unseen.join(', ')}: what is missing there may have passed.`];
  const causes = cut.some((name) => name === 'trace-counters' || name === 'trace-drops')
    ? ['The output had no room for all counters, so a cause may be missing.']
    : [];
  return [...untold(trace), ...late, ...blind, ...causes];
}

/** Whether connections that had trouble may be missing from what a trace tells, or be told at the wrong place. */
export function isPartial(trace: LimitedTrace): boolean {
  return missingOf(trace).troubled > 0 || uncaptured(trace).length > 0 || isOutside(trace);
}

/** Whether packets went missing behind the uplinks, and nothing was looked at there. */
const isOutside = ({ fates = [], points = [] }: LimitedTrace): boolean =>
  points.length > 0 &&
  points.every(({ place }) => place === 'uplink') &&
  fates.some((fate) => (lossOf(fate)?.edge ?? 'outside') !== 'outside');

/** Interfaces that were to be looked at and were not. */
function uncaptured({ leftOut = [], points = [] }: LimitedTrace): readonly string[] {
  return leftOut.flatMap((word) => {
    const list = /^points?([0-7](?:,[0-7])*)=not-captured$/.exec(word)?.[1]?.split(',').map(Number) ?? [];
    return list.flatMap((number) => points.find((point) => point.number === number)?.interfaceName ?? []);
  });
}

/** Connections that the node counted and had no room for in its output. */
function missingOf({ fates = [], total }: LimitedTrace): NonNullable<Trace['total']> {
  if (total === undefined) return { connections: 0, troubled: 0 };
  const sum = (some: NonNullable<Trace['fates']>) => some.reduce((all, { count }) => all + count, 0);
  return {
    connections: Math.max(0, total.connections - sum(fates)),
    troubled: Math.max(0, total.troubled - sum(fates.filter(isTroubled))),
  };
}

function untold(trace: LimitedTrace): readonly string[] {
  const { connections, troubled } = missingOf(trace);
  if (trace.fates === undefined || trace.total === undefined || connections === 0) return [];
  const which =
    troubled === 0
      ? 'all that had trouble are told'
      : `${show(troubled)} of them had trouble, and where those lost a packet is not known`;
  return [
    `The output had no room for ${counted(connections, 'connection')} of ${show(trace.total.connections)}: ${which}. Trace again with --port.`,
  ];
}
