import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { readJson } from '../http-server.ts';
import { PEOPLE } from './people.ts';
import { type Site, send } from './site.ts';

const SayRequest = z.object({ as: z.string(), text: z.string().min(1).max(40_000) });
const ShortcutRequest = z.object({ as: z.string(), ts: z.string() });

/** Puts a message of the viewer into the channel. */
export async function answerSay(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
): Promise<void> {
  if (!request.headers['content-type']?.startsWith('application/json'))
    return send(response, 415, 'JSON only.');
  const { as, text } = await readJson(request, SayRequest, 'This is no message as the page sends them.');
  const person = PEOPLE.find(({ id }) => id === as);
  if (person === undefined) return send(response, 404, 'There is no such person.');
  site.say(person, escaped(text));
  send(response, 200, 'ok');
}

/** Uses the app's shortcut on a message. */
export async function answerShortcut(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
): Promise<void> {
  if (!request.headers['content-type']?.startsWith('application/json'))
    return send(response, 415, 'JSON only.');
  const { as, ts } = await readJson(request, ShortcutRequest, 'This is no shortcut as the page uses them.');
  const person = PEOPLE.find(({ id }) => id === as);
  if (person === undefined) return send(response, 404, 'There is no such person.');
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

/** Slack writes three characters of what a person types as entities. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
