import type { ServerResponse } from 'node:http';
import type { Guide } from './guide.ts';
import type { Click, Delivery } from './interactions.ts';
import type { RateLimits } from './limits.ts';
import type { PageLabels } from './page.ts';
import type { Person } from './people.ts';
import type { Message, Workspace } from './workspace.ts';

/** How the workspace is set up. */
export interface SlackOptions {
  readonly botToken: string;
  readonly signingSecret: string;
  /** Where interactions go: the function URL; known only after the Lambda process has started. */
  readonly interactivityUrl: () => string | undefined;
  readonly labels: PageLabels;
  /** What leads through the demo; without it the page shows the channel alone. */
  readonly guide?: Guide | undefined;
  /** Folder of the pages of incidents, where there are any. */
  readonly pages?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** How long the app may take to answer a click or a command, in milliseconds; three seconds unless told. */
  readonly patienceMs?: number;
  /** Length of a second of Slack's limits on how often it may be called, in milliseconds; 1000 unless told. */
  readonly secondMs?: number;
  /** Names the calls of the Web API, by method and arguments, for which it is away; without it none. */
  readonly isAway?: (method: string, fields: Readonly<Record<string, string>>) => boolean;
}

/** The local workspace with its servers. */
export interface LocalSlack {
  /** The page. */
  readonly url: string;
  /** Value for `slackApiUrl`. */
  readonly apiUrl: string;
  readonly workspace: Workspace;
  /** How often the app has been told so far that it called too often. */
  refusedCalls(): number;
  /** Clicks as the page does: the payload is built and signed as Slack does it. Throws when there is no such element. */
  click(person: Person, click: Click): Promise<Delivery>;
  /** Writes a message into the channel as a person, with text files where they are given. */
  say(person: Person, text: string, files?: Readonly<Record<string, string | Buffer>>): Message;
  /** Uses the app's shortcut on a message, as its menu does. Throws when there is no such message. */
  diagnose(person: Person, ts: string): Promise<Delivery>;
  /** Types `/medic TEXT` into the channel; what the app answers appears there, for this person only unless it says otherwise. */
  command(person: Person, text: string): Promise<Delivery>;
  close(): Promise<void>;
}

/** What requests are answered from. */
export interface Site {
  readonly options: SlackOptions;
  readonly workspace: Workspace;
  readonly limits: RateLimits;
  readonly click: LocalSlack['click'];
  readonly say: LocalSlack['say'];
  readonly diagnose: LocalSlack['diagnose'];
  /** What pages that are open listen to. */
  readonly streams: Set<ServerResponse>;
}

/** Answers a request with a line of text. */
export function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}
