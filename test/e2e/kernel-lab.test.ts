import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type KernelDemoNodes, kernelNodes } from '../../local/kernel/kernel-nodes.ts';
import { readCount, readKernelValues } from '../../local/kernel/kernel-values.ts';
import { startLab } from '../../local/kernel/lab.ts';
import { startWatchdog } from '../../local/kernel/watchdog-process.ts';
import { machineState } from './support/machine-state.ts';

const isWanted = process.env['MEDIC_KERNEL'] === '1';
if (!isWanted)
  console.log('skipped: kernel lab tests change this machine’s kernel values; MEDIC_KERNEL=1 runs them');

const options = { workDir: '/tmp', say: () => undefined };

/** What raise.sh does to the running kernel and to the files, with a limit of our choice. */
function raiseTo(max: number): string {
  return `echo ${max} > /proc/sys/net/netfilter/nf_conntrack_buckets
echo ${max} > /proc/sys/net/netfilter/nf_conntrack_max
echo "net.netfilter.nf_conntrack_max = ${max}" > /etc/sysctl.d/99-zz-medic-test.conf`;
}

async function worstLoopbackConnectMs(): Promise<number> {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  let worst = 0;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const start = performance.now();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    worst = Math.max(worst, performance.now() - start);
    socket.destroy();
  }
  server.close();
  return worst;
}

describe.skipIf(!isWanted)('kernel lab', () => {
  let nodes: KernelDemoNodes;
  let before: Record<string, string>;
  let entriesBefore: number;
  let raised: Awaited<ReturnType<KernelDemoNodes['evidenceOfHealing']>>;

  beforeAll(async () => {
    before = machineState();
    entriesBefore = readCount();
    nodes = await kernelNodes(options);
  });
  afterAll(() => nodes?.close());

  it('fills the table of the initial namespace and users notice', async () => {
    expect(readCount()).toBeGreaterThanOrEqual(0.95 * readKernelValues().max);
    expect((await nodes.before()).join('\n')).toMatch(
      /live client: [1-9][\d,]* of [\d,]+ new connections? failed/,
    );
  });

  it('leaves loopback connections of the machine alone while the table is full', async () => {
    // An untouched SYN is sent again after a second at the earliest, so anything below means that none was dropped.
    expect(await worstLoopbackConnectMs()).toBeLessThan(900);
  });

  it('does not take a workflow’s word for a raise that did nothing', async () => {
    const { healed, lines } = await nodes.evidenceOfHealing();
    expect(healed).toBe(false);
    expect(lines.join('\n')).toContain('✗ the limit never went up');
  });

  it('sees that a raise of a tenth does not stop the drops', async () => {
    await nodes.nodes[0]?.run('medic-raise', {}, raiseTo(4505));
    const { healed, lines } = await nodes.evidenceOfHealing();
    expect(healed).toBe(false);
    expect(lines.join('\n')).toMatch(/✗ [1-9][\d,]* packets dropped/);
  });

  it('sees the drops stop when the limit goes up far enough', async () => {
    const clickedAt = Date.now();
    await nodes.nodes[0]?.run('medic-raise', {}, raiseTo(16384));
    raised = await nodes.evidenceOfHealing(clickedAt);
    expect(raised.lines.filter((line) => !line.startsWith('✓'))).toEqual([]);
    expect(raised.healed).toBe(true);
  });

  it('tells a rollback that left a file from one that left nothing', async () => {
    await nodes.stopLoad();
    await nodes.nodes[0]?.run('medic-rollback', {}, 'echo 4096 > /proc/sys/net/netfilter/nf_conntrack_max');
    expect((await nodes.evidenceOfRollback()).restored).toBe(false);
    await nodes.nodes[0]?.run('medic-rollback', {}, 'rm /etc/sysctl.d/99-zz-medic-test.conf');
    expect(await nodes.evidenceOfRollback()).toMatchObject({ restored: true });
  });

  it('refuses a second lab on the same machine', async () => {
    await expect(kernelNodes(options)).rejects.toThrow('Another kernel demo runs on this machine');
  });

  it('leaves nothing behind at its end', async () => {
    await nodes.close();
    expect(machineState()).toEqual(before);
    await expect.poll(readCount, { timeout: 10_000 }).toBeLessThanOrEqual(entriesBefore);
  });
});

describe.skipIf(!isWanted)('a kernel demo that is ended from outside', () => {
  // A failed test must not leave the machine sick for the next one.
  afterEach(async () => {
    const watchdog = await startWatchdog();
    await watchdog.end();
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('leaves nothing behind after %s', async (signal) => {
    const before = machineState();
    const demo = await sickDemo();
    expect(machineState()['max']).toBe('4096');
    demo.kill(signal);
    await expect.poll(machineState, { timeout: 20_000, interval: 500 }).toEqual(before);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('leaves nothing behind when its npm gets %s', async (signal) => {
    const before = machineState();
    const folder = await mkdtemp(join(tmpdir(), 'medic-kernel-demo-'));
    const npm = spawn('npm', ['run', 'demo', '--', '--kernel', '--port', '0'], {
      cwd: join(import.meta.dirname, '../..'),
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    npm.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await expect.poll(() => said, { timeout: 120_000, interval: 100 }).toContain('Open http://');
    expect(machineState()['max']).toBe('4096');
    npm.kill(signal);
    await expect.poll(machineState, { timeout: 30_000, interval: 500 }).toEqual(before);
    const demos = async () => (await readdir(folder)).filter((name) => name.startsWith('conntrack-medic-'));
    await expect.poll(demos, { timeout: 30_000 }).toEqual([]);
    await expect(fetch(/http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '')).rejects.toThrow('fetch failed');
    await rm(folder, { recursive: true });
  });

  it('is repaired by the next start when its watchdog was killed too', async () => {
    const before = machineState();
    const demo = await sickDemo();
    for (const pid of machineState()['processes']?.split(' ') ?? []) process.kill(Number(pid), 'SIGKILL');
    demo.kill('SIGKILL');
    await sleep(1000);
    expect(machineState()['max']).toBe('4096');
    const next = await startLab({ max: 4096, buckets: 4096, timeWaitSeconds: 14 });
    await next.stop();
    expect(next.repaired).toBe(true);
    expect(machineState()).toEqual(before);
  });
});

async function sickDemo(): Promise<ChildProcess> {
  const loader = createRequire(import.meta.url).resolve('tsx');
  const file = join(import.meta.dirname, 'support', 'kernel-demo-process.ts');
  const demo = spawn(process.execPath, ['--import', loader, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(demo.stdout, 'data');
  return demo;
}
