import type { IncidentState } from '../../src/core/record/incident.ts';
import type { IncidentAftermath } from './aftermath.ts';
import type { IncidentDecisions } from './decision.ts';
import type { IncidentEvidence } from './evidence.ts';
import type { IncidentOrders } from './orders.ts';
import type { IncidentRecord } from './record.ts';
import type { IncidentTracing } from './tracing.ts';

/** The pieces of the workflow, all on one record. */
export interface Workflow {
  readonly record: IncidentRecord;
  readonly evidence: IncidentEvidence;
  readonly decisions: IncidentDecisions;
  readonly orders: IncidentOrders;
  readonly aftermath: IncidentAftermath;
  readonly tracing: IncidentTracing;
}

/** Either the incident has ended, or it waits for the next decision, with the reason when something was refused. */
export type Outcome =
  | { readonly ended: IncidentState }
  /** `hasRunbook` where a runbook is to be posted once the card shows its buttons. */
  | { readonly waits: string | undefined; readonly hasRunbook?: true };
