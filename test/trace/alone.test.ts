import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { type Beside, type Block, costOf } from './support/cost.ts';
import { canTrace, dropSyn, egress, Labs, look, MIDDLE_MS, TRACED_SECONDS, table } from './support/faults.ts';
import { isWritten } from './support/table.ts';
import { openTraceLab } from './support/trace-lab.ts';

const MAX = '/proc/sys/net/netfilter/nf_conntrack_max';

describe.runIf(canTrace)('a fault that has the machine for itself', () => {
  const labs = new Labs();
  afterAll(async () => {
    await labs.end();
    table.write();
  });

  it(
    'is a full table, which is one for the machine',
    labs.within(async (lab) => {
      const before = readFileSync(MAX, 'utf8').trim();
      const fill = async () => {
        await sleep(MIDDLE_MS);
        const count = Number(await lab.in(lab.node, 'cat /proc/sys/net/netfilter/nf_conntrack_count'));
        try {
          writeFileSync(MAX, String(count + 5));
          await sleep(1500);
        } finally {
          writeFileSync(MAX, before);
        }
      };
      const { summary, trace } = await look(lab, 'a full table, for 1.5 s', { during: fill });
      expect(summary.lost[0]).toMatchObject({ edge: 'node', packet: 'SYN' });
      expect(summary.lost[0]?.count).toBeGreaterThan(50);
      const drop = trace.counters.find(({ where, name }) => where === 'table' && name === 'drop');
      expect((drop?.after ?? 0) - (drop?.before ?? 0)).toBeGreaterThanOrEqual(summary.lost[0]?.count ?? 0);
      expect(summary.lost[0]?.causes[0]?.id).toBe('no-entry');
    }),
  );

  it(
    'is found among more connections than can be looked at',
    labs.within(async (lab) => {
      await lab.rules(lab.node, dropSyn('veth', egress('veth0'), 20));
      const { truth, summary, trace } = await look(
        lab,
        'the same, as many as the client opens, up to 5,000 a second',
        {
          rate: 5000,
        },
      );
      expect(trace.thin).toBeGreaterThan(1);
      const [found, true_] = [summary.delayed / summary.connections, truth.delayed / truth.connections];
      const margin = 3 * Math.sqrt((true_ * (1 - true_)) / summary.connections);
      expect(Math.abs(found - true_)).toBeLessThanOrEqual(Math.max(margin, 0.02));
      expect(summary.lost[0]).toMatchObject({ edge: 'node', packet: 'SYN' });
    }),
  );
});

/** Rounds of blocks: many where the page is written, the fewest that can be compared otherwise. */
const ROUNDS = isWritten ? 12 : 2;
/** A block of each in a round. The least that a capture costs is told on the page only. */
const KINDS: readonly Beside[] = isWritten ? ['trace', 'nothing', 'sockets'] : ['trace', 'nothing'];
/** A block takes about as long as the shortest trace from its start to its end. */
const BLOCK_MS = 9000;
/** A client that has just begun is slow itself: its code is not compiled yet. */
const WARM_UP_MS = isWritten ? 10_000 : 2000;
/** What they take, on a machine that is slow, too. */
const LONGEST_S = (ROUNDS * KINDS.length * 2 * BLOCK_MS) / 1000;

describe.runIf(canTrace)('what a trace costs', () => {
  it(
    'is told as the ratio of what clients wait with and without it, in one run',
    async () => {
      const lab = await openTraceLab(`${process.pid.toString(36)}l`);
      try {
        await lab.serve();
        const client = await lab.connectUntil(200);
        await sleep(WARM_UP_MS);
        const blocks: Block[] = [];
        const run: Record<Beside, () => Promise<unknown>> = {
          trace: () => lab.trace({ seconds: TRACED_SECONDS }),
          nothing: () => sleep(BLOCK_MS),
          sockets: () => lab.listen(BLOCK_MS),
        };
        for (let round = 0; round < ROUNDS; round++) {
          // Each is the first as often as the others.
          for (let turn = 0; turn < KINDS.length; turn++) {
            const beside = KINDS[(round + turn) % KINDS.length] ?? 'nothing';
            const from = Date.now();
            await run[beside]();
            blocks.push({ from, to: Date.now(), beside });
          }
        }
        const opened = await client.end();
        const cost = costOf(opened, blocks);
        table.tell(cost, opened.length);
        expect(cost.traced.took).toBeGreaterThan(0);
        expect(cost.without).toBeGreaterThan(0);
      } finally {
        await lab.end();
      }
    },
    LONGEST_S * 1000,
  );
});
