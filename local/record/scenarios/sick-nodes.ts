import { setTimeout as sleep } from 'node:timers/promises';
import { type KernelValues, writeKernelValues } from '../../kernel/kernel-values.ts';
import type { Scenario } from '../scenario.ts';
import { untilCount, untilDrained } from '../wait.ts';

/** Nothing is lost any more, but the kernel log still tells of a full table: not seeing a cause is right, being unsure is too. */
const CALM_AGAIN = { verdict: 'not-the-node', acceptable: ['insufficient-evidence'], raise: false };

/** The life of one sick node: full, raised by a tenth, raised to the target, rolled back after its load ended. */
function sickNode(given: {
  readonly name: string;
  readonly replayedAs: string;
  readonly values: KernelValues;
  readonly target: KernelValues;
  readonly load: { readonly perSecond: number; readonly holdSeconds: number };
  readonly how: string;
}): Scenario {
  const { name, values, target, load, replayedAs } = given;
  const incident = `inc-recorded-${name}`;
  return {
    name,
    values,
    run: async (lab, recorder) => {
      await lab.startLoad(load.perSecond, load.holdSeconds);
      await untilCount(values.max - 2);
      await sleep(2000);
      await recorder.keep({
        folder: `table-full/${name}`,
        how: given.how,
        expected: { verdict: 'table-full', raise: true },
        replayedAs: `${replayedAs}/sick`,
      });
      writeKernelValues({ ...values, max: Math.ceil(values.max * 1.1) });
      await untilCount(Math.ceil(values.max * 1.1) - 2);
      await recorder.keep({
        folder: `table-full/${name}-raised-by-a-tenth`,
        how: `${given.how} Then the limit was raised by a tenth only, by hand, and the table is full again.`,
        expected: { verdict: 'table-full', raise: true },
        replayedAs: `${replayedAs}/raised-too-little`,
      });
      writeKernelValues(values);
      await recorder.raise(incident, target);
      await sleep(5000);
      await recorder.keep({
        folder: `not-the-node/${name}-raised`,
        how: `${given.how} Then the limit was raised far enough while the load went on; the drops have stopped, the log still tells of them.`,
        expected: CALM_AGAIN,
        replayedAs: `${replayedAs}/raised`,
      });
      await lab.stopLoad();
      await untilDrained(0.5 * values.max);
      await recorder.rollBack(incident);
      await recorder.keep({
        folder: `not-the-node/${name}-rolled-back`,
        how: `${given.how} Then raised, the load ended, and the raise was rolled back.`,
        expected: CALM_AGAIN,
        replayedAs: `${replayedAs}/rolled-back`,
      });
    },
  };
}

/** The nodes on which a raise is the cure. The demo replays them. */
export const sickNodes: readonly Scenario[] = [
  sickNode({
    name: 'time-wait-49152',
    replayedAs: 'node-1',
    values: { max: 49_152, buckets: 16_384, timeWaitSeconds: 120 },
    target: { max: 196_608, buckets: 196_608, timeWaitSeconds: 120 },
    load: { perSecond: 900, holdSeconds: 0 },
    how: '900 short connections a second through DNAT and MASQUERADE against nf_conntrack_max 49,152; TIME_WAIT entries pile up.',
  }),
  sickNode({
    name: 'held-open-32768',
    replayedAs: 'node-2',
    values: { max: 32_768, buckets: 32_768, timeWaitSeconds: 120 },
    target: { max: 131_072, buckets: 131_072, timeWaitSeconds: 120 },
    load: { perSecond: 600, holdSeconds: 24 },
    how: '600 connections a second that are held open for up to 24 s through DNAT and MASQUERADE, against nf_conntrack_max 32,768.',
  }),
];
