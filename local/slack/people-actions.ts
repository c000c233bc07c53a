import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { escapeEntities } from '../../src/slack/block-text.ts';
import { BadRequestError, readJson } from '../http-server.ts';
import { PEOPLE, type Person } from './people.ts';
import { type Site, send } from './site.ts';

const SayRequest = z.object({ as: z.string(), text: z.string().min(1).max(40_000) });
const ShortcutRequest = z.object({ as: z.string(), ts: z.string() });

/**
 * What the page sends in the name of its viewer, with who that is.
 * @throws BadRequestError when it is no JSON of this shape, or there is no such person
 */
export async function readFromPage<T extends { readonly as: string }>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  otherwise: string,
): Promise<T & { readonly person: Person }> {
  // A form of a foreign site cannot send this type without asking first, and asking is refused.
  if (!request.headers['content-type']?.startsWith('application/json'))
    throw new BadRequestError('JSON only.', 415);
  const said = await readJson(request, schema, otherwise);
  const person = PEOPLE.find(({ id }) => id === said.as);
  if (person === undefined) throw new BadRequestError('There is no such person.', 404);
  return { ...said, person };
}

/** Puts a message of the viewer into the channel. */
export async function answerSay(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
): Promise<void> {
  const { person, text } = await readFromPage(
    request,
    SayRequest,
    'This is no message as the page sends them.',
  );
  // Slack writes three characters of what a person types as entities.
  site.say(person, escapeEntities(text));
  send(response, 200, 'ok');
}

/** Uses the app's shortcut on a message. */
export async function answerShortcut(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
): Promise<void> {
  const { person, ts } = await readFromPage(
    request,
    ShortcutRequest,
    'This is no shortcut as the page uses them.',
  );
  try {
    const { status } = await site.diagnose(person, ts);
    if (status === 200) send(response, 200, 'ok');
    else send(response, 502, `The app answered the shortcut with ${status}.`);
  } catch (error) {
    send(response, 502, error instanceof Error ? error.message : String(error));
  }
}

/** A file that somebody shared. Who is not the app, or has not the scope, is sent to the page to log in, as Slack does it. */
export function sendFile(request: IncomingMessage, response: ServerResponse, url: URL, site: Site): void {
  const file = site.workspace.file(url.pathname.slice('/files/'.length));
  const isApp = request.headers.authorization === `Bearer ${site.options.botToken}`;
  if (!isApp || !site.workspace.installation.scopes.includes('files:read')) {
    response.writeHead(302, { location: '/?redir=files' });
    response.end();
    return;
  }
  if (file === undefined) return send(response, 404, 'There is no such file.');
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(file.bytes);
}
