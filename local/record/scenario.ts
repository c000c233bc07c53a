import type { RemediationKind } from '../../src/core/record/plan.ts';
import type { KernelValues } from '../kernel/kernel-values.ts';
import type { KernelLab } from '../kernel/lab.ts';

/** What the diagnosis of a capture has to be. */
export interface ExpectedDiagnosis {
  readonly verdict: string;
  /** Other verdicts that would not be wrong. */
  readonly acceptable?: readonly string[];
  /** Whether a raise may be offered. */
  readonly raise: boolean;
  /** Kind of the change that is offered where it is not a raise. */
  readonly change?: RemediationKind;
}

/** One capture to be kept: where, how its state came about and what it has to be taken for. */
export interface CaseDescription {
  /** `<failure mode>/<case>` below test/fixtures/captures. */
  readonly folder: string;
  /** How the state was made, in one or two sentences. */
  readonly how: string;
  readonly expected: ExpectedDiagnosis;
  /** Also collected for the demo's replayed nodes, under `<node>/<state>`. */
  readonly replayedAs?: string;
}

/** What a scenario may do besides using the lab. */
export interface Recorder {
  /** Collects with the product's own script and keeps the output. */
  readonly keep: (description: CaseDescription) => Promise<void>;
  /** Raises with the product's own script, as the plan of one incident. */
  readonly raise: (incident: string, to: KernelValues) => Promise<void>;
  /** Rolls that raise back with the product's own script. */
  readonly rollBack: (incident: string) => Promise<void>;
}

/** A fault, or a healthy state, that is made on this machine's kernel and recorded. */
export interface Scenario {
  /** Name on the command line. */
  readonly name: string;
  /** Kernel values under which it starts. */
  readonly values: KernelValues;
  run(lab: KernelLab, recorder: Recorder): Promise<void>;
}
