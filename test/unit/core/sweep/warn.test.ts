import { describe, expect, test } from 'vitest';
import type { Outlook } from '../../../../src/core/fleet/outlook.ts';
import { isWarning, WarningRequest, warningAlarm } from '../../../../src/core/incident/warning-alarm.ts';
import { Alarm } from '../../../../src/core/record/alarm.ts';
import type { JudgedSweep } from '../../../../src/core/sweep/found.ts';
import { type KeptWarning, warningsToTell } from '../../../../src/core/sweep/warn.ts';
import { instanceId } from '../../support/diagnoses.ts';
import { readingAt, START } from '../fleet/support.ts';

const HOUR = 3_600;
const calm: Outlook = { state: 'calm', why: 'less than half' };
const fills = (hours: number): Outlook => ({
  state: 'fills',
  why: `71 % of 131,072 in use, full in about ${hours} h`,
  in: { earliest: hours * HOUR, likely: hours * HOUR },
});

const judged = (
  index: number,
  outlook: Outlook,
  said: { nodeGroup?: string; count?: number } = {},
): JudgedSweep => ({
  node: {
    instanceId: instanceId(index),
    isOnline: true,
    cluster: 'shop',
    nodeGroup: said.nodeGroup ?? 'workers',
  },
  readings: [readingAt(START, { count: said.count ?? 90_000, cores: 4 })],
  outlook,
  rates: {},
  warning: { isWarned: outlook.state === 'fills', since: START, why: outlook.why },
});

const tell = (nodes: readonly JudgedSweep[], before: Readonly<Record<string, KeptWarning>> = {}) =>
  warningsToTell(nodes, before, START);

describe('what a sweep tells', () => {
  test('is each group’s nodes together, the first to be full in front, with those that come next', () => {
    const { requests } = tell([
      judged(1, fills(5)),
      judged(2, fills(2)),
      judged(3, calm, { count: 84_000 }),
      judged(4, calm, { count: 20_000 }),
      judged(5, fills(3), { nodeGroup: 'others' }),
    ]);
    expect(requests.map(({ instanceIds }) => instanceIds)).toEqual([
      [instanceId(2), instanceId(1)],
      [instanceId(5)],
    ]);
    expect(requests[0]?.why).toBe(
      `${instanceId(2)}: 71 % of 131,072 in use, full in about 2 h. ${instanceId(1)}: 71 % of 131,072 in use, full in about 5 h. ` +
        `Next of the group: ${instanceId(3)} with 64 % of 131,072 on 4 cores, ${instanceId(4)} with 15 % of 131,072 on 4 cores.`,
    );
    for (const request of requests) expect(WarningRequest.safeParse(request).success).toBe(true);
  });

  test('is nothing that was told before, and the new ones of a group on their own', () => {
    const first = tell([judged(1, fills(5)), judged(2, calm)]);
    expect(tell([judged(1, fills(4)), judged(2, calm)], first.kept).requests).toEqual([]);
    const second = tell([judged(1, fills(4)), judged(2, fills(1))], first.kept);
    expect(second.requests.map(({ instanceIds }) => instanceIds)).toEqual([[instanceId(2)]]);
  });

  test('is that it is over, once all that was told together is, also where a node is gone', () => {
    const { kept } = tell([judged(1, fills(5)), judged(2, fills(5))]);
    const half = tell([judged(1, calm), judged(2, fills(5))], kept);
    expect(half.requests).toEqual([]);
    const [over, ...others] = tell([judged(3, calm)], half.kept).requests;
    expect(over).toMatchObject({ state: 'OK', instanceIds: [instanceId(1), instanceId(2)] });
    expect(others).toEqual([]);
  });

  test('keeps since when a node speaks for a warning that has not begun, and tells nothing of it', () => {
    const pending = {
      ...judged(1, calm),
      warning: { isWarned: false, likelySince: START, why: 'full in 5 h' },
    };
    const { requests, kept } = tell([pending]);
    expect([requests, kept]).toEqual([[], { [instanceId(1)]: pending.warning }]);
    const told = tell([judged(1, fills(5))]).kept;
    expect(tell([pending], told).requests).toMatchObject([{ state: 'OK' }]);
  });

  test('stays within an alarm and an incident, whatever the number of nodes', () => {
    const { requests } = tell(Array.from({ length: 45 }, (_, index) => judged(index + 1, fills(1))));
    expect(requests.map(({ instanceIds }) => instanceIds.length)).toEqual([20, 20, 5]);
    const long = fills(1);
    const wordy = judged(1, { ...long, why: 'x'.repeat(3_000) });
    const [request] = tell([wordy]).requests;
    expect(WarningRequest.safeParse(request).success).toBe(true);
  });
});

test('a warning is an alarm of its own kind: the same nodes are the same one, and its end is an OK of it', () => {
  const home = { partition: 'aws', region: 'eu-central-1', account: '111122223333' } as const;
  const at = '2026-11-30T00:00:00.000Z';
  const ids = [instanceId(2), instanceId(1)];
  const begun = warningAlarm({ instanceIds: ids, state: 'ALARM', why: 'soon', at }, home);
  const over = warningAlarm({ instanceIds: ids.toReversed(), state: 'OK', why: 'over', at }, home);
  expect(Alarm.safeParse(begun).success).toBe(true);
  expect(isWarning(begun)).toBe(true);
  expect([over.arn, over.state]).toEqual([begun.arn, 'OK']);
  expect(begun.name).toBe(`Early warning: the table of ${instanceId(1)} and 1 more fills up`);
  expect(isWarning({ arn: begun.arn.replace(':warning:', ':manual:') })).toBe(false);
});
