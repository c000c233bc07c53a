import { setTimeout as sleep } from 'node:timers/promises';
import { Interactive } from '../slack/block-schema.ts';
import { APPROVER, type Person } from '../slack/people.ts';
import type { LocalSlack } from '../slack/server.ts';

/** The card follows the record within a second or two, also on a busy machine. */
const CARD_TIMEOUT_MS = 30_000;

/** The person looks whether the card follows a click that the app did not answer in time. */
const LOOK_AGAIN_MS = 2000;

/** A button that was pressed, and the moment of the click in milliseconds since the epoch. */
interface Pressed {
  readonly label: string;
  readonly clickedAt: number;
}

/**
 * Presses a button of the newest card that has it, or of the card of one incident, on the same signed path as a click on the page; waits for the button. A
 * click that the app did not answer within Slack's time may have counted: so it is made again only while the button stays.
 * @returns what was pressed, and when first
 * @throws one sentence when there is no such button or the app did not take the click
 */
export async function pressButton(
  slack: LocalSlack,
  actionId: string,
  { as = APPROVER, incident }: { readonly as?: Person; readonly incident?: string | undefined } = {},
): Promise<Pressed> {
  let unanswered: Pressed | undefined;
  const deadline = Date.now() + CARD_TIMEOUT_MS;
  for (;;) {
    const found = findButton(slack, actionId, as, incident);
    if (found !== undefined) {
      const pressed = unanswered ?? { label: found.label, clickedAt: Date.now() };
      const status = await statusOf(slack.click(as, { ...found.place, actionId }));
      if (status === 200) return pressed;
      if (status !== 'none') throw new Error(`The app answered the click on ${actionId} with ${status}.`);
      unanswered = pressed;
      await sleep(LOOK_AGAIN_MS);
    } else if (unanswered !== undefined) return unanswered;
    if (Date.now() > deadline) throw new Error(`No card has the button ${actionId}.`);
    await sleep(100);
  }
}

/**
 * Waits for a button without pressing it.
 * @throws one sentence when no card has it in time
 */
export async function awaitButton(
  slack: LocalSlack,
  actionId: string,
  timeoutMs: number,
): Promise<NonNullable<ReturnType<typeof findButton>>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = findButton(slack, actionId, APPROVER);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`No card has the button ${actionId}.`);
    await sleep(100);
  }
}

/** Whether some card offers a change of a node. */
export const offersChange = (slack: LocalSlack): boolean =>
  ['medic.apply-one', 'medic.apply-all'].some((id) => findButton(slack, id, APPROVER) !== undefined);

async function statusOf(click: Promise<{ readonly status: number }>): Promise<number | 'none'> {
  try {
    return (await click).status;
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') return 'none';
    throw error;
  }
}

function findButton(slack: LocalSlack, actionId: string, as: Person, incident?: string) {
  for (const { ts, attachments, blocks, metadata } of slack.workspace.channelAs(as.id).toReversed()) {
    if (incident !== undefined && metadata?.event_payload['incident'] !== incident) continue;
    for (const block of [...blocks, ...attachments.flatMap((attachment) => attachment.blocks)]) {
      const elements: unknown[] = Array.isArray(block['elements']) ? block['elements'] : [block['accessory']];
      for (const element of elements) {
        const button = Interactive.safeParse(element).data;
        if (button?.type !== 'button' || button.action_id !== actionId) continue;
        return { place: { ts, blockId: block.block_id ?? '' }, label: button.text.text };
      }
    }
  }
  return undefined;
}
