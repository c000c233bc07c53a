import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DynamoNodeReadings } from '../../../../src/adapters/dynamo/node-readings.ts';
import type { NodeReading } from '../../../../src/core/record/node-reading.ts';
import { instanceId } from '../../support/diagnoses.ts';
import { startTable, TABLE } from '../support.ts';

let table: Awaited<ReturnType<typeof startTable>>;
let readings: DynamoNodeReadings;
let node = '';
let count = 0;

beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(() => {
  readings = new DynamoNodeReadings(table.client, TABLE);
  count += 1;
  node = instanceId(count);
});

const COMMAND = { id: 'c-1', documentHash: 'a'.repeat(64) };
const reading = (who: number): NodeReading => ({
  incidentId: `inc-${who}`,
  nonce: `nonce-${who}`,
  at: '2026-11-23T14:02:05.000Z',
});
const never = async () => false;
const always = async () => true;
const many = Array.from({ length: 20 }, (_, index) => index + 1);
const seen = async () => await readings.claim(node, reading(99), never);

describe('claims of a node’s reading', () => {
  test('of many at once one holds, and the others see whose', async () => {
    const others = await Promise.all(many.map((who) => readings.claim(node, reading(who), never)));
    expect(others.filter((one) => one === undefined)).toHaveLength(1);
    const winner = others.indexOf(undefined) + 1;
    for (const other of others) expect(other ?? reading(winner)).toEqual(reading(winner));
  });

  test('of many that take over one that is over, one holds at a time', async () => {
    await readings.claim(node, reading(0), never);
    const isFirst = async ({ nonce }: NodeReading) => nonce === 'nonce-0';
    const others = await Promise.all(many.map((who) => readings.claim(node, reading(who), isFirst)));
    expect(others.filter((one) => one === undefined)).toHaveLength(1);
  });

  test('a claim whose answer was lost holds when it is made again', async () => {
    await readings.claim(node, reading(1), never);
    expect(await readings.claim(node, reading(1), never)).toBeUndefined();
  });

  test('a command is noted for the claim that sent it, never over another one', async () => {
    await readings.claim(node, reading(1), never);
    await readings.note(node, { ...reading(1), command: COMMAND });
    expect(await seen()).toEqual({ ...reading(1), command: COMMAND });
    await readings.claim(node, reading(2), always);
    await readings.note(node, { ...reading(1), command: { ...COMMAND, id: 'late' } });
    expect(await seen()).toEqual(reading(2));
  });

  test('one that is given up is free; another’s is not given up', async () => {
    await readings.claim(node, reading(1), never);
    await readings.release(node, 'nonce-2');
    expect(await seen()).toEqual(reading(1));
    await readings.release(node, 'nonce-1');
    expect(await readings.claim(node, reading(2), never)).toBeUndefined();
  });

  test('a change outdates it, also one whose command is noted later', async () => {
    await readings.outdate(node);
    await readings.claim(node, reading(1), never);
    await readings.outdate(node);
    await readings.note(node, { ...reading(1), command: COMMAND });
    expect(await seen()).toEqual({ ...reading(1), command: COMMAND, isOutdated: true });
  });
});
