import type { Diagnosis } from '../../record/diagnosis.ts';
import type { NodeTraced } from '../../record/traced/found.ts';
import { ENOUGH_CONNECTIONS } from '../../trace/summary.ts';
import { counted, show } from '../../words.ts';

type Bearing = NonNullable<NodeTraced['bearing']>;

/** Fewer that lost a packet say nothing of where packets are lost. */
const ENOUGH_LOST = 10;

/**
 * What a trace does to the verdict of its node. It only ever takes away: that it speaks for a verdict makes no change possible.
 *
 * @param isPartial whether some of what the node saw is missing: then it is not known where no packet is lost
 * @returns nothing where it speaks for the verdict, or of something else
 */
export function bearingOn(
  { verdict, contributing, impact }: Pick<Diagnosis, 'verdict' | 'contributing' | 'impact'>,
  traced: Omit<NodeTraced, 'bearing'>,
  isPartial = false,
): Bearing | undefined {
  if (verdict === 'insufficient-evidence') return undefined;
  const elsewhere = impact === 'drops' && !isPartial ? elsewhereOf(traced) : undefined;
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
  if (counts === undefined || tableDrops !== 0 || counts.connections < ENOUGH_CONNECTIONS) return undefined;
  const many = lost.reduce((sum, { count }) => sum + count, 0);
  if (many < ENOUGH_LOST || lost.some(({ edge }) => edge === 'node' || edge === 'link')) return undefined;
  const inside = lost.filter(({ edge }) => edge === 'inside').reduce((sum, { count }) => sum + count, 0);
  const where =
    inside === many ? 'in the pod' : inside === 0 ? 'beyond this node' : 'in the pod or beyond this node';
  return `${counted(many, 'connection')} of ${show(counts.connections)} lost a packet ${where}, none on the node itself, and the table dropped none`;
}
