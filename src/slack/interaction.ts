import * as z from 'zod';
import type { CardAction } from '../core/card/model.ts';
import { jsonOrNothing } from '../core/json.ts';
import type { Origin } from './team.ts';

/** Actions that a click can carry: `medic.` and the kind, as the card's buttons send them. */
const KINDS = [
  'apply-one',
  'apply-all',
  'refresh',
  'dismiss',
  'rollback',
  'rollback-one',
  'keep',
  'collect-again',
  'trace',
  'show-runbook',
  'show-more',
  'show-page',
  'snooze',
  'not-this',
  'raw-evidence',
  'show-fleet',
] as const satisfies readonly CardAction['kind'][];

/** A button's or option's value: which incident, which plan and in a menu which node. Strict: nothing else travels in it. */
const ActionValue = z.strictObject({
  incident: z.string().regex(/^[a-z0-9-]{8,64}$/),
  plan: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  node: z
    .string()
    .regex(/^m?i-[0-9a-f]{8,17}$/)
    .optional(),
  /** In the menu of what is wanted seldom: which of it. */
  do: z.enum(['snooze', 'not-this', 'raw-evidence', 'show-fleet']).optional(),
});

/** `action_id` of that menu. */
export const OTHERS = 'medic.others';

const teamId = z.string().min(1).max(64);

/** The part of a block_actions payload that we use (docs.slack.dev, block_actions payload). */
const BlockActions = z.object({
  type: z.literal('block_actions'),
  trigger_id: z.string().min(1).max(255),
  team: z.object({ id: teamId, enterprise_id: teamId.nullish() }).nullish(),
  enterprise: z.object({ id: teamId }).nullish(),
  user: z.object({
    id: z.string().regex(/^[UW][A-Z0-9]{2,32}$/),
    username: z.string().max(200).optional(),
    name: z.string().max(200).optional(),
    team_id: teamId.nullish(),
  }),
  channel: z.object({ id: z.string().min(1).max(64) }),
  message: z.object({ ts: z.string().min(1).max(64) }),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        value: z.string().max(2000).optional(),
        selected_option: z.object({ value: z.string().max(150) }).optional(),
      }),
    )
    .length(1),
});

/** One press of one of the card's buttons, as far as it can be trusted: Slack says who pressed what, where. */
export interface Click extends Origin {
  readonly kind: (typeof KINDS)[number];
  readonly incidentId: string;
  readonly planDigest?: string;
  /** The node that was chosen in a menu. */
  readonly instanceId?: string;
  readonly user: { readonly id: string; readonly name: string };
  readonly channel: string;
  /** Timestamp of the message that held the button, its identity within the channel. */
  readonly message: string;
  /** Allows opening one modal within three seconds. */
  readonly triggerId: string;
}

/** Only a menu of nodes names one, and only the menu of what is wanted seldom says what it does. */
const isOfKind = (
  kind: Click['kind'],
  { node, do: what }: z.infer<typeof ActionValue>,
  isOther: boolean,
): boolean =>
  (kind === 'rollback-one') === (node !== undefined) &&
  isOther === (what !== undefined) &&
  isOther === IN_MENU.has(kind);

const IN_MENU: ReadonlySet<Click['kind']> = new Set(['snooze', 'not-this', 'raw-evidence', 'show-fleet']);

/** Reads a click out of a payload, or says in one sentence why it is none of ours. */
export function readClick(payload: unknown): Click | string {
  const parsed = BlockActions.safeParse(payload);
  if (!parsed.success)
    return 'This click did not come from a button of an incident card, so nothing was done.';
  const { actions, user, team, channel, message, trigger_id: triggerId } = parsed.data;
  const [action] = actions;
  const enterprise = parsed.data.enterprise?.id ?? team?.enterprise_id ?? undefined;
  const userTeam = user.team_id ?? undefined;
  const value = ActionValue.safeParse(jsonOrNothing(action?.value ?? action?.selected_option?.value ?? ''));
  const isOther = action?.action_id === OTHERS;
  const kind = isOther ? value.data?.do : KINDS.find((known) => `medic.${known}` === action?.action_id);
  if (kind === undefined && !isOther)
    return 'This button is not one that this version knows, so nothing was done. Use the newest card.';
  if (kind === undefined || !value.success || !isOfKind(kind, value.data, isOther))
    return 'The button carried a value that no card of ours has, so nothing was done.';
  const { incident, plan, node } = value.data;
  return {
    kind,
    incidentId: incident,
    ...(plan === undefined ? {} : { planDigest: plan }),
    ...(node === undefined ? {} : { instanceId: node }),
    user: { id: user.id, name: user.username ?? user.name ?? user.id },
    team: team?.id ?? '',
    ...(enterprise === undefined ? {} : { enterprise }),
    ...(userTeam === undefined ? {} : { userTeam }),
    channel: channel.id,
    message: message.ts,
    triggerId,
  };
}
