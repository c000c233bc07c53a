import { CHANNEL } from '../../../local/slack/people.ts';
import { TABLE } from '../../unit/adapters/support.ts';

/** Token of the bot where Slack is a stand-in. */
export const BOT_TOKEN = 'xoxb-test';

const ENVIRONMENT = {
  AWS_REGION: 'eu-central-1',
  MEDIC_TABLE: TABLE,
  MEDIC_EVIDENCE: 'file:///nowhere',
  MEDIC_REMEDIATE_FUNCTION: 'remediate:live',
  MEDIC_RESOLVE_FUNCTION: 'resolve:live',
  MEDIC_COLLECT_DOCUMENT: 'medic-collect',
  MEDIC_COLLECT_DOCUMENT_HASH: 'a'.repeat(64),
  MEDIC_TRACE_DOCUMENT: 'medic-trace',
  MEDIC_TRACE_DOCUMENT_HASH: 'b'.repeat(64),
  MEDIC_SLACK_CHANNEL: CHANNEL.id,
  MEDIC_SLACK_BOT_TOKEN: BOT_TOKEN,
};

/** The workflow, to be given ports of a test's own; what it reads of the environment while it is loaded is put back. */
export async function loadIncidentWorkflow() {
  const before = { ...process.env };
  Object.assign(process.env, ENVIRONMENT);
  const { incidentWorkflow } = await import('../../../lambdas/incident.ts');
  for (const name of Object.keys(ENVIRONMENT)) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  return incidentWorkflow;
}
