import { readFileSync } from 'node:fs';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { catalogue } from '../../../../runbooks/index.ts';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import * as ITEMS from '../../../../src/adapters/dynamo/items.ts';
import { ForeignItemError, NewerItemError } from '../../../../src/adapters/errors.ts';
import { auditOf } from '../../../../src/core/audit/audit.ts';
import { auditMarkdown } from '../../../../src/core/audit/audit-markdown.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import { decide } from '../../../../src/core/incident/decide.ts';
import type { IncidentHead, IncidentState } from '../../../../src/core/record/incident.ts';
import { NEWEST_VERSION, RECORD_VERSION } from '../../../../src/core/record/stored.ts';
import { transition } from '../../../../src/core/record/transitions.ts';
import { UNFINISHED } from '../../../../src/core/record/unfinished.ts';
import { updateRemediation } from '../../../../src/core/remediation/claim.ts';
import { ANA, buildIncident, CARD, NOW, TEAM } from '../../support/incidents.ts';
import { laterIn, withLater } from '../../support/later-fields.ts';
import { startTable, TABLE } from '../support.ts';

type Item = Readonly<Record<string, unknown>>;

let table: Awaited<ReturnType<typeof startTable>>;
let store: DynamoIncidentStore;

beforeAll(async () => {
  table = await startTable();
  store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 600 });
});
afterAll(() => table.close());

const put = async (item: Item) => {
  await table.client.send(new PutItemCommand({ TableName: TABLE, Item: marshall(item) }));
};
const headItemOf = async (id: string): Promise<Item> => {
  const { Item } = await table.client.send(
    new GetItemCommand({ TableName: TABLE, Key: marshall(ITEMS.headKey(id)), ConsistentRead: true }),
  );
  return unmarshall(Item ?? {});
};

async function storedBy(state: IncidentState, id: string, change: (item: Item) => Item): Promise<Item> {
  const { head, collections } = buildIncident(state, { nodes: 2 });
  const item = {
    ...ITEMS.headKey(id),
    version: RECORD_VERSION,
    revision: 1,
    write: 'w',
    head: { ...head, id, revision: 1 },
  };
  const changed = change(item);
  await put(changed);
  for (const collection of collections) {
    const sk = `collection#${collection.instanceId}#${String(collection.collection).padStart(6, '0')}`;
    await put({ pk: id, sk, version: RECORD_VERSION, collection: withLater(collection) });
  }
  return changed;
}

const RULES = { now: NOW, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 };

/** What functions do to a head: a click, a move, news of a step. */
const WRITES: readonly (readonly [string, IncidentState, (head: IncidentHead) => IncidentHead | string])[] = [
  [
    'a click',
    'awaiting-approval',
    (head) =>
      decide(
        head,
        {
          kind: 'apply-one',
          planDigest: head.plan?.digest ?? '',
          actor: ANA,
          slack: { team: TEAM, ...CARD },
        },
        RULES,
      ),
  ],
  [
    'an end',
    'verifying',
    (head) => transition(head, 'failed', { kind: 'workflow' }, '2026-11-23T14:12:00.000Z', 'For the test.'),
  ],
  [
    'news of a step',
    'verifying',
    (head) => {
      const instanceIds = head.remediations.map(({ instanceId }) => instanceId);
      const [first] = head.remediations;
      if (first === undefined) return 'There is no step.';
      const { kind, decision } = first;
      return updateRemediation(head, { kind, decision, instanceIds }, () => ({ detail: 'Read back.' }));
    },
  ],
];

describe('a record to which a newer version has added optional fields', () => {
  test.each(WRITES)('is read, and keeps them through %s', async (what, state, change) => {
    const id = `inc-newer-${what.replaceAll(' ', '-')}`;
    const before = await storedBy(state, id, (item) => withLater(item) as Item);
    const expected = laterIn(before);
    expect(expected.length).toBeGreaterThan(20);
    const incident = await store.load(id);
    expect(incident?.collections).toHaveLength(2);
    expect(incident && cardOf(incident, catalogue, NOW).header).not.toBe('');
    expect(await store.update(id, change)).toMatchObject({ ok: true });
    expect(laterIn(await headItemOf(id))).toEqual(expect.arrayContaining(expected));
  });

  test('is found as unfinished no longer than it is', async () => {
    const id = 'inc-newer-finished';
    await storedBy('verifying', id, (item) => ({ ...item, unfinished: UNFINISHED.value, laterBeside: 1 }));
    expect(await store.unfinished()).toContain(id);
    const end = WRITES.find(([what]) => what === 'an end')?.[2] ?? (() => 'There is no end.');
    const ended = await store.update(id, end);
    await store.noteShown(id, ended.ok ? ended.head.revision : 0);
    await store.noteEndTold(id);
    expect(await store.unfinished()).not.toContain(id);
    expect(await headItemOf(id)).toMatchObject({ laterBeside: 1 });
  });

  test('has them in its audit', async () => {
    await storedBy('resolved', 'inc-newer-audited', (item) => withLater(item) as Item);
    const history = await store.history('inc-newer-audited');
    expect(history && JSON.stringify(auditOf(history))).toContain('/head/decisions/0');
  });
});

test('no object of what is stored refuses a field that it does not know', () => {
  const strict: string[] = [];
  const seen = new Set<unknown>();
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null || seen.has(schema)) return;
    seen.add(schema);
    if (schema instanceof z.ZodObject && schema.def.catchall instanceof z.ZodNever) strict.push(path);
    const { def } = schema as { def?: Readonly<Record<string, unknown>> };
    for (const [key, inner] of Object.entries(def ?? {})) {
      const parts: [string, unknown][] =
        key === 'shape' || Array.isArray(inner) ? Object.entries(inner as object) : [['', inner]];
      for (const [name, part] of parts) walk(part, `${path}${name === '' ? '' : `.${name}`}`);
    }
  };
  for (const [name, schema] of Object.entries(ITEMS)) if (schema instanceof z.ZodType) walk(schema, name);
  expect(seen.size).toBeGreaterThan(200);
  expect(strict).toEqual([]);
});

describe('a record that an older version must not go on with', () => {
  test('is refused in a sentence, and stays as it is', async () => {
    const item = await storedBy('awaiting-approval', 'inc-from-later', (one) => ({
      ...one,
      version: NEWEST_VERSION + 1,
      head: { shape: 'another' },
    }));
    const reading = store.update('inc-from-later', (head) => ({ ...head, state: 'failed' }));
    await expect(reading).rejects.toBeInstanceOf(NewerItemError);
    await expect(reading).rejects.toMatchObject({
      isLasting: true,
      message: expect.stringMatching(/^Stored item inc-from-later head was written by a newer version .*\.$/),
    });
    expect(await headItemOf('inc-from-later')).toEqual(item);
  });

  test('is refused where it has one value more than a list had, and named', async () => {
    const item = await storedBy('awaiting-approval', 'inc-from-soon', (one) => ({
      ...one,
      head: { ...(one['head'] as object), state: 'paused' },
    }));
    const reading = store.update('inc-from-soon', (head) => ({ ...head, state: 'failed' }));
    await expect(reading).rejects.toBeInstanceOf(ForeignItemError);
    await expect(reading).rejects.toThrow(/inc-from-soon head .* at head\.state: .*nothing was changed/);
    expect(await headItemOf('inc-from-soon')).toEqual(item);
  });
});

describe('a record of an older version', () => {
  const items = JSON.parse(
    readFileSync(new URL('../../../fixtures/records/2026-11-27.json', import.meta.url), 'utf8'),
  ) as Item[];
  const ids = [...new Set(items.map(({ pk }) => String(pk)))];

  beforeAll(async () => {
    for (const item of items) await put(item);
  });

  test.each(ids)('%s is read, shown and printed', async (id) => {
    const incident = await store.load(id);
    const history = await store.history(id);
    expect(incident?.head.remediations.map(({ kind }) => kind)).toContain('raise-max');
    expect(incident && cardOf(incident, catalogue, NOW).header).not.toBe('');
    expect(history && auditMarkdown(auditOf(history))).toContain('raise-max');
  });

  test('goes on where it waited', async () => {
    const id = ids[0] ?? '';
    const before = await store.head(id);
    const updated = await store.update(id, (head) => ({
      ...head,
      nodeGaps: ['Written by a newer version.'],
    }));
    expect(updated.ok && updated.head).toEqual({
      ...before,
      revision: (before?.revision ?? 0) + 1,
      nodeGaps: ['Written by a newer version.'],
    });
  });
});
