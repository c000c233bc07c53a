import { openIncidentPages } from '../src/adapters/incident-pages.ts';
import { runbookTexts } from '../src/adapters/runbook-texts.ts';
import { answerPage } from '../src/adapters/slack/page-answer.ts';
import { PATIENT } from '../src/adapters/waiting/patience.ts';
import type { Catalogue } from '../src/core/diagnosis/signature.ts';
import type { IncidentStore } from '../src/core/ports.ts';
import type { ClientLatency } from '../src/core/record/client-latency.ts';
import type { IncidentHistory } from '../src/core/record/incident.ts';
import { renderPage } from '../src/page/page.ts';
import type { PageRequest } from '../src/slack/page-request.ts';
import { readEnvironment } from './environment.ts';

/**
 * Opens what makes the page of an incident for somebody who clicked for it. It stands apart from what all functions open,
 * because what draws a page would come into each of their bundles.
 */
export function openPageAnswers(
  catalogue: Catalogue,
  store: Pick<IncidentStore, 'history'>,
): (request: PageRequest) => Promise<void> {
  const {
    MEDIC_EVIDENCE,
    MEDIC_PAGES_URL,
    MEDIC_SLACK_API_URL: apiUrl,
  } = readEnvironment('MEDIC_EVIDENCE', 'MEDIC_PAGES_URL', 'MEDIC_SLACK_API_URL');
  const pages = openIncidentPages(MEDIC_EVIDENCE, MEDIC_PAGES_URL);
  const render = (history: IncidentHistory, latency: ClientLatency | undefined) =>
    renderPage({ history, catalogue, texts: runbookTexts, latency });
  return (request) => answerPage(request, { store, pages, render, apiUrl, timeoutMs: PATIENT.answerMs });
}
