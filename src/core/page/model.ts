import { type Audit, auditOf } from '../audit/audit.ts';
import { type AuditSection, auditSections } from '../audit/sections.ts';
import { cardOf } from '../card/card.ts';
import type { Card } from '../card/model.ts';
import { nodeLabel, rankNodes } from '../card/nodes.ts';
import type { Catalogue } from '../diagnosis/signature.ts';
import type { Runbook } from '../notifier.ts';
import type { IncidentHead, IncidentHistory } from '../record/incident.ts';
import type { ClientLatency } from '../record/latency/client.ts';
import type { LatencyShape } from '../record/latency/shape.ts';
import { renderRunbooks } from '../runbook/incident-runbooks.ts';
import type { RunbookTexts } from '../runbook/render-runbook.ts';
import { type Composition, compositionsOf } from './composition.ts';
import { type AlarmLatency, alarmLatency, type ClientBeforeAfter, clientBeforeAfter } from './latency.ts';
import { meaningOf } from './meaning.ts';
import { type ConnectionStates, connectionsOf, type NodeTraffic, trafficOf } from './network.ts';
import { plansOf, type ShownPlan } from './plans.ts';
import { type BeforeAfter, beforeAfter, type Proof, proofOf } from './proof.ts';
import { incidentOf, type Mark, marksOf, newestTime } from './readings.ts';
import { type NodeSeries, seriesOf } from './series.ts';
import { factsOf, type Signal, type SignalFacts, signalsOf } from './signals.ts';
import { type TimelineEvent, timelineOf } from './timeline.ts';
import { type TracedNode, tracedNodes } from './traced.ts';

/** A node as the page names it. */
export interface PageNode {
  readonly instanceId: string;
  /** With type, zone and name where those are known. */
  readonly label: string;
  readonly verdict?: string;
  readonly isRead: boolean;
}

/** A signal with what is known of it. */
export interface PageSignal extends Signal {
  /** Why it matters, in plain text with code between backticks; empty where nothing is written of it. */
  readonly meaning: string;
  readonly facts: SignalFacts;
}

/** Everything that the page of an incident shows. All strings may hold words of a node or of the alarm. */
export interface PageModel {
  readonly head: Pick<IncidentHead, 'id' | 'state' | 'revision' | 'alarm' | 'openedAt'>;
  /** Of the card, so that both say the same. */
  readonly card: Pick<Card, 'header' | 'lead' | 'colour' | 'results' | 'gaps' | 'verdicts'>;
  /** The newest thing that the record tells of, ISO 8601. */
  readonly asOf: string;
  readonly proof?: Proof;
  readonly beforeAfter: readonly BeforeAfter[];
  readonly timeline: readonly TimelineEvent[];
  readonly marks: readonly Mark[];
  /** The worst node first. */
  readonly nodes: readonly PageNode[];
  readonly series: readonly NodeSeries[];
  readonly alarmLatency?: AlarmLatency;
  readonly client?: ClientLatency & ClientBeforeAfter;
  /** How the latencies behind the alarm are distributed, or why that was not read; absent where the alarm watches none. */
  readonly shape?: LatencyShape;
  readonly signals: readonly PageSignal[];
  readonly compositions: readonly Composition[];
  readonly traffic: readonly NodeTraffic[];
  readonly connections: readonly ConnectionStates[];
  readonly traces: readonly TracedNode[];
  readonly plans: readonly ShownPlan[];
  /** The whole runbooks of the first verdicts, the leading one first. */
  readonly runbooks: readonly Runbook[];
  /** Titles of those that have no room. */
  readonly otherRunbooks: readonly string[];
  readonly audit: Pick<Audit, 'digest'> & { readonly sections: readonly AuditSection[] };
}

/** Most runbooks that a page holds whole: with more it would be too large to send along. */
const RUNBOOKS_SHOWN = 3;

/** What a page is made of. */
export interface PageInput {
  readonly history: IncidentHistory;
  readonly catalogue: Catalogue;
  readonly texts: RunbookTexts;
  /** Where a client measures what it feels. */
  readonly latency?: ClientLatency | undefined;
}

/** The page of an incident, derived from its record alone: the same record gives the same page. */
export function pageOf({ history, catalogue, texts, latency }: PageInput): PageModel {
  const { head, collections, plans } = history;
  const incident = incidentOf(history);
  const asOf = newestTime(history);
  const ranked = rankNodes(incident, catalogue);
  const order = ranked.map(({ node }) => node.instanceId);
  const series = seriesOf(collections, order);
  const readings = new Map(series.map((one) => [one.instanceId, one.readings]));
  const touched = new Set(head.remediations.map(({ instanceId }) => instanceId));
  const marks = marksOf(head);
  const [proof, ofAlarm, audit] = [proofOf(ranked), alarmLatency(head.alarm), auditOf(history)];
  const { header, lead, colour, results, gaps, verdicts } = cardOf(incident, catalogue, Date.parse(asOf));
  const runbooks = renderRunbooks(incident, catalogue, texts);
  const timeOf = (kind: Mark['kind']) => marks.find((mark) => mark.kind === kind)?.at;
  return {
    head,
    card: { header, lead, colour, results, gaps, verdicts },
    asOf,
    ...(proof === undefined ? {} : { proof }),
    beforeAfter: beforeAfter(ranked, readings, touched),
    timeline: timelineOf(history),
    marks,
    nodes: ranked.map(({ node, basis }) => ({
      instanceId: node.instanceId,
      label: nodeLabel(node),
      isRead: basis !== undefined,
      ...(basis === undefined ? {} : { verdict: basis.diagnosis.verdict }),
    })),
    series,
    ...(ofAlarm === undefined ? {} : { alarmLatency: ofAlarm }),
    ...(head.latency === undefined ? {} : { shape: head.latency }),
    ...(latency === undefined || latency.samples.length === 0
      ? {}
      : { client: { ...latency, ...clientBeforeAfter(latency, timeOf('change'), timeOf('rollback')) } }),
    signals: signalsOf(ranked, catalogue).map((signal) => ({
      ...signal,
      meaning: meaningOf(texts[signal.mode]),
      facts: factsOf(signal),
    })),
    compositions: compositionsOf(ranked),
    traffic: trafficOf(ranked, catalogue),
    connections: connectionsOf(ranked),
    traces: tracedNodes(head),
    plans: plansOf(plans, head),
    runbooks: runbooks.slice(0, RUNBOOKS_SHOWN),
    otherRunbooks: runbooks.slice(RUNBOOKS_SHOWN).map(({ title }) => title),
    audit: { digest: audit.digest, sections: auditSections(audit) },
  };
}
