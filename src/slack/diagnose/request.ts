import * as z from 'zod';
import { findForeignTeam } from '../team.ts';

/** Callback id of the message shortcut, in the manifest and in what Slack sends. */
export const DIAGNOSE_SHORTCUT = 'medic.diagnose';

/** A file of a message, as far as it can be fetched. */
const RequestedFile = z.strictObject({
  name: z.string().max(300),
  /** Slack's private address of it; empty where it lies elsewhere or is not given. */
  url: z.string().max(2000),
});

/** What has to be read and answered for one use of the shortcut: the slack function asks for it, the intake does it. */
export const DiagnoseRequest = z.strictObject({
  schema: z.literal('medic.diagnose-request/1'),
  channel: z.string().min(1).max(64),
  /** The message under which the answer goes: the one that was chosen, or the one that its thread belongs to. */
  thread: z.string().min(1).max(64),
  user: z.string().regex(/^[UW][A-Z0-9]{2,32}$/),
  /** Where an answer goes that the app may not post into the channel. */
  responseUrl: z.string().max(2000),
  text: z.string(),
  files: z.array(RequestedFile),
});
export type DiagnoseRequest = z.infer<typeof DiagnoseRequest>;

/** Most files of a message that are read; Slack attaches up to ten at once. */
const FILES_MAX = 10;
/** Above what a message of Slack holds. An asynchronous invocation takes 256 KB in all. */
const TEXT_MAX_CHARS = 60_000;

const teamId = z.string().min(1).max(64);
const File = z.object({
  name: z.string().nullish(),
  title: z.string().nullish(),
  mode: z.string().nullish(),
  is_external: z.boolean().nullish(),
  url_private_download: z.string().nullish(),
  url_private: z.string().nullish(),
});

/** The part of a message_action payload that we use (docs.slack.dev, shortcuts interaction payload). */
const MessageShortcut = z.object({
  type: z.literal('message_action'),
  callback_id: z.string().max(255),
  team: z.object({ id: teamId, enterprise_id: teamId.nullish() }).nullish(),
  enterprise: z.object({ id: teamId }).nullish(),
  user: z.object({ id: z.string().regex(/^[UW][A-Z0-9]{2,32}$/), team_id: teamId.nullish() }),
  channel: z.object({ id: z.string().min(1).max(64) }),
  response_url: z.string().max(2000),
  message: z.object({
    ts: z.string().min(1).max(64),
    thread_ts: z.string().min(1).max(64).nullish(),
    text: z.string().nullish(),
    attachments: z
      .array(z.object({ text: z.string().nullish(), fallback: z.string().nullish() }))
      .nullish()
      .catch([]),
    files: z.array(File).nullish().catch([]),
  }),
});

/**
 * Reads the use of the shortcut out of a payload, or says in one sentence why it is not taken. Whoever can see a message may
 * ask: nothing is changed.
 *
 * @param team the one Slack workspace, or enterprise, that is taken; undefined takes every one
 */
export function readShortcut(payload: unknown, team: string | undefined): DiagnoseRequest | string {
  const parsed = MessageShortcut.safeParse(payload);
  if (!parsed.success || parsed.data.callback_id !== DIAGNOSE_SHORTCUT)
    return 'This is no shortcut that this version knows, so nothing was done.';
  const { message, channel, user, response_url: responseUrl } = parsed.data;
  const foreign = findForeignTeam(team, originOf(parsed.data));
  if (foreign !== undefined) return `This shortcut ${foreign}, so nothing was done.`;
  const attached = (message.attachments ?? []).map(({ text, fallback }) => text ?? fallback ?? '');
  return {
    schema: 'medic.diagnose-request/1',
    channel: channel.id,
    thread: message.thread_ts ?? message.ts,
    user: user.id,
    responseUrl,
    text: [message.text ?? '', ...attached]
      .filter((part) => part !== '')
      .join('\n')
      .slice(0, TEXT_MAX_CHARS),
    files: (message.files ?? [])
      // What is deleted or beyond the plan's limit has no content any more.
      .filter(({ mode }) => mode !== 'tombstone' && mode !== 'hidden_by_limit')
      .slice(0, FILES_MAX)
      .map((file) => ({
        name: (file.name ?? file.title ?? 'a file').slice(0, 300),
        url:
          file.is_external === true
            ? ''
            : (file.url_private_download ?? file.url_private ?? '').slice(0, 2000),
      })),
  };
}

function originOf({ team, enterprise, user }: z.infer<typeof MessageShortcut>) {
  const id = enterprise?.id ?? team?.enterprise_id ?? undefined;
  return {
    team: team?.id ?? '',
    ...(id !== undefined && { enterprise: id }),
    ...(user.team_id != null && { userTeam: user.team_id }),
  };
}
