import { shortName } from '../pod-name.ts';
import type { Figures } from '../record/collection.ts';
import type { PodSocketFigures, PodSocketsFigures, SocketState } from '../record/pod-sockets.ts';

/** How many sockets were in a state at one reading. */
export interface SocketCount {
  readonly count: number;
  /** There were more sockets than were looked at for their state. */
  readonly isLeast: boolean;
}

/** The sockets of one pod, or of several, a cell for each column; a reading that does not tell has none. */
export interface PodSocketRow {
  /** Name of the pod, or the number of its network namespace. */
  readonly called: string;
  readonly cells: readonly {
    readonly before: SocketCount | undefined;
    readonly after: SocketCount | undefined;
  }[];
}

/** Sockets inside the network namespaces of pods, at the reading of the verdict and the newest one. */
export interface PodSocketTable {
  /** What the cells count. */
  readonly columns: readonly string[];
  /** Those with most sockets first, the sum of all others last. */
  readonly rows: readonly PodSocketRow[];
  /** Namespaces and processes that were not read, at the reading that left out most. */
  readonly unread: number;
}

/** Columns that there always are, then those of states, which stand where a socket was in one. */
const COUNTED = ['established', 'TIME_WAIT', 'in use'] as const;
const STATES: readonly { readonly column: string; readonly states: readonly SocketState[] }[] = [
  { column: 'CLOSE_WAIT', states: ['CLOSE_WAIT'] },
  { column: 'SYN_RECV', states: ['SYN_RECV'] },
  { column: 'SYN_SENT', states: ['SYN_SENT'] },
  { column: 'FIN_WAIT, LAST_ACK', states: ['FIN_WAIT1', 'FIN_WAIT2', 'LAST_ACK', 'CLOSING'] },
  { column: 'listening', states: ['LISTEN'] },
];

/** One namespace, or the others together, at both readings. */
interface Twice {
  readonly called: string;
  readonly before: Partial<PodSocketFigures> | undefined;
  readonly after: Partial<PodSocketFigures> | undefined;
}

/** The sockets of pods before and after; `undefined` where neither reading tells of a socket in one. */
export function podSocketsOf(before: Figures, after: Figures | undefined): PodSocketTable | undefined {
  const [first, later] = [before.podSockets, after?.podSockets];
  const isSameBoot =
    before.bootId === undefined || after?.bootId === undefined || before.bootId === after.bootId;
  const pods = joined(first?.pods ?? [], later?.pods ?? [], isSameBoot);
  if (pods.length === 0) return undefined;
  const states = STATES.filter((one) =>
    pods.some((pod) =>
      [pod.before, pod.after].some((figures) => (countIn(figures, one.states)?.count ?? 0) > 0),
    ),
  );
  const rowOf = ({ called, ...readings }: Twice): PodSocketRow => {
    const cell = (count: (figures: Twice['before']) => SocketCount | undefined) => ({
      before: count(readings.before),
      after: count(readings.after),
    });
    return {
      called,
      cells: [
        cell((figures) => countOrGauge(figures, 'ESTABLISHED', 'established')),
        cell((figures) => countOrGauge(figures, 'TIME_WAIT', 'timeWait')),
        cell((figures) => exactly(figures?.inUse)),
        ...states.map((one) => cell((figures) => countIn(figures, one.states))),
      ],
    };
  };
  return {
    columns: [...COUNTED, ...states.map(({ column }) => column)],
    rows: [...pods, ...othersOf(first, later)].map(rowOf),
    unread: Math.max(first?.unread ?? 0, later?.unread ?? 0),
  };
}

/** A number stands for one namespace as long as the machine runs and no other pod has got it. */
function joined(
  before: readonly PodSocketFigures[],
  after: readonly PodSocketFigures[],
  isSameBoot: boolean,
): readonly Twice[] {
  const twinOf = (one: PodSocketFigures) =>
    after.find(
      ({ netns, pod }) =>
        isSameBoot && netns === one.netns && (pod === undefined || one.pod === undefined || pod === one.pod),
    );
  const old = before.map((one) => {
    const twin = twinOf(one);
    return { called: calledOf(twin?.pod === undefined ? one : twin), before: one, after: twin };
  });
  const isTold = new Set(old.flatMap(({ after: twin }) => twin ?? []));
  const added = after
    .filter((one) => !isTold.has(one))
    .map((one) => ({ called: calledOf(one), before: undefined, after: one }));
  const most = ({ before: first, after: later }: Twice) => Math.max(sizeOf(first), sizeOf(later));
  return [...old, ...added].toSorted((a, b) => most(b) - most(a));
}

function othersOf(
  first: PodSocketsFigures | undefined,
  later: PodSocketsFigures | undefined,
): readonly Twice[] {
  const [before, after] = [first?.others, later?.others];
  const counts = [...new Set([before, after].flatMap((others) => others?.namespaces ?? []))];
  return counts.length === 0 ? [] : [{ called: `${counts.join(', then ')} others`, before, after }];
}

const calledOf = ({ netns, pod }: PodSocketFigures): string =>
  pod === undefined ? `namespace ${netns}` : shortName(pod);

const sizeOf = (figures: Twice['before']): number => (figures?.inUse ?? 0) + (figures?.timeWait ?? 0);

const exactly = (count: number | undefined): SocketCount | undefined =>
  count === undefined ? undefined : { count, isLeast: false };

/**
 * By state where all sockets were counted. The kernel's own numbers hold more: TcpCurrEstab those in CLOSE_WAIT on newer releases, `tw`
 * those in FIN_WAIT2 that no process holds any more.
 */
function countOrGauge(
  figures: Twice['before'],
  state: SocketState,
  gauge: 'established' | 'timeWait',
): SocketCount | undefined {
  const isWhole = figures?.states !== undefined && figures.isLeast !== true;
  return isWhole ? countIn(figures, [state]) : exactly(figures?.[gauge]);
}

function countIn(figures: Twice['before'], states: readonly SocketState[]): SocketCount | undefined {
  if (figures?.states === undefined) return undefined;
  const { states: counts, isLeast = false } = figures;
  return { count: states.reduce((sum, state) => sum + (counts[state] ?? 0), 0), isLeast };
}
