import { CardGoneError, ChannelBusyError, IncidentGoneError } from '../../errors.ts';
import type { Notifier } from '../../notifier.ts';
import type { IncidentStore } from '../../ports.ts';
import type { Incident, IncidentHead } from '../../record/incident.ts';
import { isClosed } from '../../record/transitions.ts';
import { begunBefore } from '../begun-before.ts';
import { needsCard } from './card-view.ts';

/** How often the card is drawn again when the record changes while it is being drawn. */
const ATTEMPTS = 5;

/**
 * Draws the card from the record, and again when the record moved meanwhile: whoever draws last has drawn the newest.
 * The first card's place is written into the record; who finds that somebody was about to post it before looks for it. A card that could not be drawn stays owed: the reconciler draws what is
 * the newest by then.
 * @param holder - who draws, the same for every try of one who may be repeated; a new one each time where it is left out
 * @throws IncidentGoneError when the incident is not in the store
 * @throws ChannelBusyError while somebody else posts the first card; what the notifier throws, too
 */
export async function showIncident(
  store: IncidentStore,
  notifier: Notifier,
  id: string,
  holder?: string,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const incident = await store.load(id);
    if (incident === undefined)
      throw new IncidentGoneError(`${id} is not in the table any more, so its card was not drawn.`);
    if (!needsCard(incident.head)) return;
    const shown = await draw(store, notifier, incident, holder);
    if (shown === undefined) continue;
    await store.noteShown(id, shown);
    if ((await store.head(id))?.revision === shown) return;
  }
}

/** @returns the revision that the card shows; nothing where there is no card any more, and a new one is to be posted */
async function draw(
  store: IncidentStore,
  notifier: Notifier,
  incident: Incident,
  holder: string | undefined,
): Promise<number | undefined> {
  const { head } = incident;
  const isFirst = head.card === undefined;
  if (isFirst && !(await store.claimSaying(head.id, holder)))
    throw new ChannelBusyError(`The card of ${head.id} is being posted by somebody else.`, 0);
  try {
    const card = await notifier.showCard(incident, begunBefore(store, head.id, 'card'));
    return isFirst ? await noteCard(store, head, card) : head.revision;
  } catch (error) {
    if (error instanceof CardGoneError)
      return hasToBeSeen(head) ? await forgetCard(store, head) : head.revision;
    await store.noteNotShown(head.id, error instanceof ChannelBusyError ? error.waitSeconds : 0);
    throw error;
  } finally {
    if (isFirst) await store.releaseSaying(head.id);
  }
}

/**
 * Whether an incident gets another card for one that somebody has deleted: without one nobody can click while it is open, nor see or
 * take back what was done to a node. Of one that ended without that nobody wants to be told again.
 */
const hasToBeSeen = ({ state, remediations }: IncidentHead): boolean =>
  !isClosed(state) || remediations.length > 0;

async function forgetCard(store: IncidentStore, { id, card: gone }: IncidentHead): Promise<undefined> {
  await store.update(id, (now) => {
    const { card, ...rest } = now;
    return card?.message === gone?.message ? rest : now;
  });
}

/** Where the card stands is no news on it: the revision that says so is shown, unless another change came between. */
async function noteCard(
  store: IncidentStore,
  { id, revision }: IncidentHead,
  card: NonNullable<IncidentHead['card']>,
): Promise<number> {
  const noted = await store.update(id, (now) => (now.card === undefined ? { ...now, card } : now));
  return noted.ok && noted.head.revision === revision + 1 ? noted.head.revision : revision;
}
