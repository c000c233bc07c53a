import type { Context } from 'aws-lambda';
import { catalogue } from '../runbooks/index.ts';
import { readAlarmEvent } from '../src/adapters/alarm/alarm-event.ts';
import { PROMPT } from '../src/adapters/waiting/patience.ts';
import { messageOf } from '../src/core/errors.ts';
import { ManualRequest, manualAlarm } from '../src/core/incident/manual-alarm.ts';
import { receiveAlarm } from '../src/core/incident/receive-alarm.ts';
import { withTraceLink } from '../src/core/incident/trace-link.ts';
import { WarningRequest, warningAlarm } from '../src/core/incident/warning-alarm.ts';
import type { Alarm } from '../src/core/record/alarm.ts';
import { DiagnoseRequest } from '../src/slack/diagnose/request.ts';
import { PageRequest } from '../src/slack/page-request.ts';
import { readEnvironment } from './environment.ts';
import { homeOf } from './home.ts';
import { log } from './log.ts';
import { openPageAnswers } from './page-answers.ts';
import { openAnswers, openIntakePorts, pause } from './wiring.ts';

/**
 * How long the table may be away while an alarm is taken in. Nobody says twice that an alarm fires, and Lambda hands a failed
 * event over again after one minute and after two: three such waits and these outlast ten minutes (cdk/conntrack-medic.ts).
 */
const OUTAGE_SECONDS = 150;

const { MEDIC_TRACE_LINK: traces } = readEnvironment('MEDIC_TRACE_LINK');
const ports = openIntakePorts(catalogue, PROMPT, undefined, { seconds: OUTAGE_SECONDS, pause });
const answer = openAnswers(catalogue);
const showPage = openPageAnswers(catalogue, ports.store);

/**
 * Takes an alarm over any transport, or the wish of a person, and opens, counts or closes its incident; or answers a message
 * that somebody wants to have diagnosed; or makes the page of an incident or of the fleet for an approver.
 * @throws UnreadableAlarmError on an event of unknown shape, so that the dead-letter queue keeps it
 */
export async function handler(
  event: unknown,
  { invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>,
): Promise<{ readonly outcome: string }> {
  const question = DiagnoseRequest.safeParse(event);
  if (question.success) return { outcome: await answered(question.data) };
  const page = PageRequest.safeParse(event);
  if (page.success) return { outcome: await shown(page.data) };
  const alarm = alarmIn(event, invokedFunctionArn);
  const outcome = await receiveAlarm(ports, withTraceLink(alarm, traces));
  log('alarm-received', { alarm: alarm.name, state: alarm.state, outcome });
  return { outcome };
}

/** The alarm that an event is, or what a person wishes or the sweep foresees in the form of one. */
function alarmIn(event: unknown, functionArn: string): Alarm {
  const wish = ManualRequest.safeParse(event);
  if (wish.success) return manualAlarm(wish.data, homeOf(functionArn));
  const warning = WarningRequest.safeParse(event);
  return warning.success ? warningAlarm(warning.data, homeOf(functionArn)) : readAlarmEvent(event);
}

/** No alarm is lost where an answer fails: it is logged, and whoever asked can ask again. */
async function answered(question: DiagnoseRequest): Promise<string> {
  try {
    const where = await answer(question);
    log('message-diagnosed', { where, files: question.files.length });
    return 'answered';
  } catch (error) {
    log('message-not-diagnosed', { error: messageOf(error) });
    return 'not-answered';
  }
}

/** The same of a page. Its link is a capability, and is in no log. */
async function shown({ incidentId, user, of, ...request }: PageRequest): Promise<string> {
  const asked = { incidentId, user, ...(of && { of }) };
  try {
    await showPage({ ...asked, ...request });
    log('page-made', asked);
    return 'answered';
  } catch (error) {
    log('page-not-made', { ...asked, error: messageOf(error) });
    return 'not-answered';
  }
}
