import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { jsonOrNothing } from '../../src/core/json.ts';
import {
  BadRequestError,
  type LocalServer,
  listenLocally,
  readBody,
  readJson,
  urlOf,
} from '../http-server.ts';
import { Attachment, Block } from './block-schema.ts';
import { streamEvents } from './events.ts';
import { sendIncidentPage } from './incident-pages.ts';
import {
  blockActionsPayload,
  type Click,
  type Delivery,
  messageActionPayload,
  sendSigned,
  sendSignedForm,
  slashCommandFields,
} from './interactions.ts';
import { RateLimits } from './limits.ts';
import { renderPage } from './page.ts';
import { PEOPLE, type Person } from './people.ts';
import { answerGuide, answerSay, answerShortcut, readFromPage, sendFile } from './people-actions.ts';
import { type LocalSlack, type Site, type SlackOptions, send } from './site.ts';
import { takeUpload } from './uploads.ts';
import { callWebApi } from './web-api.ts';
import { type Message, Workspace } from './workspace.ts';

const ClickRequest = z.object({
  as: z.string(),
  ts: z.string(),
  blockId: z.string(),
  actionId: z.string(),
  option: z.number().int().optional(),
  tab: z.string().max(100).optional(),
});

const ResponseUrlBody = z.object({
  text: z.string().default(''),
  blocks: z.array(Block).default([]),
  attachments: z.array(Attachment).default([]),
  response_type: z.enum(['ephemeral', 'in_channel']).default('ephemeral'),
  replace_original: z.boolean().default(false),
  thread_ts: z.string().optional(),
});

/** What an app answers to a slash command at once. */
const CommandAnswer = z.object({
  text: z.string().default(''),
  response_type: z.enum(['ephemeral', 'in_channel']).default('ephemeral'),
});

const STATIC: Readonly<Record<string, string>> = {
  '/page.css': 'text/css; charset=utf-8',
  '/blocks.css': 'text/css; charset=utf-8',
  '/page.js': 'text/javascript; charset=utf-8',
};

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export type { LocalSlack } from './site.ts';

/** Starts Slack on this machine: the Web API for the app and a page for people. */
export async function startSlack(options: SlackOptions): Promise<LocalSlack> {
  const workspace = new Workspace();
  const limits = new RateLimits(options.secondMs ?? 1000);
  const streams = new Set<ServerResponse>();
  const server: LocalServer = await listenLocally(async (request, response) => {
    await route(request, response, { options, workspace, limits, click, say, diagnose, streams });
  }, options.port);

  async function click(person: Person, where: Click): Promise<Delivery> {
    const payload = blockActionsPayload(workspace, person, where, `${server.url}/respond`);
    if (payload === undefined) throw new Error('That button is not on the message any more.');
    const url = options.interactivityUrl();
    if (url === undefined) throw new Error('The app is not running yet.');
    return await sendSigned(url, options.signingSecret, payload, options.patienceMs);
  }

  function say(person: Person, text: string, files: Readonly<Record<string, string | Buffer>> = {}): Message {
    const shared = Object.entries(files).map(([name, content]) => ({
      id: `F${randomBytes(5).toString('hex').toUpperCase()}`,
      name,
      bytes: Buffer.from(content),
    }));
    return workspace.post({ text, blocks: [], attachments: [] }, { by: person, files: shared });
  }

  async function diagnose(person: Person, ts: string): Promise<Delivery> {
    const payload = messageActionPayload(workspace, person, ts, server.url);
    if (payload === undefined) throw new Error('That message is not there any more.');
    const url = options.interactivityUrl();
    if (url === undefined) throw new Error('The app is not running yet.');
    return await sendSigned(url, options.signingSecret, payload, options.patienceMs);
  }

  async function command(person: Person, text: string): Promise<Delivery> {
    const url = options.interactivityUrl();
    if (url === undefined) throw new Error('The app is not running yet.');
    const responseUrl = `${server.url}/respond/unused`;
    const fields = slashCommandFields(person, '/medic', text, responseUrl);
    const delivery = await sendSignedForm(url, options.signingSecret, fields, options.patienceMs);
    const answer = CommandAnswer.safeParse(jsonOrNothing(delivery.body));
    if (delivery.status === 200 && answer.success && answer.data.text !== '') {
      const onlyFor = answer.data.response_type === 'ephemeral' ? person.id : undefined;
      workspace.post({ text: answer.data.text, blocks: [], attachments: [] }, { onlyFor });
    }
    return delivery;
  }

  return {
    url: server.url,
    apiUrl: `${server.url}/api/`,
    workspace,
    refusedCalls: () => limits.refused,
    click,
    say,
    diagnose,
    command,
    close: async () => {
      // A stream that is cut off is an error in the browser's console; one that ends is none.
      for (const stream of streams) stream.end();
      await server.close();
    },
  };
}

async function route(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  const url = urlOf(request);
  if (request.method === 'POST' && url.pathname.startsWith('/api/'))
    return answerApi(request, response, url, site);
  if (request.method === 'POST' && url.pathname.startsWith('/upload/'))
    return takeUpload(request, response, url, site);
  if (request.method === 'POST' && url.pathname.startsWith('/respond/'))
    return answerResponseUrl(request, response, url, site);
  if (request.method === 'POST' && url.pathname === '/click') return answerClick(request, response, site);
  if (request.method === 'POST' && url.pathname === '/say') return answerSay(request, response, site);
  if (request.method === 'POST' && url.pathname === '/shortcut')
    return answerShortcut(request, response, site);
  if (request.method === 'POST' && url.pathname === '/guide') return answerGuide(request, response, site);
  if (request.method === 'GET' && url.pathname.startsWith('/files/'))
    return sendFile(request, response, url, site);
  if (request.method === 'GET' && url.pathname.startsWith('/pages/'))
    return sendIncidentPage(response, url.pathname.slice('/pages/'.length), site);
  const type = STATIC[url.pathname];
  if (request.method === 'GET' && type !== undefined) {
    response.setHeader('content-type', type);
    response.end(await readFile(new URL(`.${url.pathname}`, import.meta.url)));
    return;
  }
  const viewer = PEOPLE.find(({ id }) => id === url.searchParams.get('as')) ?? PEOPLE[0];
  if (request.method === 'GET' && viewer !== undefined && url.pathname === '/events') {
    return streamEvents(response, { viewer, tab: url.searchParams.get('tab') ?? '' }, site);
  }
  if (request.method === 'GET' && viewer !== undefined && url.pathname === '/') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
    response.setHeader('cache-control', 'no-store');
    response.end(renderPage(site.workspace, viewer, site.options));
    return;
  }
  send(response, 404, 'There is nothing here.');
}

async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  site: Site,
): Promise<void> {
  const method = url.pathname.slice('/api/'.length);
  const body = (await readBody(request)).toString('utf8');
  const isJson = (request.headers['content-type'] ?? '').startsWith('application/json');
  const fields: Record<string, string> = isJson
    ? jsonFields(body)
    : Object.fromEntries(new URLSearchParams(body));
  if (site.options.isAway?.(method, fields) === true) return send(response, 503, 'Service Unavailable');
  const token = request.headers.authorization ?? fields['token'] ?? '';
  const retryAfter = site.limits.refuse(method, fields['channel'] ?? '', Date.now());
  if (retryAfter !== undefined) {
    response.writeHead(429, {
      'content-type': 'application/json; charset=utf-8',
      'retry-after': String(retryAfter),
    });
    response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
    return;
  }
  const answer = callWebApi(site.workspace, method, token, site.options.botToken, {
    ...fields,
    // Slack's own addresses of uploads are absolute.
    ...(method === 'files.getUploadURLExternal' && { origin: `http://${request.headers.host ?? ''}` }),
  });
  response.setHeader('content-type', 'application/json; charset=utf-8');
  // Slack tells a token's scopes with every answer to it.
  if (answer.ok) response.setHeader('x-oauth-scopes', site.workspace.installation.scopes.join(','));
  response.end(JSON.stringify(answer));
}

/** Slack takes JSON bodies too; their nested values are what forms carry as JSON text. */
function jsonFields(body: string): Record<string, string> {
  const { data: fields, success } = z.record(z.string(), z.unknown()).safeParse(jsonOrNothing(body));
  if (!success) throw new BadRequestError('The arguments of a method are one JSON object.');
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

async function answerResponseUrl(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  site: Site,
): Promise<void> {
  const target = site.workspace.useResponseUrl(url.pathname.slice('/respond/'.length));
  if (target === undefined) return send(response, 404, 'used_url');
  const said = await readJson(request, ResponseUrlBody, 'This is no message as apps send them.');
  if (said.replace_original) site.workspace.edit(target.message, said);
  else {
    const onlyFor = said.response_type === 'ephemeral' ? target.userId : undefined;
    site.workspace.post(said, { onlyFor, threadTs: said.thread_ts, answers: target.message.ts });
  }
  send(response, 200, 'ok');
}

async function answerClick(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  const {
    as: _as,
    person,
    ...click
  } = await readFromPage(
    request,
    ClickRequest,
    'This is no click as the page sends them, so nothing was done; load the page again.',
  );
  try {
    const { status, body } = await site.click(person, click);
    if (status === 200) send(response, 200, 'ok');
    else send(response, 502, `The app answered the click with ${status}: ${body.slice(0, 200)}`);
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    const why = error instanceof Error ? error.message : String(error);
    send(response, 502, isLate ? 'The app did not answer within three seconds.' : why);
  }
}
