import { setTimeout as sleep } from 'node:timers/promises';
import { Interactive } from '../slack/block-schema.ts';
import { APPROVER, type Person } from '../slack/people.ts';
import type { LocalSlack } from '../slack/server.ts';

/** The card follows the record within a second or two, also on a busy machine. */
const CARD_TIMEOUT_MS = 30_000;

/**
 * Presses a button of the newest card that has it, on the same signed path as a click on the page; waits for the button.
 * @returns the button's label and the moment of the click in milliseconds since the epoch
 * @throws one sentence when there is no such button or the app did not take the click
 */
export async function pressButton(
  slack: LocalSlack,
  actionId: string,
  as: Person = APPROVER,
): Promise<{ label: string; clickedAt: number }> {
  const deadline = Date.now() + CARD_TIMEOUT_MS;
  for (;;) {
    const found = findButton(slack, actionId, as);
    if (found !== undefined) {
      const clickedAt = Date.now();
      const answer = await slack.click(as, { ...found.place, actionId });
      if (answer.status === 200) return { label: found.label, clickedAt };
      throw new Error(`The app answered the click on ${actionId} with ${answer.status}.`);
    }
    if (Date.now() > deadline) throw new Error(`No card has the button ${actionId}.`);
    await sleep(100);
  }
}

function findButton(slack: LocalSlack, actionId: string, as: Person) {
  for (const { ts, attachments, blocks } of slack.workspace.channelAs(as.id).toReversed()) {
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
