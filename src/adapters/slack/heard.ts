import { WebAPIRateLimitedError } from '@slack/web-api';
import { ChannelBusyError } from '../../core/errors.ts';
import type { Pace, PacedCall } from '../waiting/pace.ts';

/**
 * Waits for what Slack answers. Where it says that this was one call too many, no function makes another one of the kind for as
 * long as Slack says: a channel is held by the name by which turns are taken in it.
 *
 * @param held which calls are held; looking into a channel is held by nobody
 * @throws ChannelBusyError where Slack says that it was one call too many
 */
export async function heard<T>(
  answer: Promise<T>,
  pace: Pick<Pace, 'hold'>,
  held?: { readonly call: PacedCall; readonly channel: string },
): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof WebAPIRateLimitedError)) throw cause;
    const { retryAfter } = cause;
    if (held !== undefined) await pace.hold(held.call, held.channel, retryAfter);
    throw new ChannelBusyError(
      `Slack takes nothing for ${retryAfter} s, so it is said after that.`,
      retryAfter,
      {
        cause,
      },
    );
  }
}
