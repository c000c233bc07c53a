import * as z from 'zod';
import { findLimitViolations, findViewLimitViolations } from '../../src/slack/block-limits.ts';
import { Attachment, Block, View } from './block-schema.ts';
import { messageShape } from './interactions.ts';
import { APP, CHANNEL, PEOPLE, TEAM } from './people.ts';
import { UPLOADS } from './uploads.ts';
import { type Content, isChannel, type Message, type Workspace } from './workspace.ts';

/** An answer of the Web API: HTTP 200 always, the outcome is in `ok`. */
export type ApiAnswer = { readonly ok: boolean; readonly error?: string } & Readonly<Record<string, unknown>>;

/** Slack cuts a message's text at 40,000 characters; longer ones are refused here, so that it shows. */
const TEXT_MAX_CHARS = 40_000;

const json = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

const Said = z.object({
  text: z.string().default(''),
  blocks: json(z.array(Block)).default([]),
  attachments: json(z.array(Attachment)).default([]),
});
const Metadata = z.object({
  event_type: z.string().min(1),
  event_payload: z.record(z.string(), z.unknown()),
});
const Post = Said.extend({
  channel: z.string(),
  thread_ts: z.string().optional(),
  metadata: json(Metadata).optional(),
});
const FLAG = z.enum(['true', 'false', '1', '0']).default('false');
const Page = z.object({
  channel: z.string(),
  oldest: z.coerce.number().default(0),
  limit: z.coerce.number().int().min(1).max(999).default(100),
  cursor: z.string().default(''),
  include_all_metadata: FLAG,
});
const Replies = Page.extend({ ts: z.string() });
/** What an edit does not name stays as it was (docs.slack.dev, chat.update). */
const Update = z.object({
  channel: z.string(),
  ts: z.string(),
  text: z.string().optional(),
  blocks: json(z.array(Block)).optional(),
  attachments: json(z.array(Attachment)).optional(),
});
const Ephemeral = Post.extend({ user: z.string() });
const Open = z.object({ trigger_id: z.string(), view: json(View) });

/**
 * Answers one call of the Slack Web API: the methods that the app uses, with Slack's own error codes.
 * @param authorization the request's header, or its `token` argument
 */
export function callWebApi(
  workspace: Workspace,
  method: string,
  authorization: string,
  botToken: string,
  body: Readonly<Record<string, string>>,
): ApiAnswer {
  const token = authorization.replace(/^Bearer /, '');
  if (token === '') return refuse('not_authed');
  if (token !== botToken) return refuse('invalid_auth');
  const handle = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (handle === undefined) return refuse('unknown_method');
  const { scopes } = workspace.installation;
  const needed = SCOPES_OF[method];
  if (needed !== undefined && !scopes.includes(needed))
    return { ok: false, error: 'missing_scope', needed, provided: scopes.join(',') };
  return handle(workspace, body);
}

/** Scope that a method needs (docs.slack.dev, reference of each method); others need none. */
const SCOPES_OF: Readonly<Record<string, string>> = {
  'conversations.info': 'channels:read',
  'conversations.history': 'channels:history',
  'conversations.replies': 'channels:history',
  'users.info': 'users:read',
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'files.getUploadURLExternal': 'files:write',
  'files.completeUploadExternal': 'files:write',
};

type Method = (workspace: Workspace, body: unknown) => ApiAnswer;

const METHODS: Readonly<Record<string, Method>> = {
  ...UPLOADS,
  'auth.test': () => ({
    ok: true,
    url: `https://${TEAM.domain}.slack.com/`,
    team: TEAM.domain,
    team_id: TEAM.id,
    user: APP.name,
    user_id: APP.userId,
    bot_id: APP.botId,
  }),
  'conversations.info': ({ installation }, body) => {
    const wanted = z.object({ channel: z.string() }).safeParse(body);
    if (!wanted.success) return invalidArguments(wanted.error);
    if (wanted.data.channel !== CHANNEL.id) return refuse('channel_not_found');
    const { id, name } = CHANNEL;
    const { isMember, isArchived } = installation;
    return {
      ok: true,
      channel: {
        id,
        name,
        is_channel: true,
        is_member: isMember,
        is_archived: isArchived,
        is_private: false,
      },
    };
  },
  'conversations.history': (workspace, body) => {
    const wanted = Page.safeParse(body);
    if (!wanted.success) return invalidArguments(wanted.error);
    // Other than a post, this knows a channel by its id alone.
    if (wanted.data.channel !== CHANNEL.id) return refuse('channel_not_found');
    if (!workspace.installation.isMember) return refuse('not_in_channel');
    return pageOf(workspace.channelAs(APP.userId).toReversed(), wanted.data);
  },
  'conversations.replies': (workspace, body) => {
    const wanted = Replies.safeParse(body);
    if (!wanted.success) return invalidArguments(wanted.error);
    if (wanted.data.channel !== CHANNEL.id) return refuse('channel_not_found');
    if (!workspace.installation.isMember) return refuse('not_in_channel');
    const parent = workspace.message(wanted.data.ts);
    if (parent === undefined) return refuse('thread_not_found');
    return pageOf([parent, ...workspace.threadAs(APP.userId, parent.ts)], wanted.data);
  },
  'users.info': ({ installation }, body) => {
    const wanted = z.object({ user: z.string() }).safeParse(body);
    if (!wanted.success) return invalidArguments(wanted.error);
    if (wanted.data.user === APP.userId)
      return { ok: true, user: { id: APP.userId, team_id: TEAM.id, name: APP.name, is_bot: true } };
    const person = PEOPLE.find(({ id }) => id === wanted.data.user);
    if (person === undefined) return refuse('user_not_found');
    const { id, username, name } = person;
    return {
      ok: true,
      user: {
        id,
        team_id: TEAM.id,
        name: username,
        real_name: name,
        deleted: installation.deactivated.includes(id),
        is_bot: false,
      },
    };
  },
  'chat.postMessage': (workspace, body) => {
    const said = Post.safeParse(body);
    if (!said.success) return invalidArguments(said.error);
    const closed = closedTo(workspace, said.data.channel);
    if (closed !== undefined) return refuse(closed);
    const { thread_ts: threadTs } = said.data;
    if (threadTs !== undefined && workspace.message(threadTs) === undefined)
      return refuse('thread_not_found');
    const refusal = refusalOf(workspace, said.data);
    if (refusal !== undefined) return refusal;
    const message = workspace.post(said.data, { threadTs, metadata: said.data.metadata });
    return { ok: true, channel: CHANNEL.id, ts: message.ts, message: messageShape(message) };
  },
  'chat.update': (workspace, body) => {
    const said = Update.safeParse(body);
    if (!said.success) return invalidArguments(said.error);
    const closed = closedTo(workspace, said.data.channel);
    if (closed !== undefined) return refuse(closed);
    const message = workspace.message(said.data.ts);
    if (message === undefined || message.onlyFor !== undefined) return refuse('message_not_found');
    const { text = message.text, blocks = message.blocks, attachments = message.attachments } = said.data;
    const content = { text, blocks, attachments };
    const refusal = refusalOf(workspace, content);
    if (refusal !== undefined) return refusal;
    const edited = workspace.edit(message, content);
    return { ok: true, channel: CHANNEL.id, ts: edited.ts, text: edited.text, message: messageShape(edited) };
  },
  'chat.postEphemeral': (workspace, body) => {
    const said = Ephemeral.safeParse(body);
    if (!said.success) return invalidArguments(said.error);
    const closed = closedTo(workspace, said.data.channel);
    if (closed !== undefined) return refuse(closed);
    if (!PEOPLE.some(({ id }) => id === said.data.user)) return refuse('user_not_in_channel');
    const refusal = refusalOf(workspace, said.data);
    if (refusal !== undefined) return refusal;
    const message = workspace.post(said.data, { threadTs: said.data.thread_ts, onlyFor: said.data.user });
    return { ok: true, message_ts: message.ts };
  },
  'views.open': (workspace, body) => {
    const wanted = Open.safeParse(body);
    if (!wanted.success) return invalidArguments(wanted.error);
    const violations = findViewLimitViolations(wanted.data.view);
    if (violations.length > 0) return refuse('invalid_arguments', violations);
    const opened = workspace.openView(wanted.data.trigger_id, wanted.data.view);
    if ('error' in opened) return refuse(opened.error);
    return { ok: true, view: { id: opened.viewId, team_id: TEAM.id, ...wanted.data.view } };
  },
};

/** A page of messages; the cursor is the place of the first of them. */
function pageOf(
  messages: readonly Message[],
  { oldest, limit, cursor, include_all_metadata: wantsAll }: z.infer<typeof Page>,
): ApiAnswer {
  const inTime = messages.filter(({ ts }) => Number(ts) > oldest);
  const from = Number(cursor);
  const next = from + limit;
  return {
    ok: true,
    messages: inTime.slice(from, next).map((message) => ({
      ...messageShape(message),
      ...(['true', '1'].includes(wantsAll) && { metadata: message.metadata }),
    })),
    has_more: next < inTime.length,
    response_metadata: { next_cursor: next < inTime.length ? String(next) : '' },
  };
}

/** What Slack says to an app that may not write to this channel; undefined when it may. */
function closedTo({ installation }: Workspace, channel: string): string | undefined {
  if (!isChannel(channel)) return 'channel_not_found';
  if (!installation.isMember) return 'not_in_channel';
  return installation.isArchived ? 'is_archived' : undefined;
}

/** What Slack says to an empty or over-limit message; undefined when it is fine. */
function refusalOf({ installation }: Workspace, content: Content): ApiAnswer | undefined {
  if (content.text === '' && content.blocks.length === 0 && content.attachments.length === 0)
    return refuse('no_text');
  if (content.text.length > TEXT_MAX_CHARS) return refuse('msg_too_long');
  if (content.blocks.some(({ type }) => installation.unknownBlocks.includes(type)))
    return refuse('invalid_blocks', ['unsupported type']);
  const violations = findLimitViolations({ blocks: content.blocks, attachments: content.attachments });
  return violations.length > 0 ? refuse('invalid_blocks', violations) : undefined;
}

function invalidArguments(error: z.ZodError): ApiAnswer {
  return refuse('invalid_arguments', [z.prettifyError(error)]);
}

function refuse(error: string, messages: readonly string[] = []): ApiAnswer {
  return { ok: false, error, ...(messages.length > 0 && { response_metadata: { messages } }) };
}
