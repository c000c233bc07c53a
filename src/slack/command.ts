import * as z from 'zod';
import { refuseStranger } from '../core/incident/approvers.ts';
import { MANUAL_NODES_MAX } from '../core/incident/manual-alarm.ts';
import { INSTANCE_ID } from '../core/resolve/node-selector.ts';
import { nodeCount } from '../core/words.ts';
import { findForeignTeam } from './team.ts';

/** The part of a slash command's payload that we use (docs.slack.dev, implementing slash commands). */
const SlashCommand = z.object({
  text: z.string().max(3000).default(''),
  user_id: z.string().regex(/^[UW][A-Z0-9]{2,32}$/),
  channel_id: z.string().min(1).max(64),
  team_id: z.string().max(64).default(''),
  enterprise_id: z.string().max(64).default(''),
});

/** What `/medic` is judged with. */
export interface CommandRules {
  /** The one Slack workspace, or enterprise, whose clicks and commands are taken; undefined takes those of every one. */
  readonly team?: string | undefined;
  /** Channel that gets the cards; the command is taken there and nowhere else. */
  readonly channel: string;
  /** Slack user ids that may use it. */
  readonly approvers: readonly string[];
  /**
   * Opens an incident for instances.
   * @param by mention of who asked
   * @returns what was done, in one word: `already-open` when there is one
   */
  readonly openByHand: (instanceIds: readonly string[], by: string) => Promise<string>;
}

/** What came of a command: the answer for who typed it, and a word for the log. */
export interface CommandAnswer {
  readonly outcome: 'help' | 'refused' | 'opened' | 'already-open';
  readonly sentence: string;
}

const HELP =
  '`/medic i-0123456789abcdef0` reads that node and posts a card with what it found; several ids may follow each other. Reading changes nothing. `/medic help` shows this.';

/** Answers one slash command; Slack has signed for who typed it where. */
export async function answerCommand(payload: unknown, rules: CommandRules): Promise<CommandAnswer> {
  const parsed = SlashCommand.safeParse(payload);
  if (!parsed.success) return refused('This command came without a user or a channel, so nothing was done.');
  const { text, user_id: user, channel_id: channel, team_id: team, enterprise_id: enterprise } = parsed.data;
  const foreign = findForeignTeam(rules.team, { team, enterprise });
  if (foreign !== undefined) return refused(`This command ${foreign}, so nothing was done.`);
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0 || words[0] === 'help') return { outcome: 'help', sentence: HELP };
  if (channel !== rules.channel)
    return refused(`Use this in <#${rules.channel}>, where its card will appear; nothing was done.`);
  const stranger = refuseStranger(user, rules.approvers, 'nothing was done');
  if (stranger !== undefined) return refused(stranger);
  if (words.some((word) => !INSTANCE_ID.test(word)))
    return refused('I take instance ids such as i-0123456789abcdef0, and nothing else; nothing was done.');
  if (words.length > MANUAL_NODES_MAX)
    return refused(
      `An incident asks at most ${MANUAL_NODES_MAX} nodes, so nothing was done; name the worst ones.`,
    );
  const outcome = await rules.openByHand(words, `<@${user}>`);
  if (outcome === 'already-open')
    return { outcome, sentence: 'These nodes are being looked at already; the card in this channel has it.' };
  const nodes = words.length === 1 ? words[0] : nodeCount(words.length);
  return {
    outcome: 'opened',
    sentence: `Reading ${nodes}; the card with what was found appears in this channel.`,
  };
}

function refused(sentence: string): CommandAnswer {
  return { outcome: 'refused', sentence };
}
