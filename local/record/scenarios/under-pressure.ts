import { setTimeout as sleep } from 'node:timers/promises';
import { LAB_ADDRESSES } from '../../kernel/lab-rules.ts';
import type { Scenario } from '../scenario.ts';
import { untilCount } from '../wait.ts';

/** Long enough for ended entries to leave the table as fast as new ones come. */
const STEADY_MS = 90_000;

/** Nodes that lose nothing: idle, busy, and busy close to their limit. */
export const underPressure: readonly Scenario[] = [
  {
    name: 'healthy-idle',
    values: { max: 262_144, buckets: 262_144, timeWaitSeconds: 120 },
    run: async (_lab, { keep }) => {
      await keep({
        folder: 'not-the-node/healthy-idle',
        how: 'Twenty connections a second and a table with room for 262,144 entries.',
        expected: { verdict: 'not-the-node', raise: false },
      });
    },
  },
  {
    name: 'healthy-busy',
    values: { max: 131_072, buckets: 32_768, timeWaitSeconds: 60 },
    run: async (lab, { keep }) => {
      await lab.startLoad(800, 2);
      await sleep(STEADY_MS);
      await keep({
        folder: 'not-the-node/healthy-busy',
        how: '800 short connections a second through DNAT and MASQUERADE; the table is half full and steady.',
        expected: { verdict: 'not-the-node', raise: false },
        replayedAs: 'node-3/healthy',
      });
    },
  },
  {
    name: 'near-full',
    values: { max: 13_000, buckets: 16_384, timeWaitSeconds: 120 },
    run: async (lab, { keep }) => {
      await lab.startLoad(700, 0);
      await untilCount(12_000);
      await lab.stopLoad();
      await keep({
        folder: 'near-full/nine-tenths',
        how: 'A burst of 12,000 connections, then twenty a second, against nf_conntrack_max 13,000: the TIME_WAIT entries of the burst still fill nine tenths of the table.',
        expected: { verdict: 'near-full', raise: true },
      });
    },
  },
  {
    name: 'early-drop',
    values: { max: 8192, buckets: 4096, timeWaitSeconds: 120 },
    run: async (lab, { keep }) => {
      await lab.inNamespace('pod', [
        'nft',
        'table inet blackhole { chain in { type filter hook input priority 0; tcp dport 9999 drop; }; }',
      ]);
      await lab.startHelper('client', HALF_OPEN, [LAB_ADDRESSES.pods[0], 9999, 1500]);
      await untilCount(8180);
      await sleep(2000);
      await keep({
        folder: 'near-full/half-open-evicted',
        how: '1,500 connection attempts a second to a service that answers nothing, against nf_conntrack_max 8,192: SYN_SENT entries fill the table and are evicted for newer ones.',
        expected: { verdict: 'near-full', acceptable: ['half-open-flood'], raise: false },
      });
    },
  },
];

const HALF_OPEN = `${import.meta.dirname}/../processes/half-open.ts`;
