import type { Catalogue } from '../diagnosis/signature.ts';
import { isWarning } from '../incident/warning-alarm.ts';
import type { Incident, IncidentState } from '../record/incident.ts';
import { isArguing } from '../remediation/node-order.ts';
import { standingDoubt, type TraceDoubt, takenAway, traceDoubt } from '../remediation/taken-away.ts';
import { counted, nodeCount, utcTime } from '../words.ts';
import { cardActions } from './actions.ts';
import { changeOf } from './change.ts';
import { contextOf, historyOf } from './context.ts';
import { alarmValue } from './fields/alarm-value.ts';
import { alarmCount } from './fields/alarms.ts';
import { evidenceOf, fieldsOf } from './fields/evidence.ts';
import { tracedSentences } from './fields/syn-trace.ts';
import type { Card } from './model.ts';
import { nodesWithVerdict, type RankedNode, rankNodes } from './nodes.ts';
import { nodeResults } from './results.ts';
import { sentences } from './sentences.ts';
import { shapeDoubt } from './shape.ts';
import { startingLead } from './starting.ts';
import { type CardFacts, cardFacts, STATE_VIEWS } from './states.ts';

/**
 * The card of an incident, derived from its record and the catalogue alone: the same record and time give the same card.
 * All strings are plain text that may hold words from a node or from the alarm; whoever draws the card escapes them.
 * @param now milliseconds since the Unix epoch, used only to say when a time is not today's
 */
export function cardOf(incident: Incident, catalogue: Catalogue, now: number): Card {
  const { head } = incident;
  const ranked = rankNodes(incident, catalogue);
  const facts = cardFacts(incident, ranked, catalogue, now);
  const view = STATE_VIEWS[head.state];
  const found = foundByTrace(facts);
  const title = found === undefined ? view.header(facts) : `${found.instanceId}: ${found.why}`;
  const header = `${isWarning(head.alarm) && isArguing(head) ? 'Early warning: ' : ''}${title}`;
  // What is not offered any more is no proposal.
  const change = takenAway(head) === undefined ? changeOf(incident) : undefined;
  return {
    incidentId: head.id,
    madeAt: now,
    state: head.state,
    colour: view.colour(facts),
    banner: bannerOf(facts, ranked, header, alarmCount(incident)),
    header,
    lead: startingLead(head, now) ?? sentences(shapeDoubt(head, facts.diagnosis, catalogue), leadOf(facts)),
    ...fieldsOf(incident, ranked, now),
    traced: tracedSentences(head, now),
    ...evidenceOf(incident, ranked, catalogue, now),
    ...(change === undefined ? {} : { change }),
    results: nodeResults(incident, ranked, now),
    history: historyOf(incident, now),
    ...cardActions(incident, catalogue),
    ...contextOf(incident, now),
  };
}

/** What a trace found where the two samples showed no cause: then that is what the card is about. */
const foundByTrace = ({ head, diagnosis }: CardFacts): TraceDoubt | undefined =>
  head.state === 'no-fix-offered' && diagnosis?.verdict === 'not-the-node' ? standingDoubt(head) : undefined;

/** Until something was ordered, or while the rest waits, whoever is about to click has to know what a trace says against it. */
function leadOf(facts: CardFacts): string {
  const { head, now } = facts;
  const found = foundByTrace(facts);
  if (found !== undefined)
    return sentences(
      `A trace at ${utcTime(found.at, now)} saw it, and the two samples before it did not`,
      'The thread says at which hop, and what dropped them where that was seen.',
      'No change is offered; "Collect again" has the nodes read while it lasts.',
    );
  const lead = STATE_VIEWS[head.state].lead(facts);
  const doubt = isArguing(head) || head.state === 'applied-one' ? traceDoubt(head, now) : undefined;
  if (doubt === undefined) return lead;
  if (head.state === 'awaiting-approval' && takenAway(head) !== undefined)
    return sentences(doubt, 'Nothing was changed yet.');
  return sentences(doubt, lead);
}

/** How an incident ended whose verdict still stands. */
const ENDED: Partial<Record<IncidentState, string>> = {
  dismissed: 'dismissed',
  expired: 'expired',
  resolved: 'alarm OK, nothing changed',
  failed: 'stopped, nothing changed',
};

/**
 * The line that a phone shows: `table-full on 3 of 41 nodes · checkout-p99 · fix ready`. Once somebody clicked, the
 * state of the fix takes the verdict's place.
 */
function bannerOf(
  { head, diagnosis }: CardFacts,
  ranked: readonly RankedNode[],
  header: string,
  alarms: number,
): string {
  const name = alarms === 1 ? head.alarm.name : `${head.alarm.name} +${counted(alarms - 1, 'alarm')}`;
  if (!isArguing(head) || diagnosis === undefined) return `${header} · ${name}`;
  const { verdict } = diagnosis;
  const same = nodesWithVerdict(ranked, verdict);
  const where = `${verdict} on ${ranked.length > 1 ? `${same} of ` : ''}${nodeCount(ranked.length)}`;
  const isOffered = head.plan !== undefined && takenAway(head) === undefined;
  const readiness = ENDED[head.state] ?? (isOffered ? 'fix ready' : 'no fix offered');
  const value = alarmValue(head.alarm)?.value;
  return [where, value === undefined ? name : `${name} ${value}`, readiness].join(' · ');
}
