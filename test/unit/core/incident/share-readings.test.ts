import { describe, expect, test } from 'vitest';
import { claimReadings, type ReadingWanted } from '../../../../src/core/incident/share-readings.ts';
import type { NodeReading } from '../../../../src/core/record/node-reading.ts';

const NOW = Date.parse('2026-11-23T14:10:00.000Z');
const NODE = 'i-0aaaaaaaaaaaaaaaa';
const COMMAND = { id: 'c-1', documentHash: 'a'.repeat(64) };
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
const theirs = (seconds: number, changes: Partial<NodeReading> = {}): NodeReading => ({
  incidentId: 'inc-other',
  nonce: 'other',
  at: ago(seconds),
  command: COMMAND,
  ...changes,
});
const unsent = (seconds: number): NodeReading => ({
  incidentId: 'inc-other',
  nonce: 'other',
  at: ago(seconds),
});

/** What becomes of the one node, whose newest reading is there already. */
async function outcome(
  reading: NodeReading,
  command: 'runs' | 'ended' | 'unknown',
  changes: Partial<ReadingWanted> = {},
): Promise<string> {
  const ports = {
    readings: {
      claim: async (_id: string, _mine: NodeReading, isOver: (one: NodeReading) => Promise<boolean>) =>
        (await isOver(reading)) ? undefined : reading,
      note: async () => {},
      release: async () => {},
      outdate: async () => {},
    },
    commands: {
      progress: async () => {
        if (command === 'unknown') throw new Error('throttled');
        return { finished: command === 'ended' ? 1 : 0, total: 1 };
      },
      outputs: async () => [],
    },
    clock: { now: () => NOW },
    patienceSeconds: 240,
  };
  const wanted = { incidentId: 'inc-mine', instanceIds: [NODE], nonce: 'mine', place: undefined, ...changes };
  const { own, shared, waiting } = await claimReadings(ports, wanted);
  expect(own.length + shared.length + waiting.length).toBe(1);
  return own.length === 1 ? 'asks' : shared.length === 1 ? 'shares' : 'waits';
}

describe('a node that somebody else has asked', () => {
  test.each<[string, NodeReading, 'runs' | 'ended' | 'unknown', Partial<ReadingWanted>, string]>([
    ['a moment ago', theirs(3), 'runs', {}, 'shares'],
    ['within a minute, and has its answer', theirs(59), 'ended', {}, 'shares'],
    ['over a minute ago', theirs(61), 'ended', {}, 'asks'],
    ['over a minute ago, and that still runs', theirs(90), 'runs', {}, 'shares'],
    ['so long ago that the command counts as lost', theirs(241), 'runs', {}, 'asks'],
    ['before its change', theirs(3, { isOutdated: true }), 'ended', {}, 'asks'],
    ['before its change, and that still runs', theirs(3, { isOutdated: true }), 'runs', {}, 'waits'],
    ['before what is to be verified', theirs(3), 'ended', { since: ago(1) }, 'asks'],
    ['before what is to be verified, and that still runs', theirs(3), 'runs', { since: ago(1) }, 'waits'],
    ['after what is to be verified', theirs(3), 'runs', { since: ago(4) }, 'shares'],
    ['for the same incident', theirs(3), 'ended', { incidentId: 'inc-other' }, 'asks'],
    ['for the same incident, and that still runs', theirs(3), 'runs', { incidentId: 'inc-other' }, 'waits'],
    ['and is sending', unsent(2), 'unknown', {}, 'waits'],
    ['and is sending, while Systems Manager is slow to take it', unsent(100), 'unknown', {}, 'waits'],
    ['and died before it could send', unsent(121), 'unknown', {}, 'asks'],
    ['for the same incident, and is sending', unsent(2), 'unknown', { incidentId: 'inc-other' }, 'waits'],
    ['for the same incident, and died', unsent(31), 'unknown', { incidentId: 'inc-other' }, 'asks'],
    ['over a minute ago, and nobody can tell what became of it', theirs(90), 'unknown', {}, 'shares'],
    [
      'before its change, and nobody can tell what became of it',
      theirs(9, { isOutdated: true }),
      'unknown',
      {},
      'waits',
    ],
  ])('%s', async (_when, reading, command, changes, expected) => {
    expect(await outcome(reading, command, changes)).toBe(expected);
  });
});

test('a claim counts from when it was made, however long the nodes before it took to be judged', async () => {
  let now = NOW;
  const claimed: string[] = [];
  await claimReadings(
    {
      readings: {
        claim: async (_id, { at }) => {
          claimed.push(at);
          now += 20_000;
          return undefined;
        },
        note: async () => {},
        release: async () => {},
        outdate: async () => {},
      },
      commands: { progress: async () => ({ finished: 0, total: 1 }), outputs: async () => [] },
      clock: { now: () => now },
      patienceSeconds: 240,
    },
    { incidentId: 'inc-mine', instanceIds: [NODE, `${NODE}b`], nonce: 'mine', place: undefined },
  );
  expect(claimed).toEqual([ago(0), ago(-20)]);
});
