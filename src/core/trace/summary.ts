import { counted, percent, show } from '../words.ts';
import { type Cause, type CauseId, causesOf } from './causes.ts';
import { type Edge, type Fate, isDelayed, isTroubled, type Loss, lossOf } from './fate.ts';
import { type LimitedTrace, limitsOf } from './limits.ts';
import { fatesOf } from './match.ts';
import type { Names } from './names.ts';
import type { Drop, Trace } from './output.ts';

/** Connections that lost a packet at one place. */
export interface LostAt extends Loss {
  /** Connections among those that were looked at. */
  readonly count: number;
  /** Why, the most first; empty where nothing tells. */
  readonly causes: readonly Cause[];
  /** The pods that these were seen at, most connections first; `undefined` for those that were seen at none. */
  readonly pods: readonly { readonly number: number | undefined; readonly count: number }[];
}

/** How a verdict fares after a trace: for it, or against it. */
export interface Consequence {
  /** Id of a failure mode. */
  readonly mode: string;
  readonly speaks: 'for' | 'against';
  readonly why: string;
}

/** What a trace says, in numbers. */
export interface TraceSummary {
  /** Connections that were looked at and began in time. */
  readonly connections: number;
  /** Those that waited for about a second or more, or in vain. */
  readonly delayed: number;
  /** Those whose first SYN or its answer went missing, or that sent again. */
  readonly troubled: number;
  readonly refused: number;
  /** Where packets went missing, most connections first. */
  readonly lost: readonly LostAt[];
}

/** Fewer connections than this say nothing about where a share of them is not lost. */
export const ENOUGH_CONNECTIONS = 30;

const total = (fates: readonly Fate[]): number => fates.reduce((sum, { count }) => sum + count, 0);

/** What a trace says beside its fates; packets and points tell more of answers that were lost, where there are any. */
type Facts = Pick<Trace, 'counters' | 'drops'> & Partial<Pick<Trace, 'kernel' | 'packets' | 'points'>>;

/** Where most of the first answers were lost of those connections whose packets are shown. */
function lostAnswerIn({ packets = [], points = [] }: Facts): Loss | undefined {
  const places = new Map(points.map(({ number, place, pod }) => [number, { place, pod }]));
  const pods = new Set(points.flatMap(({ address }) => address ?? []));
  const losses = fatesOf(packets, { places, pods }).flatMap((fate) => {
    const loss = fate.back === fate.start ? undefined : lossOf(fate);
    return loss?.packet === 'answer' ? [loss] : [];
  });
  return losses[0];
}

/** Sums the fates up; what was too late to judge is left out. */
export function summaryOf(fates: readonly Fate[], facts: Facts): TraceSummary {
  const judged = fates.filter(({ isLate }) => !isLate);
  const again = lostAnswerIn(facts);
  const lost = new Map<string, LostAt>();
  for (const fate of judged) {
    const loss = lossOf(fate, again);
    if (loss === undefined) continue;
    const key = `${loss.packet} ${loss.last} ${loss.missing ?? '-'}`;
    const known = lost.get(key);
    lost.set(key, {
      ...loss,
      count: (known?.count ?? 0) + fate.count,
      causes: known?.causes ?? causesOf(facts, loss.edge),
      pods: withPod(known?.pods ?? [], fate),
    });
  }
  return {
    connections: total(judged),
    delayed: total(judged.filter(isDelayed)),
    troubled: total(judged.filter(isTroubled)),
    refused: total(judged.filter(({ isRefused }) => isRefused)),
    lost: [...lost.values()].toSorted((a, b) => b.count - a.count),
  };
}

function withPod(pods: LostAt['pods'], { pod, count }: Fate): LostAt['pods'] {
  const before = pods.find(({ number }) => number === pod)?.count ?? 0;
  return [...pods.filter(({ number }) => number !== pod), { number: pod, count: before + count }].toSorted(
    (x, y) => y.count - x.count,
  );
}

/** One sentence on how many connections were delayed, then one for each place where packets went missing. */
export function sentencesOf(
  trace: Pick<Trace, 'fates' | 'thin' | 'port'> & Facts & LimitedTrace,
  names: Names,
): readonly string[] {
  const limits = limitsOf(trace);
  if (trace.fates === undefined) return [...withoutPackets(trace), ...limits];
  const summary = summaryOf(trace.fates, trace);
  if (summary.connections === 0)
    return [`No new connection${toPort(trace.port)} was seen in these seconds.`, ...limits];
  const { connections, delayed } = summary;
  const of = `of ${counted(connections, 'new connection')}${toPort(trace.port)}`;
  const were = delayed === 1 ? 'was' : 'were';
  const first =
    delayed === 0
      ? `None ${of} was delayed by a second or more.`
      : `${show(delayed)} ${of} (${percent(delayed / connections)}${marginOf(summary, trace.thin)}) ${were} delayed 1.0 s or more, or not answered.`;
  const sampled = trace.thin > 1 ? [`One connection in ${show(trace.thin)} was looked at.`] : [];
  const nothing =
    summary.lost.length === 0 && connections >= ENOUGH_CONNECTIONS
      ? [
          `Each first SYN that ${names.uplink} saw was answered there: what clients wait for is lost before this node, or is no SYN.`,
        ]
      : [];
  return [first, ...sampled, ...summary.lost.map((lost) => lostSentence(lost, names)), ...nothing, ...limits];
}

const toPort = (port: number | undefined): string => (port === undefined ? '' : ` to tcp ${port}`);

/** Half the width of the range in which the true share lies with 95 in 100; nothing where all were looked at. */
function marginOf({ connections, delayed }: TraceSummary, thin: number): string {
  if (thin === 1) return '';
  const share = delayed / connections;
  return ` ± ${show(Math.max(0.1, 196 * Math.sqrt((share * (1 - share)) / connections)))} points`;
}

function lostSentence(
  { edge, packet, last, missing, count, causes, pods }: LostAt,
  { byPod, ...all }: Names,
): string {
  const [only, ...others] = pods;
  const own = others.length > 0 || only?.number === undefined ? undefined : byPod?.get(only.number);
  const names = own === undefined ? all : { ...all, ...own };
  const shares = pods.flatMap(({ number, count: share }) => {
    const called = number === undefined ? undefined : byPod?.get(number)?.called;
    return called === undefined ? [] : [`${show(share)} of ${called}`];
  });
  const whose = own !== undefined || shares.length === 0 ? '' : ` (${shares.join(', ')})`;
  const subject = packet === 'SYN' ? 'the first SYN' : 'the answer to the first SYN';
  const because = causes.length === 0 ? '' : `, where ${causes.map(({ clause }) => clause).join('; ')}`;
  const seen = `${subject} was seen on ${names[last]}`;
  const gone = missing === undefined ? ENDS[packet][edge] : `and not on ${names[missing]}`;
  return `In ${show(count)}${whose} ${seen} ${gone}: lost ${LOST[edge]}${because}.`;
}

const LOST: Readonly<Record<Edge, string>> = {
  outside: 'beyond this node',
  node: 'in netfilter or routing on this node',
  link: "between the two ends of the pod's link",
  inside: 'in the pod, at its listener or by its own rules',
};

/** What is said where the next place is nobody's interface on this node. */
const ENDS: Readonly<Record<Loss['packet'], Readonly<Record<Edge, string>>>> = {
  SYN: { outside: 'and nothing came back', node: '', link: '', inside: 'and not answered' },
  answer: { outside: 'and the SYN came again', node: '', link: '', inside: 'and the pod sent again' },
};

/** Where no packet was looked at: what the kernel freed and counted. */
function withoutPackets(facts: Facts): readonly string[] {
  const causes = (['node', 'inside'] as const).flatMap((edge) => causesOf(facts, edge));
  const told = [...new Map(causes.map((cause) => [cause.clause, cause])).values()];
  const first =
    'No packet could be looked at on this node, so neither the connections nor the hop where one is lost can be told.';
  return told.length === 0
    ? [
        first,
        'Nothing that the kernel counts as dropped rose in these seconds; a drop that it does not count is not seen.',
      ]
    : [first, ...told.map(({ clause }) => `In these seconds ${clause}.`)];
}

/** The failure modes, with the cause that a trace tells of each. */
export type MarkedModes = readonly { readonly id: string; readonly traceCause?: CauseId }[];

/**
 * What follows for verdicts.
 * @param marked failure modes by the cause that is the mark of each
 */
export function consequencesOf(summary: TraceSummary, marked: MarkedModes): readonly Consequence[] {
  const [most] = summary.lost;
  if (most === undefined)
    return summary.connections < ENOUGH_CONNECTIONS
      ? []
      : [
          {
            mode: 'not-the-node',
            speaks: 'for',
            why: `all of ${counted(summary.connections, 'first SYN')} that reached the node were answered there`,
          },
        ];
  const share = `${show(most.count)} of ${counted(summary.troubled, 'troubled connection')}`;
  if (most.edge === 'outside')
    return [{ mode: 'not-the-node', speaks: 'for', why: `${share} lost a packet after this node` }];
  return most.causes.slice(0, 1).flatMap(({ id, clause }): readonly Consequence[] => {
    const mode = marked.find(({ traceCause }) => traceCause === id)?.id;
    const against: Consequence = {
      mode: 'not-the-node',
      speaks: 'against',
      why: `${share} lost a packet on this node`,
    };
    return mode === undefined ? [against] : [{ mode, speaks: 'for', why: clause }, against];
  });
}

/** The functions in which most packets were freed, without those that free what has been delivered. */
export const tellingDrops = (drops: readonly Drop[]): readonly Drop[] =>
  drops.filter(
    ({ reason }) => !['QUEUE_PURGE', 'NOT_SPECIFIED', 'TCP_OLD_SEQUENCE', 'TCP_OLD_DATA'].includes(reason),
  );
