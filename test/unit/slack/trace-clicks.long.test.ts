import { describe, expect, it } from 'vitest';
import { buildTrace } from '../support/syn-traces.ts';
import { BO, decisionsOf, press, setUpClicks, store, stored, world } from './clicking.ts';

setUpClicks();

const action = 'medic.trace';

describe('Trace SYNs', () => {
  it.each(['awaiting-approval', 'applied-one', 'no-fix-offered'] as const)(
    'of an approver on a card that is %s starts it, shows it and decides nothing',
    async (state) => {
      const incident = await stored(state, { nodes: 2 });
      const { id, decisions } = incident.head;
      expect(await press(incident, { action })).toEqual([]);
      expect(world.traces).toEqual([`${id} 1`]);
      expect(world.shown).toEqual([id]);
      expect((await store.head(id))?.synTraces).toMatchObject([{ number: 1, seconds: 15 }]);
      expect(await decisionsOf(incident)).toHaveLength(decisions.length);
    },
  );

  it.each([
    ['a stranger', { user: BO }, /^You \(U0BOB0002\) are not an approver, so nothing was traced/],
    ['another message', { message: '1.1' }, /is not on the card of/],
  ])('refuses %s with a sentence and traces nothing', async (_who, given, sentence) => {
    const incident = await stored('awaiting-approval');
    expect(await press(incident, { action, ...given })).toEqual([expect.stringMatching(sentence)]);
    expect(world.traces).toEqual([]);
    expect((await store.head(incident.head.id))?.synTraces).toBeUndefined();
  });

  it('starts no second one while the first runs', async () => {
    const incident = await stored('awaiting-approval');
    await press(incident, { action });
    expect(await press(incident, { action })).toEqual([expect.stringContaining('A trace runs since')]);
    expect(world.traces).toHaveLength(1);
  });

  it('stays on record where its execution can not be started, and says so', async () => {
    const incident = await stored('awaiting-approval');
    world.isWorkflowDown = true;
    expect(await press(incident, { action })).toEqual([
      expect.stringContaining('tried again within two minutes'),
    ]);
    expect((await store.head(incident.head.id))?.synTraces).toHaveLength(1);
  });
});

describe('a raise that a trace has taken away', () => {
  const takenAway = async () => {
    const incident = await stored('awaiting-approval', { nodes: 2 });
    const { id } = incident.head;
    const endedAt = new Date(Date.now() + 1000).toISOString();
    await store.update(id, (head) => ({
      ...head,
      synTraces: [{ ...buildTrace(head, 'against'), endedAt }],
    }));
    return incident;
  };

  it('reads the nodes again instead, where it was clicked on an older card', async () => {
    const incident = await takenAway();
    expect(await press(incident, { action: 'medic.apply-all' })).toEqual([
      expect.stringContaining('A trace found since that the packets are lost elsewhere'),
    ]);
    expect(await decisionsOf(incident)).toMatchObject([{ kind: 'refresh' }]);
  });

  it('is not offered by a button that reads the nodes again', async () => {
    const incident = await takenAway();
    expect(await press(incident, { action: 'medic.refresh' })).toEqual([]);
    expect(await decisionsOf(incident)).toMatchObject([{ kind: 'refresh' }]);
  });
});
