import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDemos, removeEndpoints, writeEndpoints } from '../../../local/demo/endpoints.ts';
import { openWorkDir } from '../../../local/demo/work-dir.ts';
import { demoEndpoints } from '../support/demo-endpoints.ts';

const url = 'http://127.0.0.1:4747';
const NONE = { demos: [], others: [] };
const endpoints = demoEndpoints({ ssm: url, approvers: ['U0LOCALANA'] });

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'medic-endpoints-test-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

test('finds nothing where no demo runs', async () => {
  await openWorkDir(root);
  expect(await findDemos(root)).toEqual(NONE);
});

test('finds the demo that was started last in front, and not any more when it has ended', async () => {
  const [first, second] = [await openWorkDir(root), await openWorkDir(root)];
  await writeEndpoints(first, endpoints);
  await writeEndpoints(second, { ...endpoints, table: 'second' });
  await utimes(join(first, 'endpoints.json'), new Date(0), new Date(0));
  expect((await findDemos(root)).demos.map(({ table }) => table)).toEqual(['second', 'conntrack-medic']);
  await removeEndpoints(second);
  expect(await findDemos(root)).toEqual({ demos: [endpoints], others: [] });
});

test('takes no file of a demo that was killed', async () => {
  const folder = await openWorkDir(root);
  await writeEndpoints(folder, endpoints);
  await writeFile(join(folder, 'pid'), '0');
  expect(await findDemos(root)).toEqual(NONE);
});

test('keeps the secrets to its user', async () => {
  const folder = await openWorkDir(root);
  await writeEndpoints(folder, endpoints);
  const file = join(folder, 'endpoints.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('tells a demo of another version, or with an endpoint on another machine, from those that can be used', async () => {
  const [own, other] = [await openWorkDir(root), await openWorkDir(root)];
  await writeEndpoints(own, endpoints);
  await writeEndpoints(other, { ...endpoints, ssm: 'http://192.0.2.1:80' });
  expect(await findDemos(root)).toMatchObject({
    demos: [endpoints],
    others: [
      {
        message: expect.stringContaining('start it again'),
        cause: { message: expect.stringContaining('must be on 127.0.0.1') },
      },
    ],
  });
});
