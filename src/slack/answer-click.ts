import { isDeepStrictEqual } from 'node:util';
import { clickReference } from '../core/click-reference.ts';
import type { CarriedOn } from '../core/incident/carry-on.ts';
import { decide } from '../core/incident/decide.ts';
import { type DecisionDelivery, deliverDecision } from '../core/incident/deliver-decision.ts';
import type { Clock, HeadChange, IncidentStore, SignedClicks } from '../core/ports.ts';
import type { Decision, IncidentHead } from '../core/record/incident.ts';
import { SignedClick } from '../core/record/signed-click.ts';
import { takenAway } from '../core/remediation/taken-away.ts';
import { type DecisionClick, requestOf } from './decision-request.ts';
import type { Click } from './interaction.ts';
import { clickKeptUntil, readSignedClick } from './signed-decision.ts';

/** What a click is judged with. */
export interface ClickRules {
  readonly store: IncidentStore;
  readonly clicks: SignedClicks;
  readonly delivery: DecisionDelivery;
  /** Draws the card of an incident, so that everybody sees what was decided; whoever draws later draws it again. */
  readonly show: (incidentId: string) => Promise<void>;
  /** Has an incident whose workflow has stopped gone on with. */
  readonly carryOn: (head: IncidentHead) => Promise<CarriedOn>;
  readonly clock: Clock;
  /** Slack user ids that may decide; nobody when empty. */
  readonly approvers: readonly string[];
  readonly evidenceMaxAgeSeconds: number;
}

/**
 * What came of a click: nothing more to say because the card will show it, one sentence for the clicker alone, or a
 * decision that is stored and still has to reach the workflow.
 */
export type ClickAnswer =
  | { readonly kind: 'accepted'; readonly note?: string }
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'undelivered'; readonly cause: unknown };

/**
 * Judges one click and stores it as a decision under the record's revision check, then wakes the workflow. What Slack signed
 * is stored first, because whoever acts on the decision asks for it. A decision that was stored and not delivered is
 * delivered by the next click, whoever makes it: it changes nothing that is not already decided. The same request of Slack again
 * is answered as it was the first time.
 *
 * @param given - the request of this click with its signature, as a {@link SignedClick}
 */
export async function answerClick(
  click: DecisionClick,
  given: unknown,
  rules: ClickRules,
): Promise<ClickAnswer> {
  const { store, clock, delivery } = rules;
  const before = await store.head(click.incidentId);
  if (before === undefined) return { kind: 'refused', sentence: unknownIncident(click) };
  const signed = SignedClick.safeParse(given).data;
  // Whoever acts on the decision reads the click out of it once more.
  if (signed === undefined || !isDeepStrictEqual(readSignedClick(signed), click))
    return { kind: 'refused', sentence: UNKEEPABLE };
  const reference = clickReference(signed);
  const request = requestOf(click, reference);
  const change: HeadChange = (head) =>
    decisionOf(head, reference) === undefined
      ? (findForeignMessage(head, click) ?? decide(head, request, { ...rules, now: clock.now() }))
      : head;
  const draft = change(before);
  if (typeof draft !== 'string') await rules.clicks.keep(click.incidentId, signed, clickKeptUntil(signed));
  const updated =
    typeof draft === 'string'
      ? ({ ok: false, refusal: draft } as const)
      : await store.update(click.incidentId, change);
  const head = updated.ok ? updated.head : before;
  const isOwn = updated.ok || findForeignMessage(head, click) === undefined;
  let carriedOn: CarriedOn = 'nothing';
  try {
    const [isHeard] = await Promise.all([
      isOwn ? deliverDecision(head, delivery) : true,
      updated.ok ? rules.show(head.id) : undefined,
    ]);
    if (isOwn && (!isHeard || !updated.ok)) carriedOn = await rules.carryOn(head);
  } catch (cause) {
    return { kind: 'undelivered', cause };
  }
  if (!updated.ok)
    return carriedOn === 'nothing'
      ? { kind: 'refused', sentence: updated.refusal }
      : { kind: 'refused', sentence: `${updated.refusal} ${STOPPED}` };
  if (carriedOn !== 'nothing') return { kind: 'accepted', note: STOPPED };
  if (click.kind === 'refresh' || decisionOf(head, reference)?.kind !== 'refresh')
    return { kind: 'accepted' };
  return { kind: 'accepted', note: takenAway(head) === undefined ? REFRESHED : TAKEN_AWAY };
}

const STOPPED =
  'The workflow of this incident had stopped; it is being taken up again, with every decision that is stored. Watch the card.';
const UNKEEPABLE =
  'This click came in a form that can not be kept as proof of it, so nothing was done. Click again on the newest card.';
const REFRESHED =
  'The evidence behind this plan was too old, so nothing was changed: it is being collected again. Look at the fresh plan on the card and click once more.';
const TAKEN_AWAY =
  'A trace found since that the packets are lost elsewhere, so nothing was changed: the nodes are being read again. Look at the card once they are.';

/** The decision that this very click became: it came here before, and its answer was lost. */
const decisionOf = ({ decisions }: IncidentHead, reference: string): Decision | undefined =>
  decisions.find(({ slack }) => slack?.signed === reference);

/** Why the click does not belong to the incident's card; nothing when it does. */
export function findForeignMessage(
  { card, id }: IncidentHead,
  { channel, message }: Click,
): string | undefined {
  if (card?.channel === channel && card.message === message) return undefined;
  return `This button is not on the card of ${id}, so nothing was done. Use the card itself.`;
}

/** Why a click on an incident that the store does not have leads nowhere. */
export function unknownIncident({ incidentId }: Click): string {
  return `${incidentId} is not known here any more, so nothing was done.`;
}
