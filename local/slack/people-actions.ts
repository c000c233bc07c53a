import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { escapeEntities } from '../../src/slack/block-text.ts';
import { BadRequestError, readJson } from '../http-server.ts';
import { PEOPLE, type Person } from './people.ts';
import { type Site, send } from './site.ts';

const SharedFile = z.object({ name: z.string().min(1).max(255), base64: z.base64() });
const SayRequest = z
  .object({
    as: z.string(),
    text: z.string().max(40_000),
    files: z.array(SharedFile).max(10).default([]),
  })
  .refine(({ text, files }) => text !== '' || files.length > 0);
const ShortcutRequest = z.object({ as: z.string(), ts: z.string() });
const GuideRequest = z.discriminatedUnion('deed', [
  z.object({ as: z.string(), deed: z.literal('end-load') }),
  z.object({ as: z.string(), deed: z.literal('start'), scenario: z.string() }),
]);

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
  const { person, text, files } = await readFromPage(
    request,
    SayRequest,
    'This is no message as the page sends them.',
  );
  const shared = files.map(({ name, base64 }) => [name, Buffer.from(base64, 'base64')] as const);
  // Slack writes three characters of what a person types as entities.
  site.say(person, escapeEntities(text), Object.fromEntries(shared));
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

/** Has the demo do what its guide offers. */
export async function answerGuide(
  request: IncomingMessage,
  response: ServerResponse,
  { options: { guide } }: Site,
): Promise<void> {
  const asked = await readFromPage(request, GuideRequest, 'This is nothing that the guide of a demo offers.');
  if (guide === undefined) return send(response, 404, 'Nobody leads through this workspace.');
  const refusal = asked.deed === 'end-load' ? await guide.endLoad() : guide.start(asked.scenario);
  if (refusal === undefined) send(response, 200, 'ok');
  else send(response, 409, refusal);
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
