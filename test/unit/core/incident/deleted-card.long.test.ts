import { afterAll, beforeAll, expect, test } from 'vitest';
import { CardGoneError } from '../../../../src/core/errors.ts';
import { isOwed } from '../../../../src/core/incident/shown/card-view.ts';
import { showIncident } from '../../../../src/core/incident/shown/show-incident.ts';
import type { Notifier } from '../../../../src/core/notifier.ts';
import type { IncidentState } from '../../../../src/core/record/incident.ts';
import { startTable } from '../../adapters/support.ts';
import { buildIncident, CARD } from '../../support/incidents.ts';
import { JoiningWorld } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

/** Draws the card of an incident, which somebody has deleted meanwhile. */
async function drawDeleted(state: IncidentState) {
  const it = new JoiningWorld(table);
  const id = await it.leading('first', 'a');
  const { id: _id, revision: _revision, alarm: _alarm, nodes: _nodes, ...like } = buildIncident(state).head;
  await it.set(id, { ...like, card: CARD });
  const posted: string[] = [];
  const notifier: Pick<Notifier, 'showCard'> = {
    showCard: async ({ head }) => {
      if (head.card?.message === CARD.message) throw new CardGoneError('Somebody has deleted the card.');
      posted.push(head.state);
      return { ...CARD, message: `${CARD.message}1` };
    },
  };
  await showIncident(it.store, notifier as Notifier, id);
  return { posted, isOwed: isOwed(await it.store.cardView(id)) };
}

test.each(['awaiting-approval', 'resolved', 'partially-applied', 'rolled-back'] as const)(
  'a card that was deleted is posted anew while there is something to decide, or was done to a node: %s',
  async (state) => {
    expect(await drawDeleted(state)).toEqual({ posted: [state], isOwed: false });
  },
);

test.each(['dismissed', 'expired', 'no-fix-offered'] as const)(
  'whoever deletes the card of an incident that ended without a change is not asked to look again: %s',
  async (state) => {
    expect(await drawDeleted(state)).toEqual({ posted: [], isOwed: false });
  },
);
