import type { Catalogue } from '../diagnosis/signature.ts';
import { judgeShape, type ShapeVerdict } from '../latency-shape.ts';
import type { Diagnosis } from '../record/diagnosis.ts';
import type { IncidentHead } from '../record/incident.ts';
import { isArguing } from '../remediation/node-order.ts';
import type { CardField } from './model.ts';

/** What the latencies behind the alarm say; nothing where they were not read. */
function shapeOf({ latency }: Pick<IncidentHead, 'latency'>): ShapeVerdict | undefined {
  return latency?.kind === 'read' ? judgeShape(latency) : undefined;
}

/**
 * What the latencies say against the leading verdict, while it is argued for: that nothing looks like lost SYNs where the node loses
 * packets, or that something does where the node shows no cause. It adds doubt and nothing else: no plan and no button rest on it.
 */
export function shapeDoubt(
  head: IncidentHead,
  diagnosis: Diagnosis | undefined,
  catalogue: Catalogue,
): string {
  const shape = shapeOf(head);
  if (shape === undefined || diagnosis === undefined || !isArguing(head)) return '';
  const isConclusion = catalogue.some(
    ({ id, conclude }) => id === diagnosis.verdict && conclude !== undefined,
  );
  const speaksAgainst = isConclusion
    ? shape.fit === 'fits'
    : shape.fit === 'does-not-fit' && diagnosis.impact === 'drops';
  return speaksAgainst ? shape.says : '';
}

/** The same as a fact among the others, for or against. */
export function shapeFields(head: Pick<IncidentHead, 'latency'>): readonly CardField[] {
  const shape = shapeOf(head);
  return shape === undefined ? [] : [{ label: 'Latency’s shape', value: shape.says }];
}
