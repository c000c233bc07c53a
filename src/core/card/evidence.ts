import type { Catalogue } from '../diagnosis/signature.ts';
import { isOfLimit } from '../plan/kinds.ts';
import type { Diagnosis } from '../record/diagnosis.ts';
import type { Incident, IncidentState } from '../record/incident.ts';
import { nodeCount, percent, show, usageBar, utcTime } from '../words.ts';
import type { Card, CardField } from './model.ts';
import { leadingDiagnosis, nodeLabel, nodesWithVerdict, type RankedNode } from './nodes.ts';
import { ruledOutOn, verdictsOf } from './verdicts.ts';

/** Up to this state the card argues its verdict; afterwards it tells what became of the fix. */
const ARGUING: ReadonlySet<IncidentState> = new Set([
  'diagnosed',
  'awaiting-approval',
  'no-fix-offered',
  'dismissed',
  'expired',
]);

/** Whether the verdict is still what the card is about. */
export const isArguing = (state: IncidentState): boolean => ARGUING.has(state);

/** The labelled facts under the lead; what was not read says so. */
export function fieldsOf(
  { head }: Incident,
  ranked: readonly RankedNode[],
  now: number,
): readonly CardField[] {
  const [first] = ranked;
  const diagnosis = leadingDiagnosis(ranked);
  const fields: CardField[] = [];
  const arguing = isArguing(head.state);
  if (first !== undefined)
    fields.push({
      label: ranked.length === 1 ? 'Node' : arguing ? 'Worst node' : 'First node',
      value: nodeLabel(first.node),
    });
  if (first?.collection !== undefined) {
    fields.push(
      { label: 'Used', value: usedOf(first) },
      { label: dropsLabel(diagnosis), value: dropsOf(first) },
      { label: 'Busiest ports', value: portsOf(first) },
    );
  }
  if (diagnosis !== undefined && arguing)
    fields.push({ label: 'Confidence', value: confidenceOf(ranked, diagnosis) });
  fields.push({ label: 'Since', value: utcTime(head.alarm.changedAt, now) });
  fields.push({
    label: 'Alarm',
    value: head.alarm.metric === '' ? head.alarm.name : `${head.alarm.name} · ${head.alarm.metric}`,
  });
  return fields;
}

function usedOf({ seen }: RankedNode): string {
  const { count, max } = seen?.figures ?? {};
  if (count === undefined) return 'not readable';
  if (max === undefined) return `${show(count)} of an unknown limit`;
  if (max === 0) return `${show(count)}, no limit set`;
  return `${show(count)} / ${show(max)} (${percent(count / max)})`;
}

/** Elsewhere packets may be lost for another reason, which the heading tells. */
function dropsLabel(diagnosis: Diagnosis | undefined): string {
  const isOther = diagnosis?.offer.remediations.some(({ kind }) => !isOfLimit(kind)) ?? false;
  return isOther ? 'Drops for a full table' : 'Drops';
}

function dropsOf({ seen }: RankedNode): string {
  const { fullDrops, earlyDrops, windowSeconds } = seen?.figures ?? {};
  if (fullDrops === undefined) return 'not readable';
  const window = windowSeconds === undefined ? '' : ` in ${windowSeconds.toFixed(0)} s`;
  const evicted = earlyDrops !== undefined && earlyDrops > 0 ? `, ${show(earlyDrops)} evicted early` : '';
  return `${fullDrops > 0 ? '+' : ''}${show(fullDrops)}${window}${evicted}`;
}

/** The ports that most entries go to, with the error of a sample; a share below the error is not told. */
function portsOf({ seen }: RankedNode): string {
  const ports = seen?.figures.ports;
  if (ports === undefined) return 'not readable';
  const told = ports.filter(({ share, error }) => share > error);
  if (told.length === 0) return 'none stands out';
  return told
    .map(({ protocol, port, share, error, isLeast }) => {
      if (isLeast) return `${protocol} ${port}: at least ${percent(share - error)}`;
      const bounds = error === 0 ? '' : ` ± ${Math.ceil(error * 100)} %`;
      return `${protocol} ${port}: ${percent(share)}${bounds}`;
    })
    .join(', ');
}

/** How sure the verdict is, on how many nodes, and what was found beside it. */
function confidenceOf(
  ranked: readonly RankedNode[],
  { verdict, confidence, contributing }: Diagnosis,
): string {
  const unread = ranked.filter(({ basis }) => basis === undefined).length;
  return [
    confidence,
    ...(ranked.length > 1
      ? [`${verdict} on ${nodesWithVerdict(ranked, verdict)} of ${ranked.length} nodes`]
      : []),
    ...(unread > 0 ? [`${unread} not readable`] : []),
    ...(contributing.length > 0 ? [`also ${contributing.join(', ')}`] : []),
  ].join(' · ');
}

/** How full the first node is, what else was found, what was ruled out and what could not be seen. */
export function evidenceOf(
  { head }: Incident,
  ranked: readonly RankedNode[],
  catalogue: Catalogue,
): Pick<Card, 'usage' | 'verdicts' | 'ruledOut' | 'ruledOutWhere' | 'gaps'> {
  const diagnosis = leadingDiagnosis(ranked);
  const arguing = diagnosis !== undefined && isArguing(head.state);
  const read = ranked.filter(({ basis }) => basis !== undefined).length;
  const isPartial = read < ranked.length || head.nodeGaps.length > 0;
  const { count, max } = ranked[0]?.seen?.figures ?? {};
  const usage =
    count === undefined || max === undefined || max === 0
      ? {}
      : { usage: { bar: usageBar(count / max), text: `${percent(count / max)} of nf_conntrack_max` } };
  return {
    ...usage,
    verdicts: verdictsOf(head, ranked),
    ruledOut: arguing ? ruledOutOn(ranked, catalogue) : [],
    ruledOutWhere: isPartial ? `on the ${nodeCount(read)} that ${read === 1 ? 'was' : 'were'} read` : '',
    gaps: [...head.nodeGaps, ...unreadNodes(ranked), ...(arguing ? diagnosis.gaps : [])],
  };
}

function unreadNodes(ranked: readonly RankedNode[]): string[] {
  return ranked.flatMap(({ node, collection, seen }) => {
    if (collection?.outcome.kind === 'failed') return [collection.outcome.why];
    return seen?.halfApplied === true
      ? [`${node.instanceId}: an earlier change was begun and not finished`]
      : [];
  });
}
