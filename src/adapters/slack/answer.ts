import type { Block } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { ChannelBusyError } from '../../core/errors.ts';
import type { DiagnoseRequest } from '../../slack/diagnose/request.ts';
import type { MarkdownMessage } from '../../slack/markdown-message.ts';
import { SlackAnswerError } from '../errors.ts';
import type { Pace } from '../waiting/pace.ts';
import { heard } from './heard.ts';

/** Slack's answers to an app that may not post into a channel (docs.slack.dev, chat.postMessage). */
const MAY_NOT_POST = new Set([
  'not_in_channel',
  'channel_not_found',
  'is_archived',
  'restricted_action',
  'thread_not_found',
]);
/** Where Slack takes answers to what a person did. */
const SLACK_RESPONSES = 'https://hooks.slack.com';
const BUSY = 'So much is being said in this channel that only you see this.';
const NOT_HERE =
  'I am not in this channel, so only you see this. Invite me, and the next answer goes into the thread.';

/** How an answer is given. */
export interface AnswerAccess {
  /** Told to reject what Slack wants later: the person gets the answer instead. */
  readonly client: WebClient;
  /** Another address of Slack's Web API than Slack's own: answers go to that server, too. */
  readonly apiUrl: string | undefined;
  readonly timeoutMs: number;
  /** The turns that all functions take at speaking. */
  readonly pace: Pace;
}

/**
 * Posts messages into the thread of a message; where the app may not post, or not now, they go to the person who asked and to nobody
 * else.
 */
export async function postAnswer(
  { channel, thread, responseUrl }: DiagnoseRequest,
  messages: readonly MarkdownMessage[],
  { client, apiUrl, timeoutMs, pace }: AnswerAccess,
): Promise<'thread' | 'person'> {
  let isBusy = false;
  try {
    for (const { text, blocks } of messages) {
      await pace.turn('post', channel);
      await heard(
        client.chat.postMessage({ channel, thread_ts: thread, text, blocks: [...blocks] as Block[] }),
        pace,
        { call: 'post', channel },
      );
    }
    return 'thread';
  } catch (error) {
    isBusy = error instanceof ChannelBusyError;
    if (!isBusy && !MAY_NOT_POST.has(codeOf(error))) throw error;
  }
  for (const [index, { text, blocks }] of messages.entries()) {
    const said = index === 0 ? [{ type: 'markdown', text: isBusy ? BUSY : NOT_HERE }, ...blocks] : blocks;
    await answerPerson(responseUrl, { text, blocks: said }, { apiUrl, timeoutMs });
  }
  return 'person';
}

/**
 * Says something to the person alone who clicked or typed.
 * @throws SlackAnswerError when the address is not one of Slack's, or Slack did not take it
 */
export async function answerPerson(
  responseUrl: string,
  said: { readonly text: string; readonly blocks?: readonly object[] },
  { apiUrl, timeoutMs }: Pick<AnswerAccess, 'apiUrl' | 'timeoutMs'>,
): Promise<void> {
  const origin = apiUrl === undefined ? SLACK_RESPONSES : new URL(apiUrl).origin;
  if (!URL.canParse(responseUrl) || new URL(responseUrl).origin !== origin)
    throw new SlackAnswerError('Slack named an address for answers that is not its own, so none was given.');
  const response = await fetch(responseUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...said }),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new SlackAnswerError(`Slack took no answer (status ${response.status}).`);
}

function codeOf(error: unknown): string {
  const { data } = error as { data?: { error?: unknown } };
  return typeof data?.error === 'string' ? data.error : '';
}
