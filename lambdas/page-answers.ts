import { dynamoClient } from '../src/adapters/dynamo/client.ts';
import { DynamoSeries } from '../src/adapters/dynamo/series.ts';
import { DynamoSweepState } from '../src/adapters/dynamo/sweep-state.ts';
import { openIncidentPages } from '../src/adapters/incident-pages.ts';
import { runbookTexts } from '../src/adapters/runbook-texts.ts';
import { answerPage } from '../src/adapters/slack/page-answer.ts';
import { PATIENT, PROMPT } from '../src/adapters/waiting/patience.ts';
import type { Catalogue } from '../src/core/diagnosis/signature.ts';
import type { IncidentStore } from '../src/core/ports.ts';
import type { IncidentHistory } from '../src/core/record/incident.ts';
import type { ClientLatency } from '../src/core/record/latency/client.ts';
import { drawnSeries } from '../src/core/sweep/fleet-page.ts';
import { renderFleetPage } from '../src/page/fleet.ts';
import { renderPage } from '../src/page/page.ts';
import type { PageRequest } from '../src/slack/page-request.ts';
import { readEnvironment } from './environment.ts';
import { systemClock } from './wiring.ts';

/**
 * Opens what makes the page of an incident, or of the fleet, for somebody who clicked for it. It stands apart from what all
 * functions open, because what draws a page would come into each of their bundles.
 */
export function openPageAnswers(
  catalogue: Catalogue,
  store: Pick<IncidentStore, 'history' | 'begin'>,
): (request: PageRequest) => Promise<void> {
  const {
    MEDIC_EVIDENCE,
    MEDIC_PAGES_URL,
    MEDIC_TABLE,
    MEDIC_SLACK_API_URL: apiUrl,
  } = readEnvironment('MEDIC_EVIDENCE', 'MEDIC_PAGES_URL', 'MEDIC_TABLE', 'MEDIC_SLACK_API_URL');
  const pages = openIncidentPages(MEDIC_EVIDENCE, MEDIC_PAGES_URL);
  const render = (history: IncidentHistory, latency: ClientLatency | undefined) =>
    renderPage({ history, catalogue, texts: runbookTexts, latency });
  const table = dynamoClient({}, PROMPT);
  const series = new DynamoSeries(table, MEDIC_TABLE);
  const renderFleet = async () => {
    const swept = await new DynamoSweepState(table, MEDIC_TABLE).report();
    if (swept === undefined) return undefined;
    const now = systemClock.now();
    return renderFleetPage(
      swept,
      await drawnSeries(swept, (instanceId, hours) => series.read(instanceId, hours, now)),
    );
  };
  return (request) =>
    answerPage(request, { store, pages, render, renderFleet, apiUrl, timeoutMs: PATIENT.answerMs });
}
