import type { Diagnosis } from '../../record/diagnosis.ts';
import type { IncidentHead } from '../../record/incident.ts';
import type { RemediationKind } from '../../record/plan.ts';
import type { NodeTraced } from '../../record/traced/found.ts';
import { counted, show, utcTime } from '../../words.ts';
import { newestTrace } from './order.ts';

type Bearing = NonNullable<NodeTraced['bearing']>;

/** Fewer connections than this say nothing of where a share of them is not lost. */
const ENOUGH = 30;
/** And fewer that lost a packet say nothing of where packets are lost. */
const ENOUGH_LOST = 10;

/** What makes room in the table, and so helps only packets that are lost for want of it. */
const MAKES_ROOM: ReadonlySet<RemediationKind> = new Set(['raise-max', 'raise-buckets', 'shorten-timeouts']);

/**
 * What a trace does to the verdict of its node. It only ever takes away: that it speaks for a verdict makes no change possible.
 *
 * @returns nothing where it speaks for the verdict, or of something else
 */
export function bearingOn(
  { verdict, contributing, impact }: Pick<Diagnosis, 'verdict' | 'contributing' | 'impact'>,
  traced: Omit<NodeTraced, 'bearing'>,
): Bearing | undefined {
  if (verdict === 'insufficient-evidence') return undefined;
  const elsewhere = impact === 'drops' ? elsewhereOf(traced) : undefined;
  if (elsewhere !== undefined && !isExplained(verdict, traced))
    return { kind: 'elsewhere', verdict, why: elsewhere };
  const against = traced.consequences.find(({ mode, speaks }) =>
    speaks === 'against'
      ? mode === verdict
      : mode !== verdict &&
        !contributing.includes(mode) &&
        // What is not lost yet is no news where a table is only nearly full.
        (mode !== 'not-the-node' || impact === 'drops'),
  );
  return against === undefined ? undefined : { kind: 'contradicts', verdict, why: against.why };
}

/** Whether what is lost is lost for the very reason that the verdict gives. */
const isExplained = (verdict: string, { consequences }: Pick<NodeTraced, 'consequences'>): boolean =>
  consequences.some(({ mode, speaks }) => mode === verdict && speaks === 'for');

/**
 * What shows that no packet was lost for want of room: enough connections were looked at, enough of them lost a packet, all of
 * these beyond the node or inside a pod, and the table refused nothing in these seconds.
 */
function elsewhereOf({ counts, lost, tableDrops }: Omit<NodeTraced, 'bearing'>): string | undefined {
  if (counts === undefined || tableDrops !== 0 || counts.connections < ENOUGH) return undefined;
  const many = lost.reduce((sum, { count }) => sum + count, 0);
  if (many < ENOUGH_LOST || lost.some(({ edge }) => edge === 'node' || edge === 'link')) return undefined;
  const inside = lost.filter(({ edge }) => edge === 'inside').reduce((sum, { count }) => sum + count, 0);
  const where =
    inside === many ? 'in the pod' : inside === 0 ? 'beyond this node' : 'in the pod or beyond this node';
  return `${counted(many, 'connection')} of ${show(counts.connections)} lost a packet ${where}, none on the node itself, and the table dropped none`;
}

/** Why the card offers no more room in the table although its plan says so. */
export interface TakenAway {
  readonly instanceId: string;
  /** When the trace was over that says so. */
  readonly at: string;
  readonly why: string;
}

/**
 * Whether a trace has taken the plan's change away: every node of the plan that was traced, the canary among them, loses its
 * packets elsewhere. It holds until nodes are read anew, and says nothing of changes that make no room in the table.
 */
export function takenAway(
  head: Pick<IncidentHead, 'plan' | 'evidenceAt' | 'synTraces'>,
): TakenAway | undefined {
  const trace = newestTrace(head);
  const [canary] = head.plan?.nodes ?? [];
  if (trace?.endedAt === undefined || canary === undefined || !MAKES_ROOM.has(canary.kind)) return undefined;
  if (trace.endedAt <= (head.evidenceAt ?? '')) return undefined;
  const planned = new Set(head.plan?.nodes.map(({ instanceId }) => instanceId));
  const told = (trace.nodes ?? []).flatMap(({ instanceId, outcome }) =>
    planned.has(instanceId) && outcome.kind === 'traced' ? [{ instanceId, bearing: outcome.bearing }] : [],
  );
  const ofCanary = told.find(({ instanceId }) => instanceId === canary.instanceId)?.bearing;
  if (ofCanary === undefined || !told.every(({ bearing }) => bearing?.kind === 'elsewhere')) return undefined;
  return { instanceId: canary.instanceId, at: trace.endedAt, why: ofCanary.why };
}

/** What a card says of a trace that speaks against the verdict; nothing where none does, or nodes were read since. */
export function traceDoubt(
  head: Pick<IncidentHead, 'plan' | 'evidenceAt' | 'synTraces'>,
  now: number,
): string | undefined {
  const away = takenAway(head);
  if (away !== undefined)
    return `${away.instanceId}: a trace at ${utcTime(away.at, now)} found that ${away.why}: more room in the table brings none of them back, so it is not offered any more`;
  const trace = newestTrace(head);
  if (trace?.endedAt === undefined || trace.endedAt <= (head.evidenceAt ?? '')) return undefined;
  const doubted = (trace.nodes ?? []).flatMap(({ instanceId, outcome }) =>
    outcome.kind === 'traced' && outcome.bearing !== undefined
      ? [{ instanceId, bearing: outcome.bearing }]
      : [],
  )[0];
  if (doubted === undefined) return undefined;
  const { instanceId, bearing } = doubted;
  return `${instanceId}: a trace at ${utcTime(trace.endedAt, now)} speaks against ${bearing.verdict}: ${bearing.why}`;
}
