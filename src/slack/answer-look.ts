import type { WebClient } from '@slack/web-api';
import type { Card } from '../core/card/model.ts';
import type { Catalogue } from '../core/diagnosis/signature.ts';
import { alarmToCollectAgain } from '../core/incident/collect-again.ts';
import { doubtNote, doubtVerdicts } from '../core/incident/doubt.ts';
import { rawEvidenceOf } from '../core/incident/raw-evidence.ts';
import { orderTrace, runningTrace } from '../core/incident/syn-trace/order.ts';
import type { Runbook } from '../core/notifier.ts';
import type { Alarm } from '../core/record/alarm.ts';
import type { Incident } from '../core/record/incident.ts';
import { type ClickAnswer, type ClickRules, findForeignMessage, unknownIncident } from './answer-click.ts';
import { cardView } from './card/view.ts';
import type { LookClick } from './decision-request.ts';
import { type PageRequest, pageRequestOf } from './page-request.ts';
import { runbookView } from './runbook/view.ts';

/** What answers a click that decides nothing. */
export interface LookParts extends Pick<ClickRules, 'store' | 'approvers' | 'clock' | 'show'> {
  readonly runbookOf: (incident: Incident) => Runbook;
  readonly cardOf: (incident: Incident) => Card;
  /** Has the page of an incident made and its link told to the clicker, which takes longer than Slack waits. */
  readonly askPage: (request: PageRequest) => Promise<void>;
  readonly catalogue: Catalogue;
  /** Starts the execution that makes a trace; by name, so at most once. */
  readonly startTrace: (incidentId: string, number: number) => Promise<void>;
  /** Takes an alarm in as if it had just fired; returns what was done, in one word. */
  readonly receiveAlarm: (alarm: Alarm) => Promise<string>;
}

const COLLECTING_AGAIN =
  'The nodes are found and read again; a card of its own with what they show appears in this channel. Nothing is changed.';

const BEGINS_LATER =
  'The trace is on record and could not be begun yet; that is tried again within two minutes. Watch the card.';

/**
 * Answers a click that changes no node and wakes no workflow: most of them only show something.
 * @param body - what Slack sent, of which the page's link needs to know where to go
 */
export async function answerLook(
  click: LookClick,
  body: unknown,
  client: WebClient,
  parts: LookParts,
): Promise<ClickAnswer> {
  const incident = await parts.store.load(click.incidentId);
  if (incident === undefined) return { kind: 'refused', sentence: unknownIncident(click) };
  const foreign = findForeignMessage(incident.head, click);
  if (foreign !== undefined) return { kind: 'refused', sentence: foreign };
  switch (click.kind) {
    case 'show-more':
      return await openModal(click, client, cardView(parts.cardOf(incident)));
    case 'show-runbook':
      return await openModal(click, client, runbookView(parts.runbookOf(incident)));
    case 'show-page':
    case 'show-fleet':
      return await showPage(click, body, incident, parts);
    case 'collect-again':
      return await collectAgain(click, incident, parts);
    case 'trace':
      return await trace(click, incident, parts);
    case 'not-this':
      return await doubt(click, incident, parts);
    case 'raw-evidence': {
      const { isRefused, sentence } = rawEvidenceOf(incident, click.user.id, parts.approvers);
      return isRefused ? { kind: 'refused', sentence } : { kind: 'accepted', note: sentence };
    }
  }
}

async function openModal(
  { triggerId }: LookClick,
  client: WebClient,
  view: Parameters<WebClient['views']['open']>[0]['view'],
): Promise<ClickAnswer> {
  await client.views.open({ trigger_id: triggerId, view });
  return { kind: 'accepted' };
}

/** Approvers may open the page; the link follows in a message that only the clicker sees. */
async function showPage(
  click: LookClick,
  body: unknown,
  { head }: Incident,
  { approvers, askPage }: LookParts,
): Promise<ClickAnswer> {
  const request = pageRequestOf(click, body, { head, approvers });
  if (typeof request === 'string') return { kind: 'refused', sentence: request };
  await askPage(request);
  return { kind: 'accepted' };
}

/** Opens a new incident for the alarm of one that has ended. */
async function collectAgain(
  { user }: LookClick,
  incident: Incident,
  { store, approvers, clock, receiveAlarm }: LookParts,
): Promise<ClickAnswer> {
  const alarm = await alarmToCollectAgain(incident, { user: user.id, approvers, now: clock.now() }, store);
  if (typeof alarm === 'string') return { kind: 'refused', sentence: alarm };
  await receiveAlarm(alarm);
  return { kind: 'accepted', note: COLLECTING_AGAIN };
}

/** Has it looked for where SYNs are lost; the card says so at once, and goes on with whatever else is clicked. */
async function trace(
  { user }: LookClick,
  incident: Incident,
  { store, approvers, clock, catalogue, show, startTrace }: LookParts,
): Promise<ClickAnswer> {
  const { id } = incident.head;
  const rules = { now: clock.now(), approvers, catalogue };
  const noted = await store.update(id, orderTrace(incident, { kind: 'slack-user', ...user }, rules));
  if (!noted.ok) return { kind: 'refused', sentence: noted.refusal };
  const ordered = runningTrace(noted.head);
  const [started] = await Promise.allSettled([
    ordered === undefined ? undefined : startTrace(id, ordered.number),
    show(id),
  ]);
  // What is on record is begun by the reconciler where it could not be here.
  return started.status === 'fulfilled' ? { kind: 'accepted' } : { kind: 'accepted', note: BEGINS_LATER };
}

/** Keeps that a verdict is called wrong, and shows it to everybody: who approves should know of it. */
async function doubt(
  { user }: LookClick,
  incident: Incident,
  { store, approvers, clock, show }: LookParts,
): Promise<ClickAnswer> {
  const change = doubtVerdicts(incident, { kind: 'slack-user', ...user }, { now: clock.now(), approvers });
  const noted = await store.update(incident.head.id, change);
  if (!noted.ok) return { kind: 'refused', sentence: noted.refusal };
  await show(incident.head.id);
  return { kind: 'accepted', note: doubtNote(incident.head) };
}
