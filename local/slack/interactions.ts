import { createHmac } from 'node:crypto';
import { DIAGNOSE_SHORTCUT } from '../../src/slack/diagnose/request.ts';
import { Interactive } from './block-schema.ts';
import { APP, CHANNEL, type Person, TEAM } from './people.ts';
import type { Message, Workspace } from './workspace.ts';

/** Where a person clicked. */
export interface Click {
  readonly ts: string;
  readonly blockId: string;
  readonly actionId: string;
  /** Index of the chosen option when the element is a menu. */
  readonly option?: number | undefined;
  /** The tab of the page that a modal is to open in; left out, it opens in every tab of the person. */
  readonly tab?: string | undefined;
}

/**
 * Slack's `block_actions` payload for a click. The element comes out of the stored message, never from the browser: out of
 * an older version of it where the person still looked at that one, as it is with Slack. What such a click means, the app says.
 * @returns undefined when there is no such element in such a message
 */
export function blockActionsPayload(
  workspace: Workspace,
  person: Person,
  click: Click,
  responseUrlBase: string,
): object | undefined {
  const message = workspace.message(click.ts);
  const found = workspace
    .versions(click.ts)
    .map((version) => findElement(version, click))
    .find(Boolean);
  if (message === undefined || found === undefined) return undefined;
  const { element, isInAttachment } = found;
  const option = element.type === 'button' ? undefined : element.options[click.option ?? -1];
  if (element.type !== 'button' && option === undefined) return undefined;
  const actionTs = (Date.now() / 1000).toFixed(6);
  const { confirm: _confirm, ...pressed } =
    element.type === 'button' ? element : { ...element, options: undefined };
  const place = {
    channel_id: CHANNEL.id,
    message_ts: message.ts,
    is_ephemeral: message.onlyFor !== undefined,
  };
  return {
    type: 'block_actions',
    user: { id: person.id, username: person.username, name: person.username, team_id: TEAM.id },
    api_app_id: APP.id,
    token: 'deprecated',
    container: isInAttachment
      ? { type: 'message_attachment', attachment_id: 1, is_app_unfurl: false, ...place }
      : { type: 'message', ...place },
    trigger_id: workspace.newTrigger(person.id, click.tab),
    team: TEAM,
    enterprise: null,
    is_enterprise_install: false,
    channel: CHANNEL,
    message: messageShape(message),
    state: { values: {} },
    response_url: `${responseUrlBase}/${workspace.newResponseUrl(person.id, message)}`,
    actions: [
      {
        ...pressed,
        ...(option && { selected_option: option }),
        block_id: click.blockId,
        action_ts: actionTs,
      },
    ],
  };
}

/**
 * Slack's `message_action` payload for the message shortcut of the app (docs.slack.dev, shortcuts interaction payload).
 * @param origin where files are served
 * @returns undefined when there is no such message
 */
export function messageActionPayload(
  workspace: Workspace,
  person: Person,
  ts: string,
  origin: string,
): object | undefined {
  const message = workspace.message(ts);
  if (message === undefined) return undefined;
  return {
    type: 'message_action',
    callback_id: DIAGNOSE_SHORTCUT,
    token: 'deprecated',
    action_ts: (Date.now() / 1000).toFixed(6),
    message_ts: ts,
    trigger_id: workspace.newTrigger(person.id),
    team: TEAM,
    enterprise: null,
    is_enterprise_install: false,
    user: { id: person.id, name: person.username, username: person.username, team_id: TEAM.id },
    channel: CHANNEL,
    message: messageShape(message, origin),
    response_url: `${origin}/respond/${workspace.newResponseUrl(person.id, message)}`,
  };
}

/** A message as Slack's API and payloads show it. */
export function messageShape(message: Message, origin = ''): object {
  if (message.by !== undefined)
    return {
      type: 'message',
      user: message.by.id,
      team: TEAM.id,
      ts: message.ts,
      text: message.text,
      ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
      files: filesShape(message, origin),
    };
  return {
    type: 'message',
    subtype: 'bot_message',
    bot_id: message.botId ?? APP.botId,
    app_id: APP.id,
    user: APP.userId,
    team: TEAM.id,
    ts: message.ts,
    text: message.text,
    blocks: message.blocks,
    attachments: message.attachments.map((attachment, index) => ({ id: index + 1, ...attachment })),
    ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
    ...(message.isEdited && { edited: { user: APP.botId, ts: message.ts } }),
    ...(message.files !== undefined && { files: filesShape(message, origin) }),
  };
}

const filesShape = ({ files = [] }: Message, origin: string): readonly object[] =>
  files.map(({ id, name, bytes, title, alternative }) => ({
    id,
    name,
    title: title ?? name,
    ...(alternative === undefined ? {} : { alt_txt: alternative }),
    mode: 'hosted',
    is_external: false,
    size: bytes.length,
    url_private: `${origin}/files/${id}`,
    url_private_download: `${origin}/files/${id}`,
  }));

/** What the app answered to a click. */
export interface Delivery {
  readonly status: number;
  readonly body: string;
}

/** What Slack sends when a person types a slash command (docs.slack.dev, implementing slash commands). */
export function slashCommandFields(
  person: Person,
  command: string,
  text: string,
  responseUrl: string,
  channel: { readonly id: string; readonly name: string } = CHANNEL,
): Readonly<Record<string, string>> {
  return {
    token: 'deprecated',
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: person.id,
    user_name: person.username,
    command,
    text,
    api_app_id: APP.id,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: `${Date.now()}.command`,
  };
}

/** After three seconds Slack drops the connection and tells the person that the app did not answer. */
const SLACK_PATIENCE_MS = 3000;

/** POSTs the payload of a click as Slack does. */
export async function sendSigned(
  url: string,
  signingSecret: string,
  payload: object,
  patienceMs?: number,
): Promise<Delivery> {
  return await sendSignedForm(url, signingSecret, { payload: JSON.stringify(payload) }, patienceMs);
}

/** POSTs fields as Slack does: form-encoded, with a timestamp and a version 0 signature over both. */
export async function sendSignedForm(
  url: string,
  signingSecret: string,
  fields: Readonly<Record<string, string>>,
  patienceMs = SLACK_PATIENCE_MS,
): Promise<Delivery> {
  const body = new URLSearchParams(fields).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signatureOf(signingSecret, timestamp, body),
    },
    body,
    signal: AbortSignal.timeout(patienceMs),
  });
  return { status: response.status, body: await response.text() };
}

/** `v0=` and the HMAC-SHA256 of `v0:TIMESTAMP:BODY` (Slack: Verifying requests). */
export function signatureOf(signingSecret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

function findElement(
  message: Message,
  { blockId, actionId }: Click,
): { element: Interactive; isInAttachment: boolean } | undefined {
  const places = [
    ...message.blocks.map((block) => ({ block, isInAttachment: false })),
    ...message.attachments.flatMap(({ blocks }) => blocks.map((block) => ({ block, isInAttachment: true }))),
  ];
  for (const { block, isInAttachment } of places) {
    if (block.block_id !== blockId) continue;
    const candidates = Array.isArray(block['elements']) ? block['elements'] : [block['accessory']];
    for (const candidate of candidates) {
      const element = Interactive.safeParse(candidate);
      if (element.success && element.data.action_id === actionId)
        return { element: element.data, isInAttachment };
    }
  }
  return undefined;
}
