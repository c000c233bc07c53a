import { setTimeout } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { catalogue } from '../runbooks/index.ts';
import { runbookTexts } from '../src/adapters/runbook-texts.ts';
import { CLICK } from '../src/adapters/waiting/patience.ts';
import { cardOf } from '../src/core/card/card.ts';
import { messageOf } from '../src/core/errors.ts';
import { carryOn } from '../src/core/incident/carry-on.ts';
import { manualAlarm } from '../src/core/incident/manual-alarm.ts';
import { receiveAlarm } from '../src/core/incident/receive-alarm.ts';
import { showIncident } from '../src/core/incident/shown/show-incident.ts';
import { renderRunbook } from '../src/core/runbook/incident-runbooks.ts';
import { slackHandler } from '../src/slack/app.ts';
import type { SignedRequest } from '../src/slack/verify-request.ts';
import { readEnvironment } from './environment.ts';
import { homeOf } from './home.ts';
import { log } from './log.ts';
import {
  openIntake,
  openIntakePorts,
  openSignedClicks,
  openSigningSecret,
  openSlackSecrets,
} from './wiring.ts';

const environment = readEnvironment(
  'MEDIC_SLACK_API_URL',
  'MEDIC_SLACK_TEAM',
  'MEDIC_APPROVERS',
  'MEDIC_SLACK_CHANNEL',
  'MEDIC_EVIDENCE_MAX_AGE_SECONDS',
);

const secrets = openSlackSecrets();
const signing = openSigningSecret();
// Read while the function starts, so that the first click does not wait for them.
await Promise.all([secrets.current(), signing.current()]);

const intake = openIntakePorts(catalogue, CLICK);
const askIntake = openIntake();
let home = homeOf('');

/** Slack waits three seconds for all that a click does. */
const SHOWN_WITHIN_MS = 1000;

async function draw(incidentId: string): Promise<void> {
  try {
    await showIncident(intake.store, intake.notifier, incidentId);
  } catch (error) {
    log('slack-failed', { incidentId, step: 'show decision', error: messageOf(error) });
  }
}

const handle = slackHandler({
  secrets,
  signing,
  apiUrl: environment.MEDIC_SLACK_API_URL,
  team: environment.MEDIC_SLACK_TEAM,
  approvers: environment.MEDIC_APPROVERS,
  channel: environment.MEDIC_SLACK_CHANNEL,
  evidenceMaxAgeSeconds: environment.MEDIC_EVIDENCE_MAX_AGE_SECONDS,
  store: intake.store,
  clicks: openSignedClicks(undefined, CLICK),
  delivery: intake.workflows,
  show: async (id) => {
    await Promise.race([draw(id), setTimeout(SHOWN_WITHIN_MS, undefined, { ref: false })]);
  },
  askDiagnosis: askIntake,
  askPage: askIntake,
  carryOn: (head) => carryOn(intake, head),
  clock: intake.clock,
  cardOf: (incident) => cardOf(incident, catalogue, intake.clock.now()),
  catalogue,
  startTrace: (id, number) => intake.workflows.startNumbered({ id }, 'trace', number),
  runbookOf: (incident) => renderRunbook(incident, catalogue, runbookTexts),
  receiveAlarm: (alarm) => receiveAlarm(intake, alarm, { isHeld: false }),
  openByHand: async (instanceIds, by) => {
    const at = new Date(intake.clock.now()).toISOString();
    return await receiveAlarm(intake, manualAlarm({ instanceIds, by, at }, home), { isHeld: false });
  },
  log,
});

/**
 * Slack's request URL: verifies a click, stores it as a decision and wakes the workflow, or opens the runbook; takes the
 * slash command that opens an incident by hand, and the shortcut that has a message diagnosed.
 */
export async function handler(event: SignedRequest, context: Pick<Context, 'invokedFunctionArn'>) {
  home = homeOf(context.invokedFunctionArn);
  return await handle(event, context);
}
