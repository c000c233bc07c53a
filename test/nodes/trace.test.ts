import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { NONCE, shipped } from './support/scripts.ts';
import { has, hasNamespaces, isRoot, run, SHELLS } from './support/shells.ts';
import { withoutTools, withTool } from './support/tools.ts';
import { CONNECT, linesOf, podOf, processesLeft, traced, traceScript, waitFor } from './support/traced.ts';

const canTrace = isRoot && has('ip', 'flock', 'setsid', 'bash') && hasNamespaces();
const shells = SHELLS.filter(({ binary }) => has(binary));

/** Fates of what the loopback saw; other networks of this machine may be looked at, too. */
function refusedIn(output: string): string[] {
  return linesOf(output, 'trace-flows')
    .filter((line) => / out uplink (9|10|11) /.test(line))
    .toSorted();
}

describe.runIf(canTrace).each(shells)('trace.sh under $name', { concurrent: true }, ({ command }) => {
  it('sees each new connection once, with how it was answered, and leaves nothing behind', async () => {
    const script = await traceScript();
    const { stdout, exitCode, stderr } = await traced(script, { shell: command, preparation: CONNECT });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(linesOf(stdout, 'trace')).toEqual(
      expect.arrayContaining(['outcome=traced', 'seconds=5', 'thin=1', 'point.0=uplink 0 lo -']),
    );
    expect(refusedIn(stdout)).toEqual(
      ['10', '11', '9'].map((port) => `1 out uplink ${port} - 1 uplink - 0.0 - 1 0`),
    );
    expect(stdout.slice(0, stdout.indexOf('trace-pcap')).length).toBeLessThan(24_000);
    expect(await processesLeft(script)).toEqual([]);
  });

  it.each([
    ['too short', { seconds: '4' }, /seconds must be 5 to 60/],
    ['an octal time', { seconds: '010' }, /seconds must be 5 to 60/],
    ['a port beyond the last', { port: '65536' }, /port must be/],
    ['a port with a command', { port: '80;id' }, /port must be/],
    ['an option in place of an interface', { points: 'uplink=-w' }, /points must be/],
    ['a path in place of an interface', { points: 'uplink=../../etc' }, /points must be/],
    ['a command in place of an address', { points: 'pod=$(id)' }, /points must be/],
    ['a comma too many', { points: 'uplink=lo,' }, /points must not end/],
    ['six points', { points: Array.from({ length: 6 }, () => 'uplink=lo').join(',') }, /one to five/],
    ['no point', { points: '' }, /one to five/],
    ['an interface that is not there', { points: 'uplink=nope0' }, /no interface nope0/],
    ['a pod that is not there', { points: 'uplink=lo,pod=192.0.2.77' }, /No pod .* 192\.0\.2\.77/],
  ])('refuses %s in one sentence', async (_, parameters, reason) => {
    const script = await traceScript(parameters);
    const { stdout, exitCode, stderr } = await traced(script, { shell: command });
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
    expect(linesOf(stdout, 'trace')[0]).toBe('outcome=refused');
    expect(stdout).toMatch(reason);
    expect(stdout).toMatch(/ end - ok [0-9.]+\n$/);
    expect(await processesLeft(script)).toEqual([]);
  });
});

describe.runIf(canTrace)('trace.sh on nodes that lack something', { concurrent: true }, () => {
  const rungOf = (output: string) => linesOf(output, 'trace').find((line) => line.startsWith('rung='));

  it.runIf(has('python3'))('takes the packet sockets of Python where there is no tcpdump', async () => {
    const script = await traceScript();
    const environment = await withoutTools('tcpdump');
    const { stdout } = await traced(script, { environment, preparation: CONNECT });
    expect(rungOf(stdout)).toBe('rung=python');
    expect(refusedIn(stdout)).toEqual(
      ['10', '11', '9'].map((port) => `1 out uplink ${port} - 1 uplink - 0.0 - 1 0`),
    );
  });

  it('reads counters and what the kernel freed where there is neither', async () => {
    const script = await traceScript();
    const environment = await withoutTools('tcpdump', 'python3');
    const { stdout, exitCode } = await traced(script, { environment, preparation: CONNECT });
    expect(exitCode).toBe(0);
    expect(rungOf(stdout)).toMatch(/^rung=(kfree_skb|counters)$/);
    expect(linesOf(stdout, 'trace-counters').length).toBeGreaterThan(0);
    expect(stdout).toMatch(/ trace-flows - missing /);
  });

  it.runIf(has('taskset'))('stays on the CPUs that it was started on', async () => {
    const script = await traceScript();
    const environment = await withoutTools('tcpdump', 'python3');
    const own = /(?<=^Cpus_allowed_list:\s*)\d+/m.exec(await readFile('/proc/self/status', 'utf8'))?.[0];
    const file = `${script.path}.cpus`;
    const look = `for pid in $(cut -d " " -f 1 /run/conntrack-medic/trace-*/processes); do grep -h ^Cpus_allowed_list /proc/$pid/status; done >'${file}'; [ -s '${file}' ]`;
    const shell = ['taskset', '-c', own ?? '0', 'dash'];
    await traced(script, { shell, environment, preparation: `(${waitFor(look)}) &` });
    expect(new Set((await readFile(file, 'utf8')).match(/\d.*/g))).toEqual(new Set([own]));
  });

  it('does not wait for a tcpdump that hangs and takes no signal', async () => {
    const script = await traceScript();
    const environment = await withTool('tcpdump', 'trap "" TERM INT; while :; do sleep 1; done');
    const { stdout, exitCode } = await traced(script, { environment });
    expect(exitCode).toBe(0);
    expect(rungOf(stdout)).not.toBe('rung=tcpdump');
    expect(await processesLeft(script)).toEqual([]);
  });

  it('says so in one sentence where /run is full', async () => {
    const script = await traceScript();
    const full = 'mount -t tmpfs -o size=64k run /run';
    const { stdout, exitCode } = await traced(script, { preparation: full });
    expect(exitCode).toBe(3);
    expect(linesOf(stdout, 'trace')).toContain('code=write-failed');
    expect(await processesLeft(script)).toEqual([]);
  });

  it('goes on where a pod goes in the middle of it', async () => {
    const pod = podOf(21);
    const script = await traceScript({ points: `uplink=lo,pod=${pod.address}` });
    const preparation = `${pod.start}${CONNECT}
(${waitFor('ls /run/conntrack-medic/trace-*/pcap.1')}; sleep 2; kill $pod; ip netns del shop21; ip link del v21; ls /run/conntrack-medic/trace-* >'${script.path}.gone') >/dev/null 2>&1 &`;
    const { stdout, exitCode, stderr } = await traced(script, { preparation });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(linesOf(stdout, 'trace')).toEqual(
      expect.arrayContaining(['outcome=traced', `point.2=pod 1 e0 ${pod.address}`, 'hung=0']),
    );
    // It went while packets were looked at, and the node's own connections are told all the same.
    expect(await readFile(`${script.path}.gone`, 'utf8')).toContain('pcap.1');
    expect(refusedIn(stdout)).toHaveLength(3);
    expect(await processesLeft(script)).toEqual([]);
  });

  it('leaves a pod out whose namespace can not be entered, and says so', async () => {
    const pod = podOf(24);
    const script = await traceScript({ points: `uplink=lo,pod=${pod.address}` });
    const environment = await withTool('nsenter', 'echo "Operation not permitted" >&2; exit 1');
    const { stdout, exitCode, stderr } = await traced(script, {
      environment,
      preparation: `${pod.start}${CONNECT}`,
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/pod1=not-entered/);
    expect(await processesLeft(script)).toEqual([]);
  });

  it('refuses Bottlerocket with the reason', async () => {
    const script = await traceScript();
    const { stdout, exitCode } = await traced(script, {
      preparation: 'echo ID=bottlerocket >/run/os; mount --bind /run/os "$(readlink -f /etc/os-release)"',
    });
    expect(exitCode).toBe(3);
    expect(linesOf(stdout, 'trace')).toContain('code=not-supported');
  });

  it('finds the points among 4,000 interfaces', async () => {
    const script = await traceScript();
    const many = [
      'i=0; while [ $i -lt 4000 ]; do echo "link add d$i type dummy"; i=$((i + 1)); done >/run/links',
      'ip -batch /run/links 2>/dev/null',
      CONNECT,
    ].join('\n');
    const { stdout, exitCode } = await traced(script, { preparation: many });
    expect(exitCode).toBe(0);
    expect(linesOf(stdout, 'trace')).toContain('point.0=uplink 0 lo -');
  }, 120_000);

  it('says that it runs outside the initial network namespace', async () => {
    const script = await traceScript();
    const { stdout, exitCode } = await run(['unshare', '-n', 'dash', script.path]);
    expect(exitCode).toBe(3);
    expect(linesOf(stdout, 'trace')).toContain('code=not-initial-netns');
  });

  it('prints nothing but the reason for a nonce that is none', async () => {
    const text = shipped('medic-trace', {
      nonce: NONCE.toUpperCase(),
      seconds: '5',
      port: 'any',
      points: 'auto',
    });
    const { stdout, exitCode, stderr } = await run(['dash', '-c', text]);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 });
    expect(stderr).toMatch(/nonce must be/);
  });
});
