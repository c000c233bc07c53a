import { isDue } from '../../incident/shown/card-view.ts';
import { showIncident } from '../../incident/shown/show-incident.ts';
import type { Duty } from '../duty.ts';

/** A card that is behind its record is drawn: as the record is by then, whoever was to draw it and whatever kept it from it. */
export const showOwed: Duty = {
  name: 'show-owed-card',
  run: async ({ store, notifier, clock }, head) => {
    if (!isDue(head, await store.cardView(head.id), clock.now())) return undefined;
    await showIncident(store, notifier, head.id);
    return 'shown';
  },
};
