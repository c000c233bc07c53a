import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openWorkDir } from '../../../local/demo/work-dir.ts';

const roots: string[] = [];

afterEach(async () => {
  for (const root of roots.splice(0)) await rm(root, { recursive: true, force: true });
});

async function rootWith(folders: Readonly<Record<string, string | undefined>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'work-dir-test-'));
  roots.push(root);
  for (const [name, pid] of Object.entries(folders)) {
    await mkdir(join(root, name));
    if (pid !== undefined) await writeFile(join(root, name, 'pid'), pid);
  }
  return root;
}

test('a new demo removes the folders of killed demos and nothing else', async () => {
  const dead = String(spawnSync(process.execPath, ['--version']).pid);
  const root = await rootWith({
    'conntrack-medic-demo-killed': dead,
    'conntrack-medic-demo-no-pid': undefined,
    'conntrack-medic-demo-running': String(process.pid),
    'somebody-else': dead,
  });
  const anHourAgo = Date.now() / 1000 - 3600;
  await utimes(join(root, 'conntrack-medic-demo-no-pid'), anHourAgo, anHourAgo);
  const own = await openWorkDir(root);
  const left = (await readdir(root)).filter((name) => join(root, name) !== own);
  expect(left).toEqual(['conntrack-medic-demo-running', 'somebody-else']);
});

test('two demos at once have two folders', async () => {
  const root = await rootWith({});
  expect(await openWorkDir(root)).not.toBe(await openWorkDir(root));
  expect(await readdir(root)).toHaveLength(2);
});

test('a new demo leaves the folder of one that begins at the same moment, which says a little later whose it is', async () => {
  const root = await rootWith({ 'conntrack-medic-demo-made': undefined, 'conntrack-medic-demo-begun': '' });
  await openWorkDir(root);
  expect(await readdir(root)).toEqual(
    expect.arrayContaining(['conntrack-medic-demo-made', 'conntrack-medic-demo-begun']),
  );
});
