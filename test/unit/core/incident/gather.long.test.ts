import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gather, isAloneInCluster } from '../../../../src/core/incident/joining/gather.ts';
import { leaderOf } from '../../../../src/core/incident/joining/join.ts';
import { startTable } from '../../adapters/support.ts';
import { end, interrupted, iso, JoiningWorld, MINUTE, RULES, T0 } from '../../support/joining-world.ts';

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

type Traits = NonNullable<Parameters<JoiningWorld['judged']>[2]>;

/** An incident on a node of its own, judged. */
async function judged(
  it: JoiningWorld,
  letter: string,
  verdict: string,
  traits: Traits = {},
): Promise<string> {
  const id = await it.leading(`alarm-${letter}`, letter);
  await it.judged(id, verdict, traits);
  return id;
}

describe('incidents with the same verdict', () => {
  test('are one where their nodes share a trait in one cluster, with all the alarms that they had', async () => {
    const it = new JoiningWorld(table);
    const first = await judged(it, 'a', 'table-full', { nodeGroup: 'blue' });
    expect(await it.gathered(first)).toEqual({ kind: 'leads' });
    const second = await it.leading('alarm-b', 'b');
    await it.place(await it.opened('follower', 'b'));
    await it.judged(second, 'table-full', { nodeGroup: 'blue', zone: 'eu-central-1b' });
    expect(await it.gathered(second)).toEqual({ kind: 'joined', to: first });
    expect(await it.alarmsOf(first)).toEqual(['alarm-b', 'follower']);
    expect((await it.head(first)).unread).toEqual([it.node('b').instanceId]);
    // What the follower says now is said where the two have gone.
    expect(await it.says('follower', 'OK', T0 + 5000)).toBe('noted-of-one');
    const said = await it.store.joins.alarmsOf(first);
    expect(said.find(({ name }) => name === 'follower')).toMatchObject({ okAt: iso(T0 + 5000) });
    expect(await it.place(await it.opened('next', 'b'))).toEqual({ kind: 'joined', to: first });
  });

  test.each<[string, Traits, Traits]>([
    ['launched within an hour of each other', { launchedAt: iso(T0) }, { launchedAt: iso(T0 - 59 * MINUTE) }],
    ['with the same kernel', { kernel: '6.1.141-155.222' }, { kernel: '6.1.141-155.222' }],
  ])('are one on nodes %s', async (_what, one, other) => {
    const it = new JoiningWorld(table);
    const first = await judged(it, 'a', 'table-full', { zone: 'eu-central-1a', ...one });
    await it.gathered(first);
    const second = await judged(it, 'b', 'table-full', { zone: 'eu-central-1b', ...other });
    expect(await it.gathered(second)).toEqual({ kind: 'joined', to: first });
  });

  test.each<[string, Traits, Traits]>([
    ['whose launches are further apart', { launchedAt: iso(T0) }, { launchedAt: iso(T0 - 61 * MINUTE) }],
    ['of which one has no known age', { launchedAt: iso(T0) }, {}],
    ['with kernels of one version and two releases', { kernel: '6.1.141-1' }, { kernel: '6.1.150-1' }],
    ['of which nobody knows the kernels', {}, {}],
  ])('are two on nodes %s and in two zones', async (_what, one, other) => {
    const it = new JoiningWorld(table);
    await it.gathered(await judged(it, 'a', 'table-full', { zone: 'eu-central-1a', ...one }));
    const second = await judged(it, 'b', 'table-full', { zone: 'eu-central-1b', ...other });
    expect(await it.gathered(second)).toEqual({ kind: 'leads' });
  });

  test.each<[string, string, Traits]>([
    ['another verdict', 'hash-chains-long', {}],
    ['nothing in common but the cluster', 'table-full', { zone: 'eu-central-1b' }],
    ['another cluster', 'table-full', { cluster: 'another' }],
    ['another account', 'table-full', { account: '999999999999', region: 'eu-central-1' }],
  ])('are two with %s', async (_what, verdict, traits) => {
    const it = new JoiningWorld(table);
    expect(await it.gathered(await judged(it, 'a', 'table-full'))).toEqual({ kind: 'leads' });
    expect(await it.gathered(await judged(it, 'b', verdict, traits))).toEqual({ kind: 'leads' });
  });

  test('are two where the verdict is that it is not the node', async () => {
    const it = new JoiningWorld(table);
    await it.gathered(await judged(it, 'a', 'not-the-node'));
    expect(await it.gathered(await judged(it, 'b', 'not-the-node'))).toEqual({ kind: 'leads' });
  });

  test('are two once the first has ended, and the second gathers from then on', async () => {
    const it = new JoiningWorld(table);
    const first = await judged(it, 'a', 'table-full');
    await it.gathered(first);
    await it.store.update(first, end('failed'));
    const second = await judged(it, 'b', 'table-full');
    expect(await it.gathered(second)).toEqual({ kind: 'leads' });
    expect(await it.gathered(await judged(it, 'c', 'table-full'))).toEqual({ kind: 'joined', to: second });
  });

  test('eight at the same moment are one, and each of them has it', async () => {
    const it = new JoiningWorld(table);
    const ids = await Promise.all(Array.from('abcdefgh', (letter) => judged(it, letter, 'table-full')));
    await Promise.all(ids.map((id) => it.gathered(id)));
    const leaders = await Promise.all(ids.map((id) => leaderOf(it.store, id)));
    const [leader] = leaders;
    expect(new Set(leaders.map((one) => one?.id)).size).toBe(1);
    expect(leader).toMatchObject({ state: 'diagnosed', gathers: true });
    expect(leader?.nodes).toHaveLength(8);
    expect(await it.alarmsOf(leader?.id ?? '')).toHaveLength(7);
  });
});

/** The writes: the verdict met, two nodes handed over, two alarms listed, taken in, ended, and four words brought along. */
describe.each(Array.from({ length: 11 }, (_, index) => index + 1))(
  'before write %i of one that joins with a follower',
  (at) => {
    async function two(): Promise<{ it: JoiningWorld; first: string; second: string }> {
      const it = new JoiningWorld(table);
      const first = await judged(it, 'a', 'table-full');
      await it.gathered(first);
      const second = await it.leading('second', 'b');
      await it.place(await it.opened('follower', 'b'));
      await it.judged(second, 'table-full');
      return { it, first, second };
    }

    test('its function dies: the repeat brings all alarms along', async () => {
      const { it, first, second } = await two();
      const dying = interrupted(it.store, at, async () => {
        throw new Error('killed');
      });
      await it.gathered(second, dying).catch(() => {});
      expect(await it.gathered(second)).toEqual({ kind: 'joined', to: first });
      expect(await it.alarmsOf(first)).toEqual(['follower', 'second']);
    });

    test.each([
      ['clicked on', 'lives'],
      ['clicked on', 'dies'],
      ['ended', 'lives'],
      ['ended', 'dies'],
    ])('the other one is %s, and its function %s: its nodes are found where they are', async (what, how) => {
      const { it, first, second } = await two();
      const interrupting = interrupted(it.store, at, async () => {
        // What it took in by then was read before.
        await it.store.update(first, ({ unread: _read, ...head }) =>
          what === 'ended' ? end('resolved')(head) : { ...head, state: 'applying-canary' },
        );
        if (how === 'dies') throw new Error('killed');
      });
      await it.gathered(second, interrupting).catch(() => {});
      const place = await it.gathered(second);
      const leader = place.kind === 'joined' ? first : second;
      expect((await leaderOf(it.store, second))?.id).toBe(leader);
      for (const { instanceId } of (await it.head(second)).nodes)
        expect((await leaderOf(it.store, (await it.store.joins.holderOf(instanceId)) ?? ''))?.id).toBe(
          leader,
        );
      if (what === 'clicked on')
        expect(await it.alarmsOf(first)).toEqual(place.kind === 'joined' ? ['follower', 'second'] : []);
    });

    test('another alarm joins it: that one is taken along, or finds where it went', async () => {
      const { it, first, second } = await two();
      const late = await it.opened('late', 'b');
      const joining = interrupted(it.store, at, async () => {
        await it.place(late);
      });
      expect(await it.gathered(second, joining)).toEqual({ kind: 'joined', to: first });
      await it.place(late);
      expect((await leaderOf(it.store, late))?.id).toBe(first);
      expect(await it.alarmsOf(first)).toEqual(['follower', 'late', 'second']);
    });

    test('its follower is OK: the one that has it by then knows', async () => {
      const { it, first, second } = await two();
      let okAt = T0 + 4000;
      const saying = interrupted(it.store, at, async () => {
        okAt = T0 + 5000;
        await it.says('follower', 'OK', okAt);
      });
      await it.gathered(second, saying);
      // Where there are fewer writes than that, it is said after the last one.
      if (okAt === T0 + 4000) await it.says('follower', 'OK', okAt);
      const said = (await it.store.joins.alarmsOf(first)).find(({ name }) => name === 'follower');
      expect(said?.okAt).toBe(iso(okAt));
    });
  },
);

describe('the first incident of a cluster', () => {
  test('has its card at once, and another one waits until it is judged', async () => {
    const it = new JoiningWorld(table);
    const alone = async (letter: string, at: number) => {
      it.now = at;
      const id = await it.leading(`alone-${letter}`, letter);
      await it.set(id, { nodes: [{ ...it.node(letter), cluster: it.name }] });
      return { id, isAlone: await isAloneInCluster(it.ports(), id, RULES) };
    };
    const first = await alone('a', T0);
    expect(first.isAlone).toBe(true);
    expect(await isAloneInCluster(it.ports(), first.id, RULES)).toBe(true);
    expect((await alone('b', T0 + MINUTE)).isAlone).toBe(false);
    expect((await alone('c', T0 + 17 * MINUTE)).isAlone).toBe(true);
    // One that has ended tells nothing of others that are open.
    const ended = await alone('d', T0 + 40 * MINUTE);
    await it.store.update(ended.id, end('failed'));
    const next = await alone('e', T0 + 41 * MINUTE);
    expect(next.isAlone).toBe(false);
    await it.set(next.id, { alarm: { ...(await it.head(next.id)).alarm, again: ended.id } });
    expect(await isAloneInCluster(it.ports(), next.id, RULES)).toBe(true);
  });
});

test('one that was judged says that it leads where joining is turned off', async () => {
  const it = new JoiningWorld(table);
  await it.gathered(await judged(it, 'a', 'table-full'));
  const off = { ...RULES, windowSeconds: 0 };
  expect(await gather(it.ports(), await judged(it, 'b', 'table-full'), off, { isPatient: true })).toEqual({
    kind: 'leads',
  });
});
