import type { IncidentPages, IncidentStore } from '../../core/ports.ts';
import type { IncidentHistory } from '../../core/record/incident.ts';
import type { ClientLatency } from '../../core/record/latency/client.ts';
import { sha256 } from '../../core/sha256.ts';
import { escapeMrkdwn } from '../../slack/block-text.ts';
import type { PageRequest } from '../../slack/page-request.ts';
import { answerPerson } from './answer.ts';

/** What making a page and answering with its link needs. */
export interface PageParts {
  readonly store: Pick<IncidentStore, 'history' | 'begin'>;
  readonly pages: IncidentPages;
  readonly render: (history: IncidentHistory, latency: ClientLatency | undefined) => string;
  /** Draws the page of the fleet from what the newest sweep left; nothing where no sweep has left anything. */
  readonly renderFleet: () => Promise<string | undefined>;
  readonly apiUrl: string | undefined;
  readonly timeoutMs: number;
}

const FAILED =
  'The page could not be made. Click once more, or have it written with `medic page`, or `medic fleet --open`, on the command line.';

const NO_SWEEP =
  'No sweep has left anything yet, so there is no page of the fleet: it is switched off (sweep in the configuration), or has not run since it was deployed.';

/**
 * Makes the page of an incident from its record as it is now, or of the fleet from its newest sweep, and tells the clicker alone
 * where it is, for as long as the link works. A click that is handed over twice is answered once.
 * @throws what failed, once the clicker was told that it did
 */
export async function answerPage(
  { responseUrl, ...asked }: PageRequest,
  { apiUrl, timeoutMs, ...parts }: PageParts,
): Promise<void> {
  const say = async (text: string) => {
    if (await isFirst(asked.incidentId, responseUrl, parts))
      await answerPerson(responseUrl, { text }, { apiUrl, timeoutMs });
  };
  let told: string;
  try {
    told = await (asked.of === 'fleet' ? fleetAnswer(parts) : incidentAnswer(asked.incidentId, parts));
  } catch (error) {
    await say(FAILED);
    throw error;
  }
  await say(told);
}

/**
 * Slack gives each click an address of its own. What is first is noted right before it is said, so that a try that died while it
 * made the page leaves the answer to the next one; where that can not be noted, two links are better than none.
 */
async function isFirst(
  incidentId: string,
  responseUrl: string,
  { store }: Pick<PageParts, 'store'>,
): Promise<boolean> {
  try {
    return await store.begin(incidentId, `page-answer#${sha256(responseUrl)}`);
  } catch {
    return true;
  }
}

type Making = Omit<PageParts, 'apiUrl' | 'timeoutMs'>;

async function incidentAnswer(id: string, { store, pages, render }: Making): Promise<string> {
  const history = await store.history(id);
  if (history === undefined)
    return `${escapeMrkdwn(id)} is not known here any more, so there is no page of it.`;
  const link = await pages.publish(id, render(history, await pages.latencyOf()));
  return `${linkTo(link, `Open the page of ${escapeMrkdwn(id)}`)}. The link works for ten minutes, for whoever has it: it shows addresses of the network. Click again for a newer one.`;
}

async function fleetAnswer({ pages, renderFleet }: Making): Promise<string> {
  const html = await renderFleet();
  if (html === undefined) return NO_SWEEP;
  const link = await pages.publish('fleet', html);
  return `${linkTo(link, 'Open the page of the fleet')}. The link works for ten minutes, for whoever has it: it shows loads and limits of all nodes. Click again for a newer one.`;
}

const linkTo = (link: string, words: string): string => `<${link.replaceAll('&', '&amp;')}|${words}>`;
