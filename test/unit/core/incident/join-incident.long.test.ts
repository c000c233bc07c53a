import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditOf } from '../../../../src/core/audit/audit.ts';
import { decide, pendingDecision } from '../../../../src/core/incident/decide.ts';
import { deliverDecision } from '../../../../src/core/incident/deliver-decision.ts';
import { wakeToRead } from '../../../../src/core/incident/joining/words.ts';
import { openIncident } from '../../../../src/core/incident/open-incident.ts';
import { startTable } from '../../adapters/support.ts';
import { ANA, buildIncident } from '../../support/incidents.ts';
import { end, iso, JoiningWorld, MINUTE, T0 } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

describe('an alarm about a node that an open incident has', () => {
  test('joins it, with the nodes that nobody has yet', async () => {
    const it = new JoiningWorld(table);
    const first = await it.leading('first', 'ab');
    const second = await it.opened('second', 'bc');
    expect(await it.place(second)).toEqual({ kind: 'joined', to: first });
    expect(await it.head(second)).toMatchObject({ state: 'joined', joinedTo: first });
    expect((await it.head(first)).nodes).toEqual(['a', 'b', 'c'].map((letter) => it.node(letter)));
    expect((await it.head(first)).unread).toEqual([it.node('c').instanceId]);
    expect(await it.alarmsOf(first)).toEqual(['second']);
    // The node that it brought is found by the next one.
    const third = await it.opened('third', 'cd');
    expect(await it.place(third)).toEqual({ kind: 'joined', to: first });
  });

  test('is in the audit of the one that follows it, with what could not be asked', async () => {
    const it = new JoiningWorld(table);
    const first = await it.leading('first', 'a');
    const second = await it.opened('second', 'ab');
    await it.set(second, { nodeGaps: ['i-gone was not asked: its SSM agent is offline.'] });
    await it.place(second);
    expect((await it.head(first)).nodeGaps).toEqual(['i-gone was not asked: its SSM agent is offline.']);
    const history = await it.store.history(first);
    const audit = history && auditOf(history);
    expect(audit?.alarms?.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  test('leaves a node where it is that a third incident has', async () => {
    const it = new JoiningWorld(table);
    const [left, right] = [await it.leading('left', 'ab'), await it.leading('right', 'yz')];
    expect(await it.place(await it.opened('both', 'by'))).toEqual({ kind: 'joined', to: left });
    expect((await it.head(left)).nodes).toHaveLength(2);
    expect((await it.head(right)).nodes).toHaveLength(2);
  });

  test.each<[string, (it: JoiningWorld, id: string) => Promise<unknown>]>([
    ['has ended', async (it, id) => await it.store.update(id, end('failed'))],
    ['was opened twelve hours ago', async (it, id) => await it.set(id, { openedAt: iso(T0 - 721 * MINUTE) })],
    [
      'fired a quarter of an hour before',
      async (it, id) =>
        await it.set(id, {
          seen: { count: 1, lastAt: iso(T0 - 16 * MINUTE) },
          openedAt: iso(T0 - 16 * MINUTE),
        }),
    ],
    [
      'somebody has decided about',
      async (it, id) => {
        await it.waiting(id);
        await it.store.update(id, (head) =>
          decide(
            head,
            { kind: 'apply-all', actor: ANA, planDigest: head.plan?.digest ?? '' },
            { now: T0, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 },
          ),
        );
        expect(pendingDecision(await it.head(id))?.kind).toBe('apply-all');
      },
    ],
  ])('goes its own way where that one %s, and is found by the next', async (_what, change) => {
    const it = new JoiningWorld(table);
    const old = await it.leading('old', 'ab');
    await change(it, old);
    const before = await it.head(old);
    const fresh = await it.opened('fresh', 'abc');
    expect(await it.place(fresh)).toEqual({ kind: 'leads' });
    expect(await it.head(old)).toEqual(before);
    expect(await it.alarmsOf(old)).toEqual([]);
    expect(await it.place(await it.opened('next', 'a'))).toEqual({ kind: 'joined', to: fresh });
  });

  test('goes its own way where its incident has changed nodes, as one of an earlier version that is taken up', async () => {
    const it = new JoiningWorld(table);
    await it.leading('first', 'a');
    const changing = await it.opened('changing', 'a');
    await it.set(changing, { remediations: buildIncident('resolved').head.remediations });
    expect(await it.place(changing)).toEqual({ kind: 'leads' });
  });

  test.each(['manual', 'warning'])(
    'has nothing to do with what came by %s, before it or after it',
    async (sender) => {
      const it = new JoiningWorld(table);
      const alone = async (letters: string, at: number) => {
        const arn = `alert:aws:${sender}:eu-central-1:123456789012:${String(at % 1e9).padStart(32, '0')}`;
        const { head } = await it.store.open(openIncident({ ...it.alarm('alone', at), arn }, iso(at)));
        await it.set(head.id, { nodes: Array.from(letters, (letter) => it.node(letter)) });
        expect(await it.place(head.id)).toEqual({ kind: 'leads' });
      };
      await alone('ab', T0);
      const first = await it.leading('first', 'a');
      await alone('a', T0 + MINUTE);
      expect(await it.place(await it.opened('second', 'a'))).toEqual({ kind: 'joined', to: first });
    },
  );
});

/** An incident that waited for a click when another one joined it with a node more. */
async function grownWhileWaiting() {
  const it = new JoiningWorld(table);
  const first = await it.leading('first', 'a');
  await it.waiting(first);
  const second = await it.opened('second', 'ab');
  expect(await it.place(second)).toEqual({ kind: 'joined', to: first });
  return { it, first, second };
}

describe('a node that an alarm brings', () => {
  test('takes the buttons away that were made without it, and only those', async () => {
    const it = new JoiningWorld(table);
    const id = await it.leading('first', 'ab');
    await it.waiting(id);
    const { plan } = await it.head(id);
    await it.place(await it.opened('same', 'a'));
    expect(pendingDecision(await it.head(id))).toBeUndefined();
    await it.place(await it.opened('more', 'bc'));
    const grown = await it.head(id);
    expect(pendingDecision(grown)).toMatchObject({ kind: 'new-nodes', actor: { kind: 'alarm' } });
    const click = decide(
      grown,
      { kind: 'apply-all', actor: ANA, planDigest: plan?.digest ?? '' },
      { now: T0, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 },
    );
    expect(click).toContain('Decided already by an alarm that brought more nodes');
    // A further one is seen to along with it.
    await it.place(await it.opened('even more', 'cd'));
    expect((await it.head(id)).unread).toEqual([it.node('c').instanceId, it.node('d').instanceId]);
    expect((await it.head(id)).decisions).toHaveLength(1);
  });

  test('wakes the workflow that waits for a click, once for each word of its own that comes', async () => {
    const { it, first, second } = await grownWhileWaiting();
    expect((await wakeToRead(it.intake(), second))?.id).toBe(first);
    // Its function died after that and says it again, and the reconciler comes by: it is one callback, which is complete by then.
    await wakeToRead(it.intake(), second);
    await deliverDecision(await it.head(first), it.intake().workflows);
    expect(new Set(it.woken)).toEqual(new Set([`callback-${first}`]));
    expect((await it.head(first)).decisions.map(({ kind }) => kind)).toEqual(['new-nodes']);
  });

  test('is delivered by the reconciler where nobody could wake it, and the newcomer goes on', async () => {
    const { it, first, second } = await grownWhileWaiting();
    const said: string[] = [];
    const deaf = {
      ...it.intake(),
      workflows: { wake: () => Promise.reject(new Error('AccessDeniedException')) },
      log: (event: string) => said.push(event),
    };
    expect((await wakeToRead(deaf, second))?.id).toBe(first);
    expect(said).toEqual(['not-woken']);
    await deliverDecision(await it.head(first), it.intake().workflows);
    expect(it.woken).toEqual([`callback-${first}`]);
  });

  test.each<[string, (it: JoiningWorld, id: string) => Promise<unknown>]>([
    ['has ended since', (it, id) => it.store.update(id, end('resolved'))],
    ['reads its nodes already', (it, id) => it.store.update(id, ({ callback: _answered, ...head }) => head)],
    ['waits for the next click', (it, id) => it.waitsAgain(id)],
    [
      'has taken another one in, which wakes it',
      async (it, id) => {
        await it.set(id, { joined: { newest: 'inc-another', firedAt: iso(T0) } });
      },
    ],
  ])('wakes nobody where the incident that it joined %s', async (_what, change) => {
    const { it, first, second } = await grownWhileWaiting();
    await change(it, first);
    expect(await wakeToRead(it.intake(), second)).toBeUndefined();
    expect(it.woken).toEqual([]);
  });

  test('is looked at before a click is waited for, where it came just before', async () => {
    const it = new JoiningWorld(table);
    const id = await it.leading('first', 'a');
    await it.place(await it.opened('more', 'ab'));
    await it.waiting(id);
    expect(pendingDecision(await it.head(id))?.kind).toBe('new-nodes');
  });
});
