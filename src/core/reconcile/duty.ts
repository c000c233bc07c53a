import type { Catalogue } from '../diagnosis/signature.ts';
import type { CarryOnPorts } from '../incident/carry-on.ts';
import type { Notifier } from '../notifier.ts';
import type { IncidentHead } from '../record/incident.ts';
import type { RunbookTexts } from '../runbook/render-runbook.ts';

/** What the reconciler works with. */
export interface ReconcilePorts extends CarryOnPorts {
  readonly notifier: Notifier;
  readonly catalogue: Catalogue;
  readonly runbookTexts: RunbookTexts;
}

/** What is known at one run of the reconciler. */
export interface Tick extends ReconcilePorts {
  /** Names of the executions that ran when it began. */
  readonly running: ReadonlySet<string>;
}

/** One thing that is owed to an incident. It may be done any number of times, also by two at once, as if it was done once. */
export interface Duty {
  /** For the log. */
  readonly name: string;
  /** @returns what was done, in one word for the log; nothing where nothing was to be done */
  run(tick: Tick, head: IncidentHead): Promise<string | undefined>;
}
