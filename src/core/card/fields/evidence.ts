import { type Catalogue, TABLE_USE } from '../../diagnosis/signature.ts';
import { isWarning } from '../../incident/warning-alarm.ts';
import { duration } from '../../plan/forecast.ts';
import { stepName } from '../../plan/kinds.ts';
import type { Alarm } from '../../record/alarm.ts';
import type { Diagnosed } from '../../record/collection.ts';
import type { Diagnosis, Evidence } from '../../record/diagnosis.ts';
import type { Incident, IncidentHead } from '../../record/incident.ts';
import { isArguing } from '../../remediation/node-order.ts';
import { capital, firstOf, measured, nodeCount, percent, show, usageBar, utcTime } from '../../words.ts';
import type { Card, CardField } from '../model.ts';
import { isByNewest, leadingDiagnosis, nodeLabel, nodesWithVerdict, type RankedNode } from '../nodes.ts';
import { shapeFields } from '../shape.ts';
import { otherVerdicts, ruledOutOn, verdictsOf } from '../verdicts.ts';
import { alarmValue } from './alarm-value.ts';
import { alarmFields } from './alarms.ts';
import { inCommon } from './in-common.ts';
import { alarmLink, nodeLink } from './links.ts';
import { tracedAtAGlance } from './syn-trace.ts';

/** The labelled facts under the lead, and those of them that the message itself shows; what was not read says so. */
export function fieldsOf(
  incident: Incident,
  ranked: readonly RankedNode[],
  now: number,
): Pick<Card, 'fields' | 'glance'> {
  const { head } = incident;
  const [first] = ranked;
  const diagnosis = leadingDiagnosis(ranked);
  const arguing = isArguing(head);
  const { alarm } = head;
  const node = (name: string): readonly CardField[] =>
    first === undefined
      ? []
      : [
          {
            label: ranked.length === 1 ? 'Node' : labelOf(head, first, arguing),
            value: [name, ...readAt(head, first, arguing, now)].join(' · '),
            ...linked(first.node.instanceId, nodeLink(first.node, alarm)),
          },
        ];
  const isRead = first?.collection !== undefined;
  const facts = isRead ? factsOf(first, arguing) : [];
  const warned = warnedWords(incident.head, now);
  const since = [utcTime(alarm.changedAt, now), ...(warned === undefined ? [] : [`warned ${warned}`])].join(
    '; ',
  );
  const measuredNow = alarmValue(alarm);
  const alarms = alarmFields(incident);
  const alarmed = (words: readonly string[]): readonly CardField[] =>
    alarms.length > 0
      ? alarms
      : [
          {
            label: 'Alarm',
            value: words.filter((word) => word !== '').join(' · '),
            ...linked(alarm.name, alarmLink(alarm)),
          },
        ];
  const traces: readonly CardField[] =
    alarm.traceUrl === undefined
      ? []
      : [{ label: 'Traces', value: TRACES, ...linked(TRACES, alarm.traceUrl) }];
  const traced = tracedAtAGlance(head, now);
  return {
    fields: [
      ...node(first === undefined ? '' : nodeLabel(first.node)),
      ...facts,
      ...(isRead ? [{ label: 'Busiest ports', value: portsOf(readingShown(first, arguing)) }] : []),
      ...(diagnosis !== undefined && arguing
        ? [{ label: 'Rests on', value: basisOf(ranked, diagnosis) }, ...inCommon(ranked)]
        : []),
      ...(alarms.length > 0
        ? []
        : [isWarning(alarm) ? foreseen(alarm, FORESEEN_MOST) : { label: 'Since', value: since }]),
      ...alarmed([
        alarm.name,
        alarm.metric,
        measuredNow === undefined ? '' : `${measuredNow.value}, its limit is ${measuredNow.limit}`,
      ]),
      ...(alarms.length > 0 ? [{ label: 'Since', value: since }] : []),
      ...shapeFields(head),
      ...traces,
    ],
    glance: [
      ...traced,
      // What a trace says takes the place of a fact.
      ...facts.filter(({ label }, index) => index < FACTS_AT_A_GLANCE - traced.length || label === UNREAD),
      ...node(first?.node.instanceId ?? ''),
      ...(arguing ? [...inCommon(ranked), ...otherVerdicts(ranked)] : []),
      ...(isWarning(alarm) ? [foreseen(alarm, FORESEEN_AT_A_GLANCE)] : []),
      ...(warned === undefined || alarms.length === 0 ? [] : [{ label: 'Warned', value: warned }]),
      ...alarmed([
        measuredNow === undefined ? alarm.name : `${alarm.name} ${measuredNow.value}`,
        `since ${since}`,
      ]),
      ...traces,
    ],
  };
}

/** Characters of what is foreseen, on the card with all its facts and on the message. */
const FORESEEN_MOST = 600;
const FORESEEN_AT_A_GLANCE = 240;

/** What the sweep foresees, on which nodes, and which come next. */
function foreseen({ reason }: Alarm, most: number): CardField {
  return { label: 'Foreseen', value: reason.length <= most ? reason : `${reason.slice(0, most - 1)}…` };
}

/** Since when an early warning stood that the alarm came after. */
function warnedWords({ warned, alarm }: IncidentHead, now: number): string | undefined {
  if (warned === undefined) return undefined;
  const ahead = Math.round((Date.parse(alarm.changedAt) - Date.parse(warned.since)) / 1_000);
  const before = ahead > 0 ? `, ${duration(ahead)} before the alarm` : '';
  const became = warned.becameThis === true ? ', whose card became this one' : '';
  return `since ${utcTime(warned.since, now)}${before}: ${warned.incidentId}${became}`;
}

/** Words of the link to them. */
const TRACES = 'of that time';

function labelOf(head: IncidentHead, { afterRollback }: RankedNode, arguing: boolean): string {
  if (!arguing && afterRollback?.isIll === true) return 'Rolled-back node';
  return arguing || isByNewest(head) ? 'Worst node' : 'First node';
}

/** Facts of a verdict that a card has room for: Slack takes ten fields, and six of them are the same on every card. */
const FACTS_SHOWN = 4;
/** Of these facts, how many the message itself shows. */
const FACTS_AT_A_GLANCE = 2;
/** Label of what was needed and not readable. */
const UNREAD = 'Not readable';
/** Clauses on what is missing, of which a field has room for these. */
const MISSING_SHOWN = 2;

/**
 * What the verdict rests on, in the order in which its signature names it; once a change was ordered, the same facts as
 * the newest reading shows them.
 */
function factsOf(node: RankedNode, arguing: boolean): readonly CardField[] {
  const { basis } = node;
  const reading = readingShown(node, arguing);
  if (reading === undefined) return [{ label: 'Facts', value: 'not readable' }];
  const verdict = basis?.diagnosis.verdict ?? reading.diagnosis.verdict;
  const { because, missing } = findingToShow(reading, verdict);
  return [
    ...because.slice(0, FACTS_SHOWN).map((fact) => ({ label: capital(fact.fact), value: measured(fact) })),
    ...(missing.length === 0 ? [] : [{ label: UNREAD, value: firstOf(missing, MISSING_SHOWN).join('; ') }]),
  ];
}

/** Until a change is ordered the card speaks of what the verdict rests on, then of what was read last. */
function readingShown({ basis, seen }: RankedNode, arguing: boolean): Diagnosed | undefined {
  return arguing ? basis : seen;
}

/** When the numbers on the card were read, and what was ordered on the node since, which may have made them untrue. */
function readAt(
  { remediations }: IncidentHead,
  node: RankedNode,
  arguing: boolean,
  now: number,
): readonly string[] {
  const at = arguing ? node.basisAt : node.collection?.collectedAt;
  if (at === undefined || readingShown(node, arguing) === undefined) return [];
  const { instanceId } = node.node;
  const since = remediations.find(
    (step) => step.instanceId === instanceId && step.claimedAt > at && step.outcome !== 'refused',
  );
  const askedBy = arguing ? node.basisAskedBy : node.collection?.askedBy;
  const shared = askedBy === undefined ? '' : ` for ${askedBy}`;
  return [
    `read ${utcTime(at, now)}${shared}${since === undefined ? '' : `, before the ${stepName(since.kind)}`}`,
  ];
}

/** What a reading found of a mode; a mode that has nothing to show there gives way to what the reading itself concludes. */
function findingToShow(
  { diagnosis }: Diagnosed,
  verdict: string,
): { readonly because: readonly Evidence[]; readonly missing: readonly string[] } {
  const found = (mode: string) => {
    const { because = [], missing = [] } = diagnosis.findings.find((one) => one.mode === mode) ?? {};
    return { because, missing };
  };
  const own = found(verdict);
  return own.because.length + own.missing.length > 0 ? own : found(diagnosis.verdict);
}

/** The least share that {@link percent} shows as more than nothing. */
const LEAST_SHARE_TOLD = 0.01;

/** The ports that most entries go to, with the error of a sample; a share below the error is not told. */
function portsOf(reading: Diagnosed | undefined): string {
  const ports = reading?.figures.ports;
  if (ports === undefined) return 'not readable';
  // A share below the error, or one that is rounded down to nothing, says nothing of the port.
  const told = ports.filter(({ share, error }) => share - error >= LEAST_SHARE_TOLD);
  if (told.length === 0) return 'none stands out';
  return told
    .map(({ protocol, port, share, error, isLeast }) => {
      if (isLeast) return `${protocol} ${port}: at least ${percent(share - error)}`;
      const bounds = error === 0 ? '' : ` ± ${Math.ceil(error * 100)} %`;
      return `${protocol} ${port}: ${percent(share)}${bounds}`;
    })
    .join(', ');
}

/** What the verdict was judged by, on how many nodes, and what was found beside it. */
function basisOf(ranked: readonly RankedNode[], { verdict, confidence, contributing }: Diagnosis): string {
  const unread = ranked.filter(({ basis }) => basis === undefined).length;
  const basis = ranked.find((node) => node.basis !== undefined)?.basis;
  const facts = basis === undefined ? [] : findingToShow(basis, verdict).because.map(({ fact }) => fact);
  const window = basis?.figures.windowSeconds;
  return [
    ...(facts.length === 0 ? [] : [firstOf(facts, FACTS_SHOWN).join(', ')]),
    ...(window === undefined || window <= 0 ? [] : [`two samples ${show(window)} s apart`]),
    ...(confidence === 'high' ? [] : [SHORT_OF_PROOF[confidence]]),
    ...(ranked.length > 1
      ? [`${verdict} on ${nodesWithVerdict(ranked, verdict)} of ${nodeCount(ranked.length)}`]
      : []),
    ...(unread > 0 ? [`${unread} not readable`] : []),
    ...(contributing.length > 0 ? [`also ${contributing.join(', ')}`] : []),
  ].join(' · ');
}

/** What a verdict lacks that is not certain. */
const SHORT_OF_PROOF: Readonly<Record<Exclude<Diagnosis['confidence'], 'high'>, string>> = {
  medium: 'which fits and does not prove it',
  low: 'which is a hint and no more',
};

/** Address behind the words with which a value begins, where there is one. */
const linked = (words: string, url: string | undefined): Pick<CardField, 'link'> =>
  url === undefined ? {} : { link: { words, url } };

/** How full the first node is, what else was found, what was ruled out and what could not be seen. */
export function evidenceOf(
  { head }: Incident,
  ranked: readonly RankedNode[],
  catalogue: Catalogue,
  now: number,
): Pick<Card, 'usage' | 'verdicts' | 'ruledOut' | 'ruledOutWhere' | 'gaps'> {
  const diagnosis = leadingDiagnosis(ranked);
  const arguing = diagnosis !== undefined && isArguing(head);
  const read = ranked.filter(({ basis }) => basis !== undefined).length;
  const isPartial = read < ranked.length || head.nodeGaps.length > 0;
  const usage = usageOf(ranked[0], arguing);
  return {
    ...(usage === undefined ? {} : { usage }),
    verdicts: verdictsOf(head, ranked, now),
    ruledOut: arguing ? ruledOutOn(ranked, catalogue) : [],
    ruledOutWhere: isPartial ? `on the ${nodeCount(read)} that ${read === 1 ? 'was' : 'were'} read` : '',
    gaps: [...head.nodeGaps, ...unreadNodes(ranked), ...(arguing ? diagnosis.gaps : [])],
  };
}

/** How full the table is, where the facts of the verdict speak of it. */
function usageOf(node: RankedNode | undefined, arguing: boolean): Card['usage'] {
  const reading = node === undefined ? undefined : readingShown(node, arguing);
  if (reading === undefined) return undefined;
  const { because } = findingToShow(reading, node?.basis?.diagnosis.verdict ?? reading.diagnosis.verdict);
  const use = because.slice(0, FACTS_SHOWN).find(({ fact }) => fact === TABLE_USE);
  const [, share] = /(\d{1,4}) %/.exec(use?.value ?? '') ?? [];
  if (share === undefined) return undefined;
  return { bar: usageBar(Number(share) / 100), text: `${share} % of nf_conntrack_max` };
}

function unreadNodes(ranked: readonly RankedNode[]): string[] {
  return ranked.flatMap(({ node, collection, seen }) => {
    if (collection?.outcome.kind === 'failed') return [collection.outcome.why];
    if (seen?.halfApplied === true)
      return [`${node.instanceId}: an earlier change was begun and not finished`];
    return seen?.halfAppliedUnread === true
      ? [`${node.instanceId}: whether an earlier change was begun and not finished was not read`]
      : [];
  });
}
