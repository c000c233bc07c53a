import { BrokenCatalogueError } from '../errors.ts';
import type { Diagnosed } from '../record/collection.ts';
import type { Impact } from '../record/diagnosis.ts';

import type { NodePlan, PlanOf, RemediationKind } from '../record/plan.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** What a collection says of a node that could be read. */

/** Outcome of holding a node against its plan after the change. */
export interface Verification {
  readonly passed: boolean;
  /** One sentence with the numbers. */
  readonly why: string;
}

/**
 * What a click can do against a failure mode. Both functions are pure: the plan follows from the snapshot alone, and
 * whether it helped from the node's figures before and after.
 */
export interface RemediationDefinition<K extends RemediationKind = RemediationKind> {
  readonly kind: K;
  /**
   * Plans the change for one node.
   * @returns a sentence instead when it can't or should not be done
   */
  readonly plan: (snapshot: Snapshot, instanceId: string) => PlanOf<K> | string;
  /** One sentence on what the planned change does against the failure mode. */
  readonly why: (plan: PlanOf<K>, impact: Impact) => string;
  /**
   * Holds what the node shows after the change against its plan. What was not read fails: an unverified change is not a
   * verified one. The node's name is put in front of the sentence by who asks.
   */
  readonly verify: (plan: PlanOf<K>, after: Diagnosed, before: Diagnosed) => Verification;
}

/** A definition whose kind is not known before it is looked up. */
export interface AnyRemediation {
  readonly kind: RemediationKind;
  readonly plan: (snapshot: Snapshot, instanceId: string) => NodePlan | string;
  /** @throws BrokenCatalogueError on a plan of another kind */
  readonly why: (plan: NodePlan, impact: Impact) => string;
  /** @throws BrokenCatalogueError on a plan of another kind */
  readonly verify: (plan: NodePlan, after: Diagnosed, before: Diagnosed) => Verification;
}

/** Makes a definition that can stand in a catalogue beside those of other kinds. */
export function defineRemediation<K extends RemediationKind>(
  definition: RemediationDefinition<K>,
): AnyRemediation {
  const { kind, plan, why, verify } = definition;
  const isOwn = (one: NodePlan): one is PlanOf<K> => one.kind === kind;
  const own = (one: NodePlan): PlanOf<K> => {
    if (!isOwn(one)) throw new BrokenCatalogueError(`A plan to ${one.kind} is not one to ${kind}.`);
    return one;
  };
  return {
    kind,
    plan,
    why: (one, impact) => why(own(one), impact),
    verify: (one, after, before) => verify(own(one), after, before),
  };
}
