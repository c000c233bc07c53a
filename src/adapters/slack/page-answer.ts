import type { IncidentPages, IncidentStore } from '../../core/ports.ts';
import type { ClientLatency } from '../../core/record/client-latency.ts';
import type { IncidentHistory } from '../../core/record/incident.ts';
import { escapeMrkdwn } from '../../slack/block-text.ts';
import type { PageRequest } from '../../slack/page-request.ts';
import { answerPerson } from './answer.ts';

/** What making a page and answering with its link needs. */
export interface PageParts {
  readonly store: Pick<IncidentStore, 'history'>;
  readonly pages: IncidentPages;
  readonly render: (history: IncidentHistory, latency: ClientLatency | undefined) => string;
  readonly apiUrl: string | undefined;
  readonly timeoutMs: number;
}

const FAILED =
  'The page could not be made. Click once more, or have it written with `medic page` on the command line.';

/**
 * Makes the page of an incident from its record as it is now and tells the clicker alone where it is, for as long as the link
 * works.
 * @throws what failed, once the clicker was told that it did
 */
export async function answerPage(
  { incidentId, responseUrl }: PageRequest,
  { store, pages, render, apiUrl, timeoutMs }: PageParts,
): Promise<void> {
  const say = (text: string) => answerPerson(responseUrl, { text }, { apiUrl, timeoutMs });
  let link: string;
  try {
    const history = await store.history(incidentId);
    if (history === undefined)
      return await say(`${escapeMrkdwn(incidentId)} is not known here any more, so there is no page of it.`);
    link = await pages.publish(incidentId, render(history, await pages.latencyOf()));
  } catch (error) {
    await say(FAILED);
    throw error;
  }
  await say(
    `<${link.replaceAll('&', '&amp;')}|Open the page of ${escapeMrkdwn(incidentId)}>. The link works for ten minutes, for whoever has it: it shows addresses of the network. Click again for a newer one.`,
  );
}
