import { Interactive } from '../slack/block-schema.ts';
import { APPROVER, type Person } from '../slack/people.ts';
import type { LocalSlack } from '../slack/server.ts';

/**
 * Presses a button of the newest card that has it, on the same signed path as a click on the page.
 * @returns the button's label
 * @throws one sentence when there is no such button or the app did not take the click
 */
export async function pressButton(
  slack: LocalSlack,
  actionId: string,
  as: Person = APPROVER,
): Promise<string> {
  for (const { ts, attachments, blocks } of slack.workspace.channelAs(as.id).toReversed()) {
    const all = [...blocks, ...attachments.flatMap((attachment) => attachment.blocks)];
    for (const block of all) {
      const elements: unknown[] = Array.isArray(block['elements']) ? block['elements'] : [block['accessory']];
      for (const element of elements) {
        const button = Interactive.safeParse(element).data;
        if (button?.type !== 'button' || button.action_id !== actionId) continue;
        const answer = await slack.click(as, { ts, blockId: block.block_id ?? '', actionId });
        if (answer.status !== 200)
          throw new Error(`The app answered the click on ${actionId} with ${answer.status}.`);
        return button.text.text;
      }
    }
  }
  throw new Error(`No card has the button ${actionId}.`);
}

/** The newest text that only this person sees: how the app refuses a click. */
export function newestEphemeral(slack: LocalSlack, person: Person = APPROVER): string | undefined {
  return slack.workspace.channelAs(person.id).findLast(({ onlyFor }) => onlyFor === person.id)?.text;
}
