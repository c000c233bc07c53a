import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import * as z from 'zod';

/** What marks our messages for ourselves; nobody sees it in the channel (docs.slack.dev, message metadata). */
const EVENT_TYPE = 'conntrack_medic';
/** Messages asked for at once, and pages before it is given up: a thousand messages since the incident was opened. */
const PAGE_MESSAGES = 200;
const PAGES_MOST = 5;

/** The place of a message among all that an incident says. */
export interface OwnMark {
  readonly incident: string;
  /** Which of its messages it is: the same for every try to post it. */
  readonly key: string;
}

const Found = z.object({
  ts: z.string(),
  bot_id: z.string(),
  metadata: z.object({
    event_type: z.literal(EVENT_TYPE),
    event_payload: z.object({ incident: z.string(), key: z.string() }),
  }),
});

/** The mark as what a message carries. */
export const metadataOf = ({ incident, key }: OwnMark) => ({
  event_type: EVENT_TYPE,
  event_payload: { incident, key },
});

/**
 * Finds the oldest message of ours with this mark: in a thread, or in the channel since some time.
 *
 * @param where - a thread by its parent's `ts`, or the channel since `oldest`, seconds since the Unix epoch
 * @returns its `ts`; nothing where there is none, or where Slack does not let us look, as without the scope for it
 */
export async function findOwnMessage(
  client: WebClient,
  { incident, key }: OwnMark,
  where: { readonly channel: string } & ({ readonly thread: string } | { readonly oldest: number }),
): Promise<string | undefined> {
  try {
    // Others can write what they like into what a message carries, and only its author may edit it.
    const { bot_id: self } = await client.auth.test();
    const found: string[] = [];
    for await (const message of messagesOf(client, where)) {
      const { data: own } = Found.safeParse(message);
      if (own === undefined || own.bot_id !== self) continue;
      const { event_payload: mark } = own.metadata;
      if (mark.incident === incident && mark.key === key) found.push(own.ts);
    }
    return found.toSorted()[0];
  } catch (error) {
    if (error instanceof WebAPIPlatformError) return undefined;
    throw error;
  }
}

const WithFiles = z.object({
  user: z.string().optional(),
  bot_id: z.string().optional(),
  files: z.array(z.object({ name: z.string() })),
});

/**
 * Whether a file of ours with this name was shared in a thread: what is uploaded carries no mark of its own. False where Slack does
 * not let us look.
 */
export async function hasOwnFile(
  client: WebClient,
  name: string,
  where: { readonly channel: string; readonly thread: string },
): Promise<boolean> {
  try {
    const { bot_id: bot, user_id: user } = await client.auth.test();
    for await (const message of messagesOf(client, where)) {
      const { data: shared } = WithFiles.safeParse(message);
      if (shared === undefined || (shared.user !== user && shared.bot_id !== bot)) continue;
      if (shared.files.some((file) => file.name === name)) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof WebAPIPlatformError) return false;
    throw error;
  }
}

async function* messagesOf(
  client: WebClient,
  { channel, ...where }: Parameters<typeof findOwnMessage>[2],
): AsyncGenerator {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MOST; page++) {
    const ask = {
      channel,
      include_all_metadata: true,
      limit: PAGE_MESSAGES,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const { messages = [], response_metadata: next } =
      'thread' in where
        ? await client.conversations.replies({ ...ask, ts: where.thread })
        : await client.conversations.history({ ...ask, oldest: String(where.oldest) });
    yield* messages;
    cursor = next?.next_cursor;
    if (cursor === undefined || cursor === '') return;
  }
}
