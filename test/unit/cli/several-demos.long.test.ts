import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeEndpoints } from '../../../local/demo/endpoints.ts';
import { openWorkDir } from '../../../local/demo/work-dir.ts';
import { type LocalServer, listenLocally, readBody } from '../../../local/http-server.ts';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { startTable, TABLE } from '../adapters/support.ts';
import { demoEndpoints } from '../support/demo-endpoints.ts';
import { buildIncident } from '../support/incidents.ts';
import { medic } from '../support/medic.ts';

const CHECKOUT = new URL('../../../', import.meta.url).pathname;
const NODE = 'i-0123456789abcdef0';

let root: string;
let tables: readonly Awaited<ReturnType<typeof startTable>>[];
let lambda: LocalServer;
let invoked: string[];

beforeAll(async () => {
  tables = [await startTable(), await startTable()];
  lambda = await listenLocally(async (request, response) => {
    invoked.push(request.url?.split('/')[1] ?? '');
    await readBody(request);
    response.end(JSON.stringify({ outcome: 'opened' }));
  });
});
afterAll(async () => {
  await lambda.close();
  for (const table of tables) await table.close();
});
beforeEach(async () => {
  invoked = [];
  root = await mkdtemp(join(tmpdir(), 'medic-several-demos-test-'));
  return () => rm(root, { recursive: true, force: true });
});

/** A demo runs whose page has this port; its calls of Lambda have it in their path. */
async function runs(port: number, checkout: string, dynamo = tables[0]?.url ?? ''): Promise<void> {
  const url = `http://127.0.0.1:${port}`;
  const endpoints = demoEndpoints({
    checkout,
    ssm: url,
    dynamo,
    lambda: `${lambda.url}/${port}`,
    slackApi: `${url}/api/`,
    slackPage: `${url}/`,
    slackRequest: url,
    webhook: url,
    table: TABLE,
  });
  await writeEndpoints(await openWorkDir(root), endpoints);
}

const incident = (...options: string[]) => medic(['incident', ...options, NODE], '', { TMPDIR: root });

test('the only one that runs is meant, whatever checkout it is of', async () => {
  await runs(4747, '/elsewhere/');
  expect(await incident('--local')).toMatchObject({ status: 0, out: expect.stringContaining('Reading') });
});

test('of several the only one of this checkout is meant', async () => {
  await runs(4747, CHECKOUT);
  await runs(4748, '/elsewhere/');
  expect(await incident('--local')).toMatchObject({ status: 0 });
  expect(invoked).toEqual(['4747']);
});

test.each([
  ['of this checkout', CHECKOUT, 'this checkout'],
  ['of none of them this checkout', '/other/', '/other/'],
])('of several %s one has to be named, and the sentence lists them', async (_, checkout, told) => {
  await runs(4747, checkout);
  await runs(4748, checkout);
  const { status, error } = await incident('--local');
  expect(status).toBe(2);
  expect(error).toContain('2 demos run on this machine; name one with --demo:');
  expect(error).toContain(`http://127.0.0.1:4747/ (${told})`);
  expect(error).toContain(`http://127.0.0.1:4748/ (${told})`);
  expect(invoked).toEqual([]);
});

test.each(['http://127.0.0.1:4748/', 'http://127.0.0.1:4748', 'http://localhost:4748/'])(
  'the one with the page %s can be named',
  async (page) => {
    await runs(4747, CHECKOUT);
    await runs(4748, '/elsewhere/');
    expect(await incident('--demo', page)).toMatchObject({ status: 0 });
    expect(invoked).toEqual(['4748']);
  },
);

test('a page that no demo has is refused with those that there are', async () => {
  await runs(4747, CHECKOUT);
  expect(await incident('--demo', 'http://127.0.0.1:1/')).toMatchObject({
    status: 2,
    error:
      'medic: No demo has the page http://127.0.0.1:1/; give one of http://127.0.0.1:4747/ (this checkout).\n',
  });
});

test('an audit is of the demo that has the incident', async () => {
  for (const [index, { client }] of tables.entries()) {
    const { head } = buildIncident('resolved', { head: { id: `inc-of-demo-${index}` } });
    await new DynamoIncidentStore(client, TABLE, { nodeLockSeconds: 60 }).open(head);
    await runs(4747 + index, index === 0 ? CHECKOUT : '/elsewhere/', tables[index]?.url);
  }
  const audit = (id: string, ...options: string[]) =>
    medic(['audit', id, '--local', ...options], '', { TMPDIR: root });
  for (const id of ['inc-of-demo-0', 'inc-of-demo-1'])
    expect((await audit(id)).out).toContain(`# Audit of ${id}`);
  expect((await audit('inc-of-nobody')).error).toContain(
    'There is no incident inc-of-nobody in any of the demos that run, http://127.0.0.1:474',
  );
  expect((await audit('inc-of-demo-0', '--demo', 'http://127.0.0.1:4748/')).status).toBe(2);
});
