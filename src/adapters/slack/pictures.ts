import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { SlackFileError } from '../errors.ts';

/** An image with the same in words. */
export interface SharedPicture {
  /** The same for every try, and for no other image of the workspace: by it one is found again. */
  readonly name: string;
  readonly title: string;
  /** Read out to who can not see it. */
  readonly alternative: string;
  readonly png: Uint8Array;
}

/** Longest text that Slack takes in an image's place (docs.slack.dev, files.getUploadURLExternal). */
const ALTERNATIVE_CHARS = 1000;

/**
 * Shares an image in a thread, in the three steps that Slack has for it: an address to put it to, the image, and where it is to
 * be seen (docs.slack.dev, "Uploading files"). The address is Slack's own and takes no token.
 *
 * @returns false where the app may not upload files; then nothing was posted
 * @throws SlackFileError where what lies behind the address does not take the image
 */
export async function sharePicture(
  client: WebClient,
  { name, title, alternative, png }: SharedPicture,
  {
    channel,
    thread,
    timeoutMs,
  }: { readonly channel: string; readonly thread: string; readonly timeoutMs: number },
): Promise<boolean> {
  // The SDK's types call it otherwise, and Slack takes it by this name alone.
  const described = { alt_txt: alternative.slice(0, ALTERNATIVE_CHARS) };
  let place: { readonly upload_url?: string; readonly file_id?: string };
  try {
    place = await client.files.getUploadURLExternal({
      filename: name,
      length: png.length,
      ...described,
    });
  } catch (error) {
    if (isMissingScope(error)) return false;
    throw error;
  }
  const { upload_url: address, file_id: id } = place;
  if (address === undefined || id === undefined)
    throw new SlackFileError(`Slack gave no address for ${name}; it is tried again.`);
  await put(address, name, png, timeoutMs);
  await client.files.completeUploadExternal({
    files: [{ id, title }],
    channel_id: channel,
    thread_ts: thread,
  });
  return true;
}

async function put(address: string, name: string, png: Uint8Array, timeoutMs: number): Promise<void> {
  try {
    const { ok, status } = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: Buffer.from(png),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!ok) throw new Error(`it answered ${status}`);
  } catch (cause) {
    throw new SlackFileError(`${name} could not be put to Slack; it is tried again.`, { cause });
  }
}

const isMissingScope = (error: unknown): boolean =>
  error instanceof WebAPIPlatformError && error.data.error === 'missing_scope';
