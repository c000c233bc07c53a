import type { IncidentHead } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';
import type { SynTrace } from '../record/traced/order.ts';
import { utcTime } from '../words.ts';

/** What makes room in the table, and so helps only packets that are lost for want of it. */
const MAKES_ROOM: ReadonlySet<RemediationKind> = new Set(['raise-max', 'raise-buckets', 'shorten-timeouts']);

/** The newest trace that is over; nothing before there is one. */
export const newestTrace = ({ synTraces }: Pick<IncidentHead, 'synTraces'>): SynTrace | undefined =>
  synTraces?.findLast(({ endedAt }) => endedAt !== undefined);

/** The newest trace where no node was read since it was over. */
function standingTrace(
  head: Pick<IncidentHead, 'evidenceAt' | 'synTraces'>,
): (SynTrace & { readonly endedAt: string }) | undefined {
  const trace = newestTrace(head);
  const { endedAt } = trace ?? {};
  return trace === undefined || endedAt === undefined || endedAt <= (head.evidenceAt ?? '')
    ? undefined
    : { ...trace, endedAt };
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
  const trace = standingTrace(head);
  const [canary] = head.plan?.nodes ?? [];
  if (trace === undefined || canary === undefined || !MAKES_ROOM.has(canary.kind)) return undefined;
  const planned = new Set(head.plan?.nodes.map(({ instanceId }) => instanceId));
  const told = (trace.nodes ?? []).flatMap(({ instanceId, outcome }) =>
    planned.has(instanceId) && outcome.kind === 'traced' ? [{ instanceId, bearing: outcome.bearing }] : [],
  );
  const ofCanary = told.find(({ instanceId }) => instanceId === canary.instanceId)?.bearing;
  if (ofCanary === undefined || !told.every(({ bearing }) => bearing?.kind === 'elsewhere')) return undefined;
  return { instanceId: canary.instanceId, at: trace.endedAt, why: ofCanary.why };
}

/** The verdict that the newest trace speaks against, where no node was read since. */
export interface TraceDoubt {
  readonly instanceId: string;
  readonly verdict: string;
  /** When the trace was over. */
  readonly at: string;
  /** What was lost where, as a clause. */
  readonly why: string;
}

/** The first node whose verdict the newest trace speaks against; nothing where it does so of none, or nodes were read since. */
export function standingDoubt(head: Pick<IncidentHead, 'evidenceAt' | 'synTraces'>): TraceDoubt | undefined {
  const trace = standingTrace(head);
  return (trace?.nodes ?? []).flatMap(({ instanceId, outcome }) =>
    trace === undefined || outcome.kind !== 'traced' || outcome.bearing === undefined
      ? []
      : [{ instanceId, verdict: outcome.bearing.verdict, at: trace.endedAt, why: outcome.bearing.why }],
  )[0];
}

/** What a card says of a trace that speaks against the verdict; nothing where none does, or nodes were read since. */
export function traceDoubt(
  head: Pick<IncidentHead, 'plan' | 'evidenceAt' | 'synTraces'>,
  now: number,
): string | undefined {
  const away = takenAway(head);
  if (away !== undefined)
    return `${away.instanceId}: a trace at ${utcTime(away.at, now)} found that ${away.why}: more room in the table brings none of them back, so it is not offered any more`;
  const doubt = standingDoubt(head);
  return doubt === undefined
    ? undefined
    : `${doubt.instanceId}: a trace at ${utcTime(doubt.at, now)} speaks against ${doubt.verdict}: ${doubt.why}`;
}
