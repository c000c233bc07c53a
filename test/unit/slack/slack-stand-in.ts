import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SignedRequest } from '../../../src/slack/verify-request.ts';
import { ANA, CARD, TEAM } from '../support/incidents.ts';

export const SIGNING_SECRET = 'f00dfeedf00dfeedf00dfeedf00dfeed';

/** A call that the app made to Slack: a Web API method or a response URL, with its arguments. */
export interface SlackCall {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Slack's Web API and response URLs, as far as clicks use them; it records and says yes. */
export async function startSlackStandIn() {
  const calls: SlackCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const isJson = (request.headers['content-type'] ?? '').startsWith('application/json');
      const body = isJson
        ? (JSON.parse(text) as SlackCall['body'])
        : Object.fromEntries(new URLSearchParams(text));
      calls.push({ path: request.url ?? '', body });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    apiUrl: `${url}/api/`,
    responseUrl: `${url}/response/1`,
    calls,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

export interface RequestOptions {
  readonly contentType?: string;
  readonly base64?: boolean;
  readonly secret?: string;
  /** Negative for a clock that is ahead. */
  readonly ageSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Changes a click before it is signed. */
  readonly payload?: (payload: object) => object;
}

/** A function-URL event as Slack would cause it: signed over the raw body. */
export function signedRequest(body: string, options: RequestOptions = {}): SignedRequest {
  const sentAt = String(Math.floor(Date.now() / 1000) - (options.ageSeconds ?? 0));
  const hmac = createHmac('sha256', options.secret ?? SIGNING_SECRET).update(`v0:${sentAt}:${body}`);
  return {
    headers: {
      'content-type': options.contentType ?? 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': sentAt,
      'x-slack-signature': `v0=${hmac.digest('hex')}`,
      ...options.headers,
    },
    body: options.base64 === true ? Buffer.from(body, 'utf8').toString('base64') : body,
    isBase64Encoded: options.base64 === true,
  };
}

export interface ClickOptions {
  readonly action: string;
  readonly value: unknown;
  readonly user?: { readonly id: string; readonly name: string };
  readonly channel?: string;
  readonly message?: string;
  readonly responseUrl: string;
}

/** A block_actions payload as Slack sends it for a button in an attachment. */
export function clickPayload({
  action,
  value,
  user = ANA,
  channel,
  message,
  responseUrl,
}: ClickOptions): object {
  const place = { channel_id: channel ?? CARD.channel, message_ts: message ?? CARD.message };
  return {
    type: 'block_actions',
    user: { id: user.id, username: user.name, name: user.name, team_id: TEAM },
    api_app_id: 'A0MEDIC01',
    token: 'deprecated',
    container: {
      type: 'message_attachment',
      attachment_id: 1,
      is_app_unfurl: false,
      is_ephemeral: false,
      ...place,
    },
    trigger_id: '1795442521.1.abc',
    team: { id: TEAM, domain: 'example' },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: place.channel_id, name: 'incidents' },
    message: { type: 'message', ts: place.message_ts, text: 'é ✓', attachments: [] },
    state: { values: {} },
    response_url: responseUrl,
    actions: [
      {
        type: 'button',
        action_id: action,
        block_id: 'x',
        text: { type: 'plain_text', text: 'Apply' },
        value: typeof value === 'string' ? value : JSON.stringify(value),
        action_ts: '1795442530.1',
      },
    ],
  };
}

/** The click as an event, form-encoded as interactions are. */
export function clickRequest(click: ClickOptions, options: RequestOptions = {}): SignedRequest {
  const payload = (options.payload ?? ((same) => same))(clickPayload(click));
  return signedRequest(new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), options);
}
