import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { until } from './support/until.ts';

const SCRIPT = fileURLToPath(new URL('../../local/demo.ts', import.meta.url));

const roots: string[] = [];
const started: ChildProcess[] = [];

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  for (const root of roots) {
    for (const pid of await processesOfDemo(root)) process.kill(Number(pid), 'SIGKILL');
    await rm(root, { recursive: true, force: true });
  }
});

/** A folder for temporary files of one test's demos alone, by which they are found. */
async function openRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'demo-process-test-'));
  roots.push(root);
  return root;
}

/** Starts the demo as its own process and waits until the page is up. */
async function startDemo(root: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, '--port', '0'], {
    env: { ...process.env, TMPDIR: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  await until(
    () => said.includes('Open http://'),
    () => said,
  );
  return { child, exit, url: /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '', said: () => said };
}

/** Processes that were given this folder for temporary files: everything that the demo started. */
async function processesOfDemo(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(`TMPDIR=${root}`)) found.push(pid);
  }
  return found;
}

const nothingRuns = (root: string) =>
  until(
    async () => (await processesOfDemo(root)).length === 0,
    () => 'Processes of the demo still run.',
  );

const folders = async (root: string) =>
  (await readdir(root)).filter((name) => name.startsWith('conntrack-medic-demo-'));

/** Ends a demo as a terminal does it: once to the group, and once more passed on by whoever started the demo. */
async function endBy(
  signal: 'SIGINT' | 'SIGTERM',
  root: string,
  demo: Awaited<ReturnType<typeof startDemo>>,
) {
  demo.child.kill(signal);
  demo.child.kill(signal);
  const code = await demo.exit;
  return { code, said: demo.said(), processes: await processesOfDemo(root), folders: await folders(root) };
}

const WITHOUT_A_TRACE = { code: 0, processes: [], folders: [] };

test('SIGTERM ends the demo with exit code 0 and leaves nothing', async () => {
  const root = await openRoot();
  const demo = await startDemo(root);
  expect((await fetch(demo.url)).status).toBe(200);
  expect(await endBy('SIGTERM', root, demo)).toMatchObject(WITHOUT_A_TRACE);
});

test('after kill -9 no process is left, the next start removes the folder, and SIGINT ends that one with exit code 0', async () => {
  const root = await openRoot();
  const { child, exit } = await startDemo(root);
  expect((await processesOfDemo(root)).length).toBeGreaterThan(1);
  child.kill('SIGKILL');
  await exit;
  await nothingRuns(root);
  const [left] = await folders(root);
  expect(left).toBeDefined();
  const next = await startDemo(root);
  expect(await folders(root)).not.toContain(left);
  expect((await fetch(next.url)).status).toBe(200);
  expect(await endBy('SIGINT', root, next)).toMatchObject(WITHOUT_A_TRACE);
});

test('an unknown option is refused in one line', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, '--port', 'nine'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  expect(code).toBe(1);
  expect(said).toContain('a port is 0 to 65535');
});

test.concurrent('a demo whose starter was killed with SIGKILL ends by itself', async () => {
  const root = await openRoot();
  const starter = `require('node:child_process').spawn(process.execPath, process.argv.slice(1), { stdio: 'inherit' })`;
  const child = spawn(process.execPath, ['-e', starter, '--', '--import', 'tsx', SCRIPT, '--port', '0'], {
    env: { ...process.env, TMPDIR: root },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(
    () => said.includes('Open http://'),
    () => said,
  );
  child.kill('SIGKILL');
  await nothingRuns(root);
  expect(await folders(root)).toEqual([]);
});

test.concurrent.each(['SIGTERM', 'SIGKILL'] as const)(
  'a demo outlives the shell that started it, but not its npm: %s leaves nothing',
  async (signal) => {
    const root = await openRoot();
    const shell = spawn('sh', ['-c', 'nohup npm run demo -- --port 0 & echo "npm is $!"; wait'], {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      env: { ...process.env, TMPDIR: root },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    started.push(shell);
    let said = '';
    shell.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(
      () => said.includes('Open http://'),
      () => said,
    );
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '';
    shell.kill('SIGKILL');
    // Longer than it takes the demo to notice that somebody has gone.
    await sleep(1500);
    expect((await fetch(url)).status).toBe(200);
    process.kill(Number(/^npm is (\d+)$/m.exec(said)?.[1]), signal);
    await nothingRuns(root);
    expect(await folders(root)).toEqual([]);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  },
);
