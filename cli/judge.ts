import { catalogue } from '../runbooks/index.ts';
import { type DiagnosedNode, diagnose } from '../src/core/diagnosis/diagnose.ts';
import { inOrderOfSeverity } from '../src/core/diagnosis/severity.ts';
import type { Catalogue } from '../src/core/diagnosis/signature.ts';
import { diagnoseHost } from '../src/core/diagnosis/single-reading/diagnose-hosts.ts';
import { snapshotOf } from '../src/core/snapshot/snapshot-of.ts';
import type { Input } from './input/input.ts';

/** One node's evidence with what it means. */
export interface Judged extends DiagnosedNode {
  readonly input: Input;
  /** With the titles that say whether it is judged now or at some time since boot. */
  readonly catalogue: Catalogue;
}

/**
 * Judges every node of the inputs by itself. Of several nodes that came out of one text or bundle the most severe comes
 * first; what was given one by one stays in its order.
 *
 * @param nodeOf how a node is called in its sentences
 */
export function judged(inputs: readonly Input[], nodeOf: (input: Input) => string): readonly Judged[] {
  const nodes = inputs.map((input) => judgedOne(input, nodeOf(input)));
  return areSeveral(inputs) ? inOrderOfSeverity(nodes, catalogue) : nodes;
}

/** Whether one text or bundle held several nodes. */
export function areSeveral(inputs: readonly Input[]): boolean {
  return inputs.some(({ oneOf }) => oneOf !== undefined);
}

function judgedOne(input: Input, node: string): Judged {
  const { capture, paste, oneOf } = input;
  if (paste === undefined) return { ...diagnose(snapshotOf(capture), catalogue, node), input, catalogue };
  const found = diagnoseHost(capture, catalogue, {
    node: oneOf?.node ?? node,
    isMixed: oneOf?.isMixed === true,
  });
  return { ...found, input };
}
