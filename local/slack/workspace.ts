import { randomBytes } from 'node:crypto';
import { ALL_SCOPES } from '../../src/slack/manifest.ts';
import type { Attachment, Block, View } from './block-schema.ts';
import { CHANNEL, type Person } from './people.ts';

/** What a message says. */
export interface Content {
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly attachments: readonly Attachment[];
}

/** A message in the channel or in a thread. */
export interface Message extends Content {
  /** Seconds with six decimals; a message's id within its channel. */
  readonly ts: string;
  /** Parent message when this is a reply. */
  readonly threadTs: string | undefined;
  /** The only person who sees it, when it is ephemeral. */
  readonly onlyFor: string | undefined;
  /** Id of the message on which somebody clicked whom it answers. */
  readonly answers?: string | undefined;
  readonly isEdited: boolean;
  /** What it carries for the app alone. */
  readonly metadata?: Metadata | undefined;
  /** Another bot that wrote it. */
  readonly botId?: string | undefined;
  /** The person who wrote it, where it was none of the app. */
  readonly by?: Person | undefined;
  readonly files?: readonly SharedFile[] | undefined;
}

/** A file that somebody shared with a message. */
export interface SharedFile {
  readonly id: string;
  readonly name: string;
  readonly bytes: Buffer;
  /** Its heading, and what stands for an image where nobody sees it; of files of the app. */
  readonly title?: string | undefined;
  readonly alternative?: string | undefined;
}

/** A file that an app has announced, and put or not. */
export interface Upload {
  readonly name: string;
  readonly length: number;
  readonly alternative: string | undefined;
  bytes?: Buffer;
}

/** What an app puts into a message for itself (docs.slack.dev, message metadata). */
export interface Metadata {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
}

/** Something the page has to show. */
export type Change =
  | { readonly kind: 'message'; readonly message: Message }
  | {
      readonly kind: 'view';
      readonly userId: string;
      /** The tab that asked for it; undefined when none did, so that every tab of the person shows it. */
      readonly tab: string | undefined;
      readonly viewId: string;
      readonly view: View;
    };

/** What people of a workspace decide about the app and each other; a test changes it while the server runs. */
export interface Installation {
  /** Scopes of the bot token. */
  scopes: readonly string[];
  /** Whether the app is in the channel. */
  isMember: boolean;
  /** Whether the channel is archived. */
  isArchived: boolean;
  /** Ids of people whose account was deactivated. */
  deactivated: readonly string[];
  /** Types of blocks that this workspace does not know yet. */
  unknownBlocks: readonly string[];
}

/** The app is installed with what its manifest asks for, and in the channel. */
export const WELL_INSTALLED: Readonly<Installation> = {
  scopes: [...ALL_SCOPES],
  isMember: true,
  isArchived: false,
  deactivated: [],
  unknownBlocks: [],
};

/** A trigger id opens one modal for one person; Slack lets it live for three seconds. */
const TRIGGER_LIFE_MS = 3000;
/** A response URL can be used five times in thirty minutes. */
const RESPONSE_URL_LIFE_MS = 30 * 60_000;
const RESPONSE_URL_USES = 5;

/** A click on what a message showed before its last edits still reaches the app; so many of them are kept. */
const OLD_VERSIONS = 20;

interface Trigger {
  readonly userId: string;
  readonly tab: string | undefined;
  readonly expiresAt: number;
  isUsed: boolean;
}

interface ResponseUrl {
  readonly userId: string;
  readonly message: Message;
  readonly expiresAt: number;
  usesLeft: number;
}

/** The state of the local workspace: one channel, its messages, open trigger ids. */
export class Workspace {
  readonly installation: Installation = { ...WELL_INSTALLED };
  private readonly messages = new Map<string, Message>();
  private readonly oldVersions = new Map<string, readonly Message[]>();
  private readonly triggers = new Map<string, Trigger>();
  private readonly responseUrls = new Map<string, ResponseUrl>();
  private readonly listeners = new Set<(change: Change) => void>();
  /** Files that are announced and not shared yet, by their ids. */
  readonly uploads = new Map<string, Upload>();
  private lastTs = 0;

  /** @returns a function that ends the subscription */
  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Messages of the channel without replies, oldest first, as one person sees them. */
  channelAs(userId: string): Message[] {
    return [...this.messages.values()].filter(
      ({ threadTs, onlyFor }) => threadTs === undefined && (onlyFor ?? userId) === userId,
    );
  }

  /** Replies under a message as one person sees them. */
  threadAs(userId: string, ts: string): Message[] {
    return [...this.messages.values()].filter(
      ({ threadTs, onlyFor }) => threadTs === ts && (onlyFor ?? userId) === userId,
    );
  }

  message(ts: string): Message | undefined {
    return this.messages.get(ts);
  }

  /** What a message says now and what it said before, newest first: somebody may still look at an older version. */
  versions(ts: string): readonly Message[] {
    const newest = this.messages.get(ts);
    return newest === undefined ? [] : [newest, ...(this.oldVersions.get(ts) ?? [])];
  }

  post(
    content: Content,
    place: {
      threadTs?: string | undefined;
      onlyFor?: string | undefined;
      answers?: string | undefined;
      metadata?: Metadata | undefined;
      botId?: string | undefined;
      by?: Person | undefined;
      files?: readonly SharedFile[] | undefined;
    } = {},
  ): Message {
    // Two messages in one microsecond would have one id.
    this.lastTs = Math.max(this.lastTs + 1, Date.now() * 1000);
    const ts = `${Math.floor(this.lastTs / 1e6)}.${String(this.lastTs % 1e6).padStart(6, '0')}`;
    const { threadTs, onlyFor, answers, metadata, botId, by, files } = place;
    const placed = { ts, threadTs, onlyFor, answers, metadata, botId, by, files };
    return this.keep({ ...withBlockIds(content), ...placed, isEdited: false });
  }

  /** Replaces what a message says. */
  edit(message: Message, content: Content): Message {
    this.oldVersions.set(message.ts, this.versions(message.ts).slice(0, OLD_VERSIONS));
    return this.keep({ ...message, ...withBlockIds(content), isEdited: true });
  }

  /** Takes a message away, as a person may who deletes it. */
  delete(ts: string): void {
    this.messages.delete(ts);
  }

  /** A file by its id, of whichever message. */
  file(id: string): SharedFile | undefined {
    for (const { files = [] } of this.messages.values()) {
      const found = files.find((file) => file.id === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** @param tab - where the person clicked, which alone shows the modal; undefined shows it in all of theirs */
  newTrigger(userId: string, tab?: string): string {
    const id = `${Date.now()}.${randomBytes(6).toString('hex')}`;
    this.triggers.set(id, { userId, tab, expiresAt: Date.now() + TRIGGER_LIFE_MS, isUsed: false });
    return id;
  }

  /** Opens a modal for the person who clicked; otherwise Slack's error code. */
  openView(triggerId: string, view: View): { viewId: string } | { error: string } {
    const trigger = this.triggers.get(triggerId);
    if (trigger === undefined) return { error: 'invalid_trigger_id' };
    if (trigger.isUsed) return { error: 'exchanged_trigger_id' };
    if (Date.now() > trigger.expiresAt) return { error: 'expired_trigger_id' };
    trigger.isUsed = true;
    const viewId = `V${randomBytes(5).toString('hex').toUpperCase()}`;
    this.tell({ kind: 'view', userId: trigger.userId, tab: trigger.tab, viewId, view });
    return { viewId };
  }

  /** The secret part of a response URL for a click on a message. */
  newResponseUrl(userId: string, message: Message): string {
    const id = randomBytes(12).toString('hex');
    const expiresAt = Date.now() + RESPONSE_URL_LIFE_MS;
    this.responseUrls.set(id, { userId, message, expiresAt, usesLeft: RESPONSE_URL_USES });
    return id;
  }

  /** Uses a response URL once; undefined when it is unknown, expired or used up. */
  useResponseUrl(id: string): { userId: string; message: Message } | undefined {
    const url = this.responseUrls.get(id);
    if (url === undefined || url.usesLeft === 0 || Date.now() > url.expiresAt) return undefined;
    url.usesLeft -= 1;
    return { userId: url.userId, message: this.messages.get(url.message.ts) ?? url.message };
  }

  private keep(message: Message): Message {
    this.messages.set(message.ts, message);
    this.tell({ kind: 'message', message });
    return message;
  }

  private tell(change: Change): void {
    for (const listener of this.listeners) listener(change);
  }
}

/** True for the one channel that the app was invited to, by id or by name. */
export function isChannel(channel: string): boolean {
  return channel === CHANNEL.id || channel.replace(/^#/, '') === CHANNEL.name;
}

/** Slack gives every block an id when the app did not. */
function withBlockIds(content: Content): Content {
  const named = (block: Block): Block => ({ block_id: randomBytes(3).toString('hex'), ...block });
  return {
    text: content.text,
    blocks: content.blocks.map(named),
    attachments: content.attachments.map((part) => ({ ...part, blocks: part.blocks.map(named) })),
  };
}
