import type { Block, MessageAttachment } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { cardOf } from '../core/card/card.ts';
import type { Catalogue } from '../core/diagnosis/signature.ts';
import type { Clock, Notifier, Runbook } from '../core/ports.ts';
import type { Incident } from '../core/record/incident.ts';
import { cut, escapeMrkdwn } from '../slack/block-text.ts';
import { cardMessage } from '../slack/card-blocks.ts';
import { runbookMessages } from '../slack/runbook-message.ts';
import { CardAddressUnknownError, CardMissingError } from './errors.ts';

const NOTE_MAX_CHARS = 2000;

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

  async showCard(incident: Incident): Promise<{ channel: string; message: string }> {
    const { text, attachments } = cardMessage(cardOf(incident, this.catalogue, this.clock.now()));
    const content = { text, attachments: [...attachments] as MessageAttachment[] };
    const { card, id } = incident.head;
    if (card !== undefined) {
      await this.client.chat.update({ channel: card.channel, ts: card.message, ...content });
      return card;
    }
    const posted = await this.client.chat.postMessage({ channel: this.channel, ...content });
    if (posted.ts === undefined || posted.channel === undefined) {
      throw new CardAddressUnknownError(
        `Slack took the card of ${id} without saying where it stands; look into the channel.`,
      );
    }
    return { channel: posted.channel, message: posted.ts };
  }

  async postRunbook(incident: Incident, runbook: Runbook): Promise<void> {
    for (const { text, blocks } of runbookMessages(runbook)) {
      await this.client.chat.postMessage({ ...thread(incident), text, blocks: [...blocks] as Block[] });
    }
  }

  async postNote(incident: Incident, text: string): Promise<void> {
    await this.client.chat.postMessage({
      ...thread(incident),
      text: cut(escapeMrkdwn(text), NOTE_MAX_CHARS),
    });
  }
}

function thread({ head: { id, card } }: Incident): { channel: string; thread_ts: string } {
  if (card === undefined)
    throw new CardMissingError(`${id} has no card yet, so there is no thread to write into.`);
  return { channel: card.channel, thread_ts: card.message };
}
