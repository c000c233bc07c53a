import { IncidentGoneError } from '../errors.ts';
import type { IncidentStore, Notifier } from '../ports.ts';

/** How often the card is drawn again when the record changes while it is being drawn. */
const ATTEMPTS = 5;

/**
 * Draws the card from the record, and again when the record moved meanwhile: whoever draws last has drawn the newest.
 * The first card's place is written into the record.
 * @throws IncidentGoneError when the incident is not in the store; what the notifier throws, too
 */
export async function showIncident(store: IncidentStore, notifier: Notifier, id: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const incident = await store.load(id);
    if (incident === undefined)
      throw new IncidentGoneError(`${id} is not in the table any more, so its card was not drawn.`);
    const card = await notifier.showCard(incident);
    if (incident.head.card === undefined) {
      await store.update(id, (head) => (head.card === undefined ? { ...head, card } : head));
      return;
    }
    if ((await store.head(id))?.revision === incident.head.revision) return;
  }
}
