import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { canTrace, dropSyn, egress, Labs, look, MIDDLE_MS, TRACED_SECONDS, table } from './support/faults.ts';
import { type Opened, openTraceLab } from './support/trace-lab.ts';

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

describe.runIf(canTrace)('what a trace costs', () => {
  it('is printed as the ratio of what clients wait with and without it, in one run', async () => {
    const lab = await openTraceLab(`${process.pid.toString(36)}l`);
    try {
      await lab.serve();
      const connecting = lab.connect(200, 26);
      await sleep(7000);
      const from = Date.now();
      await lab.trace({ seconds: TRACED_SECONDS });
      const to = Date.now();
      const opened = await connecting;
      const isDuring = ([begun]: Opened[number]) => begun >= from && begun < to;
      const during = p99(opened.filter(isDuring));
      const without = p99(opened.filter((one) => !isDuring(one)));
      console.log(
        `Of ${opened.length} connections in one run 99 in 100 opened within ${without.toFixed(2)} ms without a trace and ${during.toFixed(2)} ms while one ran: ${(during / without).toFixed(2)} times as long.`,
      );
      expect(during).toBeGreaterThan(0);
    } finally {
      await lab.end();
    }
  });
});

const p99 = (opened: Opened): number =>
  opened.map(([, took]) => took).toSorted((a, b) => a - b)[Math.floor(opened.length * 0.99)] ?? 0;
