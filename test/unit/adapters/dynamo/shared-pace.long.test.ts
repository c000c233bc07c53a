import { afterAll, beforeAll, expect, test } from 'vitest';
import { SharedPace } from '../../../../src/adapters/dynamo/shared-pace.ts';
import { TURNS } from '../../../../src/adapters/waiting/pace.ts';
import { ChannelBusyError } from '../../../../src/core/errors.ts';
import { startTable, TABLE } from '../support.ts';

/** Longer than all of a test takes, so that only turns count. */
const MESSAGE_MS = 1_000_000;

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());

const paceWith = (waitMs: number, messageMs = MESSAGE_MS) =>
  new SharedPace(table.client, TABLE, { messageMs, waitMs });

test('of functions that speak at once in a channel some get a turn, and the others hear how long to wait', async () => {
  const asked = await Promise.allSettled(
    Array.from({ length: 6 }, () => paceWith(0).turn('post', 'C0TURNS')),
  );
  const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  // One turn may be taken ahead of time.
  expect(refused).toHaveLength(4);
  for (const why of refused) expect(why).toBeInstanceOf(ChannelBusyError);
  const waits = refused.map(({ waitSeconds }: ChannelBusyError) => waitSeconds);
  expect(Math.max(...waits)).toBeGreaterThan(990);
});

test('who is refused a turn has taken none, and another channel has turns of its own', async () => {
  const pace = paceWith(0);
  await pace.turn('post', 'C0ONE');
  await pace.turn('post', 'C0ONE');
  for (let count = 0; count < 5; count++) {
    const why: unknown = await pace.turn('post', 'C0ONE').catch((error: unknown) => error);
    expect(why).toMatchObject({ waitSeconds: 1000 });
  }
  await expect(pace.turn('post', 'C0OTHER')).resolves.toBeUndefined();
});

test('turns are waited for, as far apart as Slack wants them', async () => {
  const pace = paceWith(10_000, 100);
  const begun = performance.now();
  const at = await Promise.all(
    Array.from({ length: 6 }, async () => {
      await pace.turn('post', 'C0WAIT');
      return performance.now() - begun;
    }),
  );
  const spoken = at.toSorted((a, b) => a - b);
  expect(spoken.at(-1)).toBeGreaterThan(350);
});

test('what Slack wants nobody to ask for, nobody asks for', async () => {
  await paceWith(0, 10).hold('edit', 'C0HOLD', 600);
  const why: unknown = await paceWith(0, 10)
    .turn('edit', 'C0ELSE')
    .catch((error: unknown) => error);
  expect(why).toMatchObject({ waitSeconds: 600 });
  await paceWith(0, 10).turn('post', 'C0HOLD');
});

test('a card is edited once a second, and another one all the same', async () => {
  const [card, other] = [
    { channel: 'C0CARD', message: '1.1' },
    { channel: 'C0CARD', message: '2.2' },
  ];
  const at = (waitMs: number) => paceWith(waitMs, 1000);
  await at(0).cardTurn(card);
  await expect(at(0).cardTurn(card)).rejects.toMatchObject({ waitSeconds: 1 });
  await expect(at(0).cardTurn(other)).resolves.toBeUndefined();
});

test('all that a card is edited in any hour is two hundred times at most, the burst among them', () => {
  const { length, ahead } = TURNS['card-in-an-hour'];
  expect(ahead + 1 + 3600 / length).toBeLessThanOrEqual(200);
});
