import type { Block } from '@slack/types';
import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { cardOf } from '../core/card/card.ts';
import type { Catalogue } from '../core/diagnosis/signature.ts';
import { CardGoneError } from '../core/errors.ts';
import { isWarning } from '../core/incident/warning-alarm.ts';
import type { IsRepeat, Notifier, Runbook, Saying } from '../core/notifier.ts';
import type { Clock } from '../core/ports.ts';
import type { Incident, IncidentHead } from '../core/record/incident.ts';
import { NOTE_MAX_CHARS } from '../core/record/said/missing.ts';
import type { SynTrace } from '../core/record/traced/order.ts';
import { cut, escapeMrkdwn } from '../slack/block-text.ts';
import { cardMessage } from '../slack/card/blocks.ts';
import { withLocalTimes } from '../slack/card/local-times.ts';
import { runbookMessages } from '../slack/runbook/message.ts';
import { CardAddressUnknownError, CardMissingError } from './errors.ts';
import { heard } from './slack/heard.ts';
import { findOwnMessage, metadataOf } from './slack/own-messages.ts';
import { type DrawTrace, NO_PICTURES, shareTracePictures } from './slack/trace-pictures.ts';
import type { Pace } from './waiting/pace.ts';

/** How far Slack's clock and ours may be apart, in seconds. */
const CLOCKS_APART = 60;
/** The mark of the card among the messages of its incident. */
const CARD_KEY = 'card';
/** The mark of what is said in place of pictures. */
const NO_PICTURES_KEY = 'no-pictures';

/** Shows incidents in Slack channels: one message each, edited in place, and a thread under it; no faster than Slack takes it. */
export class SlackNotifier implements Notifier {
  private readonly client: WebClient;
  private readonly channel: string;
  private readonly warningChannel: string;
  private readonly clock: Clock;
  private readonly catalogue: Catalogue;
  private readonly pace: Pace;
  private readonly draw: DrawTrace | undefined;

  /**
   * @param warningChannel of what is foreseen and has not happened; left out, that stands among the others
   * @param draw draws what a trace found; left out, that is said in words alone
   */
  constructor(
    client: WebClient,
    channel: string,
    clock: Clock,
    catalogue: Catalogue,
    pace: Pace,
    warningChannel: string = channel,
    draw?: DrawTrace,
  ) {
    this.draw = draw;
    this.client = client;
    this.channel = channel;
    this.warningChannel = warningChannel;
    this.clock = clock;
    this.catalogue = catalogue;
    this.pace = pace;
  }

  async showCard(incident: Incident, isRepeat: IsRepeat): Promise<{ channel: string; message: string }> {
    const { text, blocks } = cardMessage(cardOf(incident, this.catalogue, this.clock.now()));
    // What an older version has posted stands in an attachment, which stays in an edited message unless it is taken away.
    const content = { text, blocks: [...blocks] as Block[], attachments: [] };
    const { id, card } = incident.head;
    if (card !== undefined) {
      await this.edit(card, content).catch((cause: unknown) => {
        if (!isGone(cause)) throw cause;
        throw new CardGoneError(`Somebody has deleted the card of ${id} in Slack.`, { cause });
      });
      return card;
    }
    const channel = this.channelOf(incident);
    await this.pace.turn('post', channel);
    const found = (await isRepeat()) ? await this.findCard(incident) : undefined;
    if (found !== undefined) {
      await this.edit(found, content);
      return found;
    }
    const metadata = metadataOf({ incident: id, key: CARD_KEY });
    const posted = await heard(this.client.chat.postMessage({ channel, metadata, ...content }), this.pace, {
      call: 'post',
      channel,
    });
    if (posted.ts === undefined || posted.channel === undefined) {
      throw new CardAddressUnknownError(
        `Slack took the card of ${id} without saying where it stands; look into the channel.`,
      );
    }
    return { channel: posted.channel, message: posted.ts };
  }

  async postRunbook(incident: Incident, runbook: Runbook, { key, isRepeat }: Saying): Promise<void> {
    for (const [index, { text, blocks, figures }] of runbookMessages(runbook).entries()) {
      const said = { key: `${key}.${index + 1}`, isRepeat };
      try {
        await this.reply(incident, { text, blocks: [...blocks, ...(figures?.own ?? [])] }, said);
      } catch (error) {
        // A workspace that does not know its newest blocks yet takes nothing of the message.
        if (figures === undefined || !isOfBlocks(error)) throw error;
        await this.reply(incident, { text, blocks: [...blocks, figures.plain] }, said);
      }
    }
  }

  async postNote(incident: Incident, text: string, saying: Saying): Promise<void> {
    const said = withLocalTimes(cut(escapeMrkdwn(text), NOTE_MAX_CHARS), this.clock.now());
    await this.reply(incident, { text: said }, saying);
  }

  async postTrace(incident: Incident, trace: SynTrace, text: string, saying: Saying): Promise<void> {
    await this.postNote(incident, text, saying);
    if (this.draw === undefined) return;
    const { client, pace, draw } = this;
    const { channel, thread_ts } = thread(incident);
    const where = { incident: incident.head.id, channel, thread: thread_ts };
    if (await shareTracePictures({ client, pace, draw }, trace, where, saying.isRepeat)) return;
    // Once for an incident, whichever of its traces finds out.
    await this.postNote(incident, NO_PICTURES, { key: NO_PICTURES_KEY, isRepeat: async () => true });
  }

  private async edit(
    { channel, message }: { readonly channel: string; readonly message: string },
    content: { readonly text: string; readonly blocks: Block[]; readonly attachments: never[] },
  ): Promise<void> {
    await this.pace.cardTurn({ channel, message });
    await this.pace.turn('edit', channel);
    await heard(this.client.chat.update({ channel, ts: message, ...content }), this.pace, {
      call: 'edit',
      channel,
    });
  }

  private async reply(
    incident: Incident,
    content: { readonly text: string; readonly blocks?: Block[] },
    { key, isRepeat }: Saying,
  ): Promise<void> {
    const { channel, thread_ts: parent } = thread(incident);
    const mark = { incident: incident.head.id, key };
    await this.pace.turn('post', channel);
    const said = (await isRepeat())
      ? await heard(findOwnMessage(this.client, mark, { channel, thread: parent }), this.pace)
      : undefined;
    if (said !== undefined) return;
    const message = { channel, thread_ts: parent, metadata: metadataOf(mark), ...content };
    await heard(this.client.chat.postMessage(message), this.pace, { call: 'post', channel });
  }

  private channelOf({ head }: Incident): string {
    return isWarning(head.alarm) ? this.warningChannel : this.channel;
  }

  private async findCard(incident: Incident): Promise<IncidentHead['card']> {
    const { id, openedAt } = incident.head;
    const channel = this.channelOf(incident);
    const oldest = Math.floor(Date.parse(openedAt) / 1000) - CLOCKS_APART;
    const mark = { incident: id, key: CARD_KEY };
    const message = await heard(findOwnMessage(this.client, mark, { channel, oldest }), this.pace);
    return message === undefined ? undefined : { channel, message };
  }
}

/** What Slack says of a message that was deleted (docs.slack.dev, errors of chat.update). */
const isGone = (error: unknown): boolean =>
  error instanceof WebAPIPlatformError && error.data.error === 'message_not_found';

/** Whether Slack refused a message for its blocks (docs.slack.dev, chat.postMessage). */
const isOfBlocks = (error: unknown): boolean =>
  error instanceof WebAPIPlatformError && error.data.error.startsWith('invalid_blocks');

function thread({ head: { id, card } }: Incident): { channel: string; thread_ts: string } {
  if (card === undefined)
    throw new CardMissingError(`${id} has no card yet, so there is no thread to write into.`);
  return { channel: card.channel, thread_ts: card.message };
}
