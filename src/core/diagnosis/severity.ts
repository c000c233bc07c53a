import { Confidence, type Diagnosis } from '../record/diagnosis.ts';
import type { Catalogue } from './signature.ts';

/**
 * Puts diagnoses of several nodes in the order in which somebody has to look at them: a failure mode before a conclusion
 * about all of them, packets that are lost before pressure, what is sure before what is not. Of conclusions the open one
 * comes before the one that clears the node. Equals stay in their order.
 */
export function inOrderOfSeverity<T extends { readonly diagnosis: Diagnosis }>(
  nodes: readonly T[],
  catalogue: Catalogue,
): readonly T[] {
  const rank = ({ verdict, impact, confidence }: Diagnosis): readonly number[] => {
    const order = catalogue.find(({ id }) => id === verdict)?.order;
    const isConclusion = order?.stage === 'conclusion';
    return [
      isConclusion ? 1 : 0,
      impact === 'drops' ? 0 : 1,
      isConclusion ? -order.position : Confidence.options.indexOf(confidence),
    ];
  };
  return nodes.toSorted((a, b) => {
    const [one, other] = [rank(a.diagnosis), rank(b.diagnosis)];
    return one.map((value, index) => value - (other[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
  });
}
