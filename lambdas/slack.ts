import { catalogue } from '../runbooks/index.ts';
import { runbookTexts } from '../src/adapters/runbook-texts.ts';
import { renderRunbook } from '../src/core/render-runbook.ts';
import { slackHandler } from '../src/slack/app.ts';
import { readEnvironment } from './environment.ts';
import { log } from './log.ts';
import { openSlackSecrets, openStore, openWorkflows, systemClock } from './wiring.ts';

const environment = readEnvironment(
  'MEDIC_SLACK_API_URL',
  'MEDIC_APPROVERS',
  'MEDIC_EVIDENCE_MAX_AGE_SECONDS',
);

const secrets = openSlackSecrets();
// Read while the function starts, so that the first click does not wait for them.
await secrets.current();

/** Slack's request URL: verifies a click, stores it as a decision and wakes the workflow, or opens the runbook. */
export const handler = slackHandler({
  secrets,
  apiUrl: environment.MEDIC_SLACK_API_URL,
  approvers: environment.MEDIC_APPROVERS,
  evidenceMaxAgeSeconds: environment.MEDIC_EVIDENCE_MAX_AGE_SECONDS,
  store: openStore(),
  delivery: openWorkflows(),
  clock: systemClock,
  runbookOf: (incident) => renderRunbook(incident, catalogue, runbookTexts),
  log,
});
