import type { IncidentHead } from '../record/incident.ts';
import type { NodeTraced } from '../record/traced/found.ts';
import type { SynTrace } from '../record/traced/order.ts';

/** What one trace showed on one node. */
export interface TracedNode {
  readonly instanceId: string;
  /** When the trace was ordered, ISO 8601. */
  readonly at: string;
  /** Who ordered it, as Slack names them. */
  readonly by: string;
  /** Absent where nothing is known. */
  readonly found?: NodeTraced;
  /** One sentence on why, there. */
  readonly why?: string;
}

/** Nodes that the page draws, of the newest traces. */
const DRAWN_MOST = 6;

/** What traces showed where new connections are lost, the newest trace first; one that runs has shown nothing yet. */
export function tracedNodes({ synTraces = [] }: Pick<IncidentHead, 'synTraces'>): readonly TracedNode[] {
  return synTraces.toReversed().flatMap(nodesOf).slice(0, DRAWN_MOST);
}

function nodesOf({ at, actor, nodes = [] }: SynTrace): readonly TracedNode[] {
  return nodes.map(({ instanceId, outcome }) => ({
    instanceId,
    at,
    by: actor.name,
    ...(outcome.kind === 'traced' ? { found: outcome } : { why: outcome.why }),
  }));
}
