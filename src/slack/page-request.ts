import * as z from 'zod';
import type { IncidentHead } from '../core/record/incident.ts';
import { findForeignMessage } from './answer-click.ts';
import type { Click } from './interaction.ts';

/**
 * What has to be made and answered for one click on "Page", or on the page of the fleet: the slack function asks for it, the
 * intake does it.
 */
export const PageRequest = z.strictObject({
  schema: z.literal('medic.page-request/1'),
  /** Of this incident's card, and of its own page unless the fleet is asked for. */
  incidentId: z.string().regex(/^[a-z0-9-]{8,64}$/),
  of: z.literal('fleet').optional(),
  user: z.string().regex(/^[UW][A-Z0-9]{2,32}$/),
  /** Where the answer goes, which only the clicker sees. */
  responseUrl: z.string().max(2000),
});
export type PageRequest = z.infer<typeof PageRequest>;

const Payload = z.object({ response_url: z.string().max(2000) });

/**
 * Reads a click on "Page" as what is to be made for it. A page holds addresses of the network, or loads and limits of every
 * node, which the card does not, so it is for those who may approve.
 * @param body payload of the click
 * @returns one sentence on why it is not opened, instead
 */
export function pageRequestOf(
  click: Click,
  body: unknown,
  { head, approvers }: { readonly head: IncidentHead; readonly approvers: readonly string[] },
): PageRequest | string {
  const isFleet = click.kind === 'show-fleet';
  const foreign = findForeignMessage(head, click);
  if (foreign !== undefined) return foreign;
  if (!approvers.includes(click.user.id)) {
    const who = approvers.map((id) => `<@${id}>`).join(', ');
    const next = who === '' ? 'Nobody is one yet: add Slack user ids to MEDIC_APPROVERS.' : `Ask ${who}.`;
    return `The page holds ${isFleet ? 'loads and limits of every node' : 'addresses of the network'}, so it opens for approvers only, and you (${click.user.id}) are none. ${next} The runbook is open to everybody here.`;
  }
  const payload = Payload.safeParse(body).data;
  if (payload === undefined)
    return 'Slack named no address for the answer, so no page was made. Click again.';
  return {
    schema: 'medic.page-request/1',
    incidentId: head.id,
    ...(isFleet ? { of: 'fleet' as const } : {}),
    user: click.user.id,
    responseUrl: payload.response_url,
  };
}
