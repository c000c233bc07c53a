import type { WebClient } from '@slack/web-api';
import type { IsRepeat } from '../../core/notifier.ts';
import type { NodeTraced } from '../../core/record/traced/found.ts';
import type { SynTrace } from '../../core/record/traced/order.ts';
import type { Pace } from '../waiting/pace.ts';
import { PATIENT } from '../waiting/patience.ts';
import { heard } from './heard.ts';
import { hasOwnFile } from './own-messages.ts';
import { sharePicture } from './pictures.ts';

/** What a trace found on a node as an image, with the same in words. */
export interface DrawnTrace {
  readonly png: Uint8Array;
  readonly alternative: string;
}

/** Draws what a trace found; nothing where there is nothing to draw, or it could not be drawn. */
export type DrawTrace = (instanceId: string, found: NodeTraced) => Promise<DrawnTrace | undefined>;

/** What is said in place of pictures that may not be shared, and what to do about it. */
export const NO_PICTURES =
  'The picture of a trace is left out: the Slack app may not upload files. Add the scope files:write (npx medic slack-manifest prints the newest manifest) and install the app again; the page of this incident has the drawing.';

/**
 * Shares a picture for each node of a trace in the thread of its incident, each once.
 *
 * @returns false where the app may not upload files
 */
export async function shareTracePictures(
  { client, pace, draw }: { readonly client: WebClient; readonly pace: Pace; readonly draw: DrawTrace },
  { number, nodes = [] }: SynTrace,
  where: { readonly incident: string; readonly channel: string; readonly thread: string },
  isRepeat: IsRepeat,
): Promise<boolean> {
  for (const { instanceId, outcome } of nodes) {
    if (outcome.kind !== 'traced') continue;
    const drawn = await draw(instanceId, outcome);
    if (drawn === undefined) continue;
    const { channel, thread } = where;
    const name = `${where.incident}-trace-${number}-${instanceId}.png`;
    await pace.turn('post', channel);
    if ((await isRepeat()) && (await heard(hasOwnFile(client, name, { channel, thread }), pace))) continue;
    const title = `${instanceId}: the way of first SYNs`;
    const sharing = sharePicture(
      client,
      { name, title, ...drawn },
      { channel, thread, timeoutMs: PATIENT.answerMs },
    );
    if (!(await heard(sharing, pace, { call: 'post', channel }))) return false;
  }
  return true;
}
