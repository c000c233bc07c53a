import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { has, hasNamespaces, isRoot, run } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';
import { instancesOf, processesOf, type TraceScript, traceCommand, traceScript } from './support/traced.ts';

const canTrace = isRoot && has('ip', 'flock', 'setsid') && hasNamespaces();

/** Waits until nothing of a trace is left; what still is when patience ends. */
async function leftOf(script: TraceScript, folder: string): Promise<string[]> {
  let left: string[] = [];
  for (let tries = 0; tries < 40; tries++) {
    left = [
      ...processesOf(script),
      ...(await instancesOf(script)),
      ...readdirSync(folder).filter((name) => name.startsWith('trace-')),
    ];
    if (left.length === 0) return [];
    await sleep(250);
  }
  return left;
}

/** Starts a trace as the leader of a process group, as the agent does, with a /run that can be seen from here. */
async function start(script: TraceScript) {
  const folder = await temporaryDirectory();
  const bind = `mkdir -m 0700 /run/conntrack-medic; mount --bind ${folder} /run/conntrack-medic`;
  const [file = '', ...rest] = traceCommand(script.path, ['dash'], bind);
  const child = spawn(file, rest, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  const ended = new Promise<void>((settle) => child.on('close', () => settle()));
  return { child, folder, bind, ended };
}

describe.runIf(canTrace)('a trace that is killed', { concurrent: true }, () => {
  it.each([0.3, 1, 1.6, 2.5, 4, 8, 9.5])('leaves nothing behind %s s after its start', async (seconds) => {
    const script = await traceScript();
    const { child, folder } = await start(script);
    await sleep(seconds * 1000);
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended already.
    }
    expect(await leftOf(script, folder)).toEqual([]);
  });

  it('or has ended, takes nothing away from the same script that is run at once again', async () => {
    const script = await traceScript();
    const { child, folder, bind } = await start(script);
    await sleep(2500);
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    const [file = '', ...rest] = traceCommand(
      script.path,
      ['sh', '-c', 'dash "$1"; dash "$1"', 'twice'],
      bind.replace('mkdir', 'mkdir -p'),
    );
    const { stdout, stderr } = await run([file, ...rest]);
    expect(stderr).toBe('');
    expect(stdout.match(/^outcome=.*$/gm)).toEqual(['outcome=traced', 'outcome=traced']);
    expect(new Set(stdout.match(/^rung=.*$/gm)).size).toBe(1);
    expect(stdout.match(/^total=.*$|trace-flows - ok/gm)?.length).toBeGreaterThanOrEqual(2);
    expect(await leftOf(script, folder)).toEqual([]);
  });

  it('ends by itself when it is asked to', async () => {
    const script = await traceScript();
    const { child, folder, ended } = await start(script);
    await sleep(3000);
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    await ended;
    expect(await leftOf(script, folder)).toEqual([]);
  });

  it('is cleaned up after by the next one where not even its keeper is left', async () => {
    const script = await traceScript();
    const { child, folder } = await start(script);
    await sleep(3500);
    const all = [...processesOf(script).map((line) => Number(line.split(' ')[0])), child.pid ?? 0];
    const instances = await instancesOf(script);
    const listed = readFileSync(`${folder}/trace-${script.nonce}/processes`, 'utf8');
    for (const pid of all) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // One that was listed twice.
      }
    }
    await sleep(300);
    expect(readdirSync(folder)).toContain(`trace-${script.nonce}`);
    expect(listed.trim().split('\n').length).toBeGreaterThan(1);
    const next = await traceScript();
    const bind = `mkdir -m 0700 /run/conntrack-medic; mount --bind ${folder} /run/conntrack-medic`;
    const { stdout } = await run(traceCommand(next.path, ['dash'], bind));
    expect(stdout).toContain('outcome=traced');
    expect(await leftOf(script, folder)).toEqual([]);
    expect(await leftOf(next, folder)).toEqual([]);
    // Where the kernel has tracing there was an instance to be taken away.
    expect(instances.length).toBeLessThanOrEqual(1);
  });

  it('takes away its tracing where somebody reads it, and where what held it is gone', async () => {
    const script = await traceScript();
    const { child, folder } = await start(script);
    await sleep(3500);
    const name = `conntrack-medic-${script.nonce}`;
    const mount = 'mount -t tracefs tracefs /sys/kernel/tracing';
    const read = `${mount}; exec 3</sys/kernel/tracing/instances/${name}/trace; sleep 2`;
    const reader = spawn('unshare', ['-m', 'sh', '-c', read], { stdio: 'ignore' });
    const closed = new Promise<void>((settle) => reader.on('close', () => settle()));
    await sleep(500);
    for (const line of processesOf(script)) {
      const pid = Number(line.split(' ')[0]);
      if (line.includes('medic-trace-holder') || pid === child.pid) process.kill(pid, 'SIGKILL');
    }
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await closed;
    expect(await leftOf(script, folder)).toEqual([]);
  });

  it('keeps a second one from starting while it runs', async () => {
    const script = await traceScript();
    const { folder, bind, ended } = await start(script);
    await sleep(2500);
    const second = await traceScript();
    const { stdout, exitCode } = await run(
      traceCommand(second.path, ['dash'], bind.replace('mkdir', ': ; mkdir')),
    );
    expect(exitCode).toBe(3);
    expect(stdout).toContain('code=busy');
    await ended;
    expect(await leftOf(script, folder)).toEqual([]);
  });

  it('does not touch a process that has taken the number of one of its own', async () => {
    const script = await traceScript();
    const folder = await temporaryDirectory();
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    const stat = readFileSync(`/proc/${bystander.pid}/stat`, 'latin1').trim();
    // The same number, begun at another time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    fields[19] = String(Number(fields[19]) - 1);
    const left = `/run/conntrack-medic/trace-aaaaaaaaaaaaaaaa`;
    const preparation = [
      `mkdir -m 0700 /run/conntrack-medic; mount --bind ${folder} /run/conntrack-medic`,
      `mkdir -m 0700 ${left}; echo "${bystander.pid} (sleep) ${fields.join(' ')}" >${left}/processes`,
    ].join('\n');
    await run(traceCommand(script.path, ['dash'], preparation));
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    expect(readdirSync(folder)).not.toContain('trace-aaaaaaaaaaaaaaaa');
    bystander.kill();
  });
});
