import { SlackFileError } from '../errors.ts';

/** Where Slack keeps the files of its workspaces. */
const SLACK_FILES = 'https://files.slack.com';

/** How files are fetched. */
export interface FileAccess {
  readonly botToken: string;
  /** Another address of Slack's Web API than Slack's own: files are then of that server, too. */
  readonly apiUrl: string | undefined;
  /** How long one file may take, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Fetches one file of a message as text. The token goes to Slack's own host and to no other: an address of another one, and
 * one that leads elsewhere, is not followed.
 *
 * @param mostBytes that it may have
 * @throws SlackFileError with a sentence on why there is no text
 */
export async function fetchSlackFile(
  { name, url }: { readonly name: string; readonly url: string },
  { botToken, apiUrl, timeoutMs }: FileAccess,
  mostBytes: number,
): Promise<Buffer> {
  const origin = apiUrl === undefined ? SLACK_FILES : new URL(apiUrl).origin;
  if (!URL.canParse(url) || new URL(url).origin !== origin || new URL(url).username !== '')
    throw new SlackFileError(`${name} does not lie in this Slack workspace; paste its text.`);
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { authorization: `Bearer ${botToken}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw new SlackFileError(`${name} could not be fetched from Slack; try it again, or paste its text.`, {
      cause,
    });
  }
  // Whoever may not read a file is sent to the page to log in.
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new SlackFileError(
      `${name} may not be read: the app needs files:read (install it again with the newest manifest) and has to be in this channel; or paste its text.`,
    );
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > mostBytes) break;
      chunks.push(Buffer.from(chunk));
    }
  } catch (cause) {
    throw new SlackFileError(`${name} could not be fetched whole; try it again, or paste its text.`, {
      cause,
    });
  }
  if (size > mostBytes)
    throw new SlackFileError(
      `${name} makes it more than ${Math.floor(mostBytes / 2 ** 20)} MiB; give the part that matters.`,
    );
  return Buffer.concat(chunks);
}
