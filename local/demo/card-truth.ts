import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { catalogue } from '../../runbooks/index.ts';
import { cardOf } from '../../src/core/card/card.ts';
import { cardMessage } from '../../src/slack/card/blocks.ts';
import { APPROVER } from '../slack/people.ts';
import type { LocalService } from './service.ts';

const POLL_MS = 250;

/**
 * Waits until the channel shows one card of the incident, drawn from its record as that stands, and nothing that belongs to it is
 * missing: what is owed may come late.
 * @throws one sentence when it is not so in time
 */
export async function expectTrueCard(
  service: Pick<LocalService, 'slack' | 'store'>,
  incidentId: string,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const why = await untrueOf(service, incidentId);
    if (why === undefined) return;
    if (Date.now() > deadline) throw new Error(why);
    await sleep(POLL_MS);
  }
}

async function untrueOf(
  { slack, store }: Pick<LocalService, 'slack' | 'store'>,
  incidentId: string,
): Promise<string | undefined> {
  const [incident, view] = [await store.load(incidentId), await store.cardView(incidentId)];
  if (incident === undefined) return `${incidentId} is not in the table.`;
  const cards = slack.workspace
    .channelAs(APPROVER.id)
    .filter(({ metadata }) => metadata?.event_payload['incident'] === incidentId);
  const [card, ...more] = cards;
  if (card === undefined || more.length > 0) return `The channel has ${cards.length} cards of ${incidentId}.`;
  const { text, blocks } = cardMessage(cardOf(incident, catalogue, view?.shownAt ?? Date.now()));
  const isSame = isDeepStrictEqual(
    [card.ts, card.text, plain(card.blocks), card.attachments],
    [incident.head.card?.message, text, plain(blocks), []],
  );
  if (!isSame) return 'The card in the channel does not say what the record says.';
  const missing = (incident.head.missing ?? []).map(({ what }) => what);
  return missing.length === 0 ? undefined : `The incident goes without: ${missing.join(', ')}.`;
}

/** As it is sent; Slack names the blocks that the app has not named. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, part) => (key === 'block_id' ? undefined : part)));
