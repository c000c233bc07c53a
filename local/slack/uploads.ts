import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { jsonOrNothing } from '../../src/core/json.ts';
import { readBody } from '../http-server.ts';
import { CHANNEL } from './people.ts';
import { type Site, send } from './site.ts';
import type { Workspace } from './workspace.ts';

const Announced = z.object({
  filename: z.string().min(1),
  length: z.coerce.number().int().min(1),
  alt_txt: z.string().max(1000).optional(),
  /** Where this workspace is reached. */
  origin: z.string(),
});

const Completed = z.object({
  files: z
    .string()
    .transform(jsonOrNothing)
    .pipe(z.array(z.object({ id: z.string(), title: z.string().optional() })).min(1)),
  channel_id: z.string().optional(),
  thread_ts: z.string().optional(),
  initial_comment: z.string().default(''),
});

type Answer = { readonly ok: boolean } & Readonly<Record<string, unknown>>;

const refuse = (error: string): Answer => ({ ok: false, error });

/** The two methods by which an app shares a file (docs.slack.dev, files.getUploadURLExternal and files.completeUploadExternal). */
export const UPLOADS: Readonly<Record<string, (workspace: Workspace, body: unknown) => Answer>> = {
  'files.getUploadURLExternal': ({ uploads }, body) => {
    const wanted = Announced.safeParse(body);
    if (!wanted.success) return refuse('invalid_arguments');
    const { filename: name, length, alt_txt: alternative, origin } = wanted.data;
    const id = `F${randomBytes(5).toString('hex').toUpperCase()}`;
    uploads.set(id, { name, length, alternative });
    return { ok: true, upload_url: `${origin}/upload/${id}`, file_id: id };
  },
  'files.completeUploadExternal': (workspace, body) => {
    const wanted = Completed.safeParse(body);
    if (!wanted.success) return refuse('invalid_arguments');
    const { files, channel_id: channel, thread_ts: threadTs, initial_comment: text } = wanted.data;
    if (channel !== undefined && channel !== CHANNEL.id) return refuse('channel_not_found');
    if (!workspace.installation.isMember) return refuse('not_in_channel');
    if (threadTs !== undefined && workspace.message(threadTs) === undefined)
      return refuse('thread_not_found');
    const shared = files.flatMap(({ id, title }) => {
      const { name, alternative, bytes } = workspace.uploads.get(id) ?? {};
      return name === undefined || bytes === undefined ? [] : [{ id, name, bytes, title, alternative }];
    });
    if (shared.length < files.length) return refuse('file_not_found');
    for (const { id } of shared) workspace.uploads.delete(id);
    if (channel !== undefined)
      workspace.post({ text, blocks: [], attachments: [] }, { threadTs, files: shared });
    return { ok: true, files: shared.map(({ id, title, name }) => ({ id, title: title ?? name })) };
  },
};

/** Takes the bytes of a file that was announced: as many as were, once. */
export async function takeUpload(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { workspace, options }: Site,
): Promise<void> {
  if (options.isAway?.('upload', {}) === true) return send(response, 503, 'Service Unavailable');
  const upload = workspace.uploads.get(url.pathname.slice('/upload/'.length));
  if (upload === undefined) return send(response, 404, 'There is no such upload.');
  const bytes = await readBody(request);
  if (bytes.length !== upload.length) return send(response, 400, 'Another length was announced.');
  upload.bytes = bytes;
  send(response, 200, `OK - ${bytes.length}`);
}
