import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../local/demo.ts', import.meta.url));

let root: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'demo-process-test-'));
});

afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const pid of await processesOfDemo()) process.kill(Number(pid), 'SIGKILL');
  await rm(root, { recursive: true, force: true });
});

/** Starts the demo as its own process and waits until the page is up. */
async function startDemo(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, '--port', '0', ...args], {
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
  await expect.poll(() => said, { timeout: 120_000, interval: 100 }).toContain('Open http://');
  return { child, exit, url: /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '', said: () => said };
}

/** Processes that were given this test's folder for temporary files: everything that the demo started. */
async function processesOfDemo(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(`TMPDIR=${root}`)) found.push(pid);
  }
  return found;
}

const folders = async () => (await readdir(root)).filter((name) => name.startsWith('conntrack-medic-demo-'));

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends the demo with exit code 0 and leaves nothing',
  async (signal) => {
    const { child, exit, url, said } = await startDemo();
    expect((await fetch(url)).status).toBe(200);
    // As a terminal does it: once to the group, and once more passed on by whoever started the demo.
    child.kill(signal);
    child.kill(signal);
    expect({ code: await exit, said: said() }).toMatchObject({ code: 0 });
    expect(await processesOfDemo()).toEqual([]);
    expect(await folders()).toEqual([]);
  },
);

test('after kill -9 no process is left, and the next start removes the folder', async () => {
  const { child, exit } = await startDemo();
  expect((await processesOfDemo()).length).toBeGreaterThan(1);
  child.kill('SIGKILL');
  await exit;
  await expect.poll(processesOfDemo, { timeout: 30_000 }).toEqual([]);
  const [left] = await folders();
  expect(left).toBeDefined();
  const next = await startDemo();
  expect(await folders()).not.toContain(left);
  next.child.kill('SIGINT');
  await next.exit;
  expect(await folders()).toEqual([]);
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

test('a demo whose starter was killed with SIGKILL ends by itself', async () => {
  const starter = `require('node:child_process').spawn(process.execPath, process.argv.slice(1), { stdio: 'inherit' })`;
  const child = spawn(process.execPath, ['-e', starter, '--', '--import', 'tsx', SCRIPT, '--port', '0'], {
    env: { ...process.env, TMPDIR: root },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await expect.poll(() => said, { timeout: 120_000, interval: 100 }).toContain('Open http://');
  child.kill('SIGKILL');
  await expect.poll(processesOfDemo, { timeout: 30_000 }).toEqual([]);
  expect(await folders()).toEqual([]);
});

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a demo outlives the shell that started it, but not its npm: %s leaves nothing',
  async (signal) => {
    const shell = spawn('sh', ['-c', 'nohup npm run demo -- --port 0 & echo "npm is $!"; wait'], {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      env: { ...process.env, TMPDIR: root },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    started.push(shell);
    let said = '';
    shell.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await expect.poll(() => said, { timeout: 120_000, interval: 100 }).toContain('Open http://');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '';
    shell.kill('SIGKILL');
    // Longer than it takes the demo to notice that somebody has gone.
    await sleep(1500);
    expect((await fetch(url)).status).toBe(200);
    process.kill(Number(/^npm is (\d+)$/m.exec(said)?.[1]), signal);
    await expect.poll(processesOfDemo, { timeout: 30_000 }).toEqual([]);
    expect(await folders()).toEqual([]);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  },
);
