import type { Catalogue } from '../../diagnosis/signature.ts';
import type { HeadChange } from '../../ports.ts';
import type { Diagnosed } from '../../record/collection.ts';
import type { Actor, Incident, IncidentHead, IncidentState } from '../../record/incident.ts';
import type { NodeTrace } from '../../record/traced/found.ts';
import { type SynTrace, TRACED_NODES_MOST } from '../../record/traced/order.ts';
import { readingsOf, worseFirst } from '../../remediation/readings.ts';
import { counted, utcTime } from '../../words.ts';
import { refuseStranger } from '../approvers.ts';

/** For how long a trace looks, in seconds. */
export const TRACE_SECONDS = 15;

/** Traces that one incident may have in an hour, and in all: each costs its nodes up to 3 % of a core for twenty seconds. */
const AN_HOUR_MOST = 4;
const MOST = 12;

/** While a plan waits, and where none is offered. While a node is being changed it is read by who changes it. */
const STATES: ReadonlySet<IncidentState> = new Set(['awaiting-approval', 'applied-one', 'no-fix-offered']);

/** Verdicts of which a trace says more than a collection can, beside those that have a mark of their own in it. */
const UNTOLD: ReadonlySet<string> = new Set(['insufficient-evidence', 'not-the-node']);

/** The trace that runs; nothing where none does. */
export const runningTrace = ({ synTraces }: Pick<IncidentHead, 'synTraces'>): SynTrace | undefined => {
  const newest = synTraces?.at(-1);
  return newest?.endedAt === undefined ? newest : undefined;
};

/**
 * Whether a card is to offer a trace: where a trace tells more of the verdict, or the verdict says that packets are lost, in a
 * state in which somebody decides or nothing is offered.
 */
export function offersTrace(incident: Incident, catalogue: Catalogue): boolean {
  const { head } = incident;
  if (!STATES.has(head.state) || runningTrace(head) !== undefined) return false;
  const { synTraces = [], nodes } = head;
  if (synTraces.length >= MOST || nodes.length === 0) return false;
  const [worst] = tracedFirst(incident, catalogue);
  if (worst?.seen === undefined) return false;
  const { verdict, impact } = worst.seen.diagnosis;
  const isMarked = catalogue.some(({ id, traceCause }) => id === verdict && traceCause !== undefined);
  return UNTOLD.has(verdict) || isMarked || impact === 'drops';
}

/** What a person's wish is held against. */
interface TraceRules {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Slack user ids that may. */
  readonly approvers: readonly string[];
  readonly catalogue: Catalogue;
}

/**
 * Takes into the record that a person wants to know where SYNs are lost: on the worst node, or on up to three with the same
 * verdict. It reads and decides nothing, so whoever may have nodes collected again may ask for it, and the buttons of the card stay.
 *
 * @returns the change for a head; it returns one sentence instead where it does not count
 */
export function orderTrace(
  incident: Incident,
  actor: Extract<Actor, { kind: 'slack-user' }>,
  { now, approvers, catalogue }: TraceRules,
): HeadChange {
  const ranked = tracedFirst(incident, catalogue);
  const verdict = ranked[0]?.seen?.diagnosis.verdict;
  const instanceIds = ranked
    .filter(({ seen }) => seen?.diagnosis.verdict === verdict)
    .slice(0, TRACED_NODES_MOST)
    .map(({ instanceId }) => instanceId);
  const port = busiestPort(ranked[0]?.seen);
  return (head) => {
    const refusal = refuseStranger(actor.id, approvers, 'nothing was traced') ?? refuseMoment(head, now);
    if (refusal !== undefined) return refusal;
    if (instanceIds.length === 0) return 'The incident has no node that could be traced.';
    const { synTraces = [] } = head;
    const ordered: SynTrace = {
      number: (synTraces.at(-1)?.number ?? 0) + 1,
      at: new Date(now).toISOString(),
      actor,
      instanceIds,
      seconds: TRACE_SECONDS,
      ...(port === undefined ? {} : { port }),
    };
    return { ...head, synTraces: [...synTraces.map(withoutFlows), ordered] };
  };
}

function refuseMoment(head: IncidentHead, now: number): string | undefined {
  const { state, synTraces = [], id } = head;
  const running = runningTrace(head);
  if (running !== undefined)
    return `A trace runs since ${utcTime(running.at, now)}; what it finds is said in the thread. Nothing more was sent.`;
  if (!STATES.has(state))
    return `The incident is ${state}, and a trace is made while a plan waits or where none is offered; nothing was traced.`;
  if (synTraces.length >= MOST)
    return `This incident was traced ${counted(MOST, 'time')} already; npx medic audit ${id} has what was found. Nothing was traced.`;
  const recent = synTraces.filter(({ at }) => now - Date.parse(at) < 3_600_000);
  const [first] = recent;
  if (first === undefined || recent.length < AN_HOUR_MOST) return undefined;
  const next = new Date(Date.parse(first.at) + 3_600_000).toISOString();
  return `This incident was traced ${counted(AN_HOUR_MOST, 'time')} within an hour, which is the most; the next can be ordered at ${utcTime(next, now)}. Nothing was traced.`;
}

/** Takes down what a trace found; one that has ended stays as it is. */
export const endTrace = (
  head: IncidentHead,
  number: number,
  endedAt: string,
  nodes: readonly NodeTrace[],
): IncidentHead => changeTrace(head, number, (trace) => ({ ...trace, endedAt, nodes: [...nodes] }));

/** The same where nobody knows what it found: one sentence, of each of its nodes. */
export const failTrace = (head: IncidentHead, number: number, endedAt: string, why: string): IncidentHead =>
  changeTrace(head, number, (trace) => ({
    ...trace,
    endedAt,
    nodes: trace.instanceIds.map((instanceId) => ({
      instanceId,
      outcome: { kind: 'failed', why: `${instanceId}: ${why}`.slice(0, WHY_CHARS) },
    })),
  }));

/** Longest sentence that is kept of a trace that failed, in characters. */
export const WHY_CHARS = 600;

/** Changes the trace of a number while it runs. */
function changeTrace(
  head: IncidentHead,
  number: number,
  change: (trace: SynTrace) => SynTrace,
): IncidentHead {
  const { synTraces } = head;
  const known = synTraces?.find((trace) => trace.number === number);
  if (synTraces === undefined || known === undefined || known.endedAt !== undefined) return head;
  return { ...head, synTraces: synTraces.map((trace) => (trace === known ? change(trace) : trace)) };
}

/** The rows of a table that is whole in the evidence store: a head has room for those of one trace. */
const withoutFlows = (trace: SynTrace): SynTrace => {
  const { nodes } = trace;
  if (nodes === undefined) return trace;
  return {
    ...trace,
    nodes: nodes.map((node) => {
      if (node.outcome.kind !== 'traced') return node;
      const { flows: _rows, ...outcome } = node.outcome;
      return { ...node, outcome };
    }),
  };
};

/** A node with what its verdict rests on. */
interface Candidate {
  readonly instanceId: string;
  readonly seen: Diagnosed | undefined;
}

/** The nodes that a click would change first, as they stand in the plan, then the worse of the others. */
function tracedFirst(incident: Incident, catalogue: Catalogue): readonly Candidate[] {
  const { head } = incident;
  const readings = readingsOf(incident);
  const planned = (head.plan?.nodes ?? []).map(({ instanceId }) => instanceId);
  const position = ({ instanceId }: Candidate) => {
    const at = planned.indexOf(instanceId);
    return at < 0 ? planned.length : at;
  };
  const compare = worseFirst(catalogue);
  return head.nodes
    .map(({ instanceId }): Candidate => {
      const outcome = readings.get(instanceId)?.basis.outcome;
      return { instanceId, seen: outcome?.kind === 'diagnosed' ? outcome : undefined };
    })
    .toSorted((a, b) => position(a) - position(b) || compare(a.seen, b.seen));
}

/** At least this share of the table's entries makes a port the one that the trouble is about. */
const MAIN_SHARE = 0.5;

/** The TCP port that most entries of the node's table go to; nothing where none stands out. */
function busiestPort(seen: Diagnosed | undefined): number | undefined {
  const first = seen?.figures.ports?.find(
    ({ protocol, share, error }) => protocol === 'tcp' && share - error >= MAIN_SHARE,
  );
  return first === undefined || first.port === 0 ? undefined : first.port;
}
