import type { Block, MessageAttachment } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { cardOf } from '../core/card/card.ts';
import type { Catalogue } from '../core/diagnosis/signature.ts';
import type { Clock, Notifier, Runbook, Saying } from '../core/ports.ts';
import type { Incident, IncidentHead } from '../core/record/incident.ts';
import { cut, escapeMrkdwn } from '../slack/block-text.ts';
import { cardMessage } from '../slack/card-blocks.ts';
import { runbookMessages } from '../slack/runbook-message.ts';
import { CardAddressUnknownError, CardMissingError } from './errors.ts';
import { findOwnMessage, metadataOf } from './slack-own-messages.ts';

const NOTE_MAX_CHARS = 2000;
/** How far Slack's clock and ours may be apart, in seconds. */
const CLOCKS_APART = 60;
/** The mark of the card among the messages of its incident. */
const CARD_KEY = 'card';

/** Shows incidents in one Slack channel: one message each, edited in place, and a thread under it. */
export class SlackNotifier implements Notifier {
  private readonly client: WebClient;
  private readonly channel: string;
  private readonly clock: Clock;
  private readonly catalogue: Catalogue;

  constructor(client: WebClient, channel: string, clock: Clock, catalogue: Catalogue) {
    this.client = client;
    this.channel = channel;
    this.clock = clock;
    this.catalogue = catalogue;
  }

  async showCard(incident: Incident, isRepeat: boolean): Promise<{ channel: string; message: string }> {
    const { text, attachments } = cardMessage(cardOf(incident, this.catalogue, this.clock.now()));
    const content = { text, attachments: [...attachments] as MessageAttachment[] };
    const { id } = incident.head;
    const card = incident.head.card ?? (isRepeat ? await this.findCard(incident) : undefined);
    if (card !== undefined) {
      await this.client.chat.update({ channel: card.channel, ts: card.message, ...content });
      return card;
    }
    const posted = await this.client.chat.postMessage({
      channel: this.channel,
      metadata: metadataOf({ incident: id, key: CARD_KEY }),
      ...content,
    });
    if (posted.ts === undefined || posted.channel === undefined) {
      throw new CardAddressUnknownError(
        `Slack took the card of ${id} without saying where it stands; look into the channel.`,
      );
    }
    return { channel: posted.channel, message: posted.ts };
  }

  async postRunbook(incident: Incident, runbook: Runbook, { key, isRepeat }: Saying): Promise<void> {
    for (const [index, { text, blocks }] of runbookMessages(runbook).entries()) {
      const content = { text, blocks: [...blocks] as Block[] };
      await this.reply(incident, content, { key: `${key}.${index + 1}`, isRepeat });
    }
  }

  async postNote(incident: Incident, text: string, saying: Saying): Promise<void> {
    await this.reply(incident, { text: cut(escapeMrkdwn(text), NOTE_MAX_CHARS) }, saying);
  }

  private async reply(
    incident: Incident,
    content: { readonly text: string; readonly blocks?: Block[] },
    { key, isRepeat }: Saying,
  ): Promise<void> {
    const { channel, thread_ts: parent } = thread(incident);
    const mark = { incident: incident.head.id, key };
    const said = isRepeat ? await findOwnMessage(this.client, mark, { channel, thread: parent }) : undefined;
    if (said !== undefined) return;
    await this.client.chat.postMessage({
      channel,
      thread_ts: parent,
      metadata: metadataOf(mark),
      ...content,
    });
  }

  private async findCard({ head: { id, openedAt } }: Incident): Promise<IncidentHead['card']> {
    const oldest = Math.floor(Date.parse(openedAt) / 1000) - CLOCKS_APART;
    const mark = { incident: id, key: CARD_KEY };
    const message = await findOwnMessage(this.client, mark, { channel: this.channel, oldest });
    return message === undefined ? undefined : { channel: this.channel, message };
  }
}

function thread({ head: { id, card } }: Incident): { channel: string; thread_ts: string } {
  if (card === undefined)
    throw new CardMissingError(`${id} has no card yet, so there is no thread to write into.`);
  return { channel: card.channel, thread_ts: card.message };
}
