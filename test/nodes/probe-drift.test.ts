import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ProbeReading } from '../../src/core/fleet/reading.ts';
import { readingOf } from './support/probed.ts';
import {
  MODPROBE_FILE,
  MODULES_FILE,
  type ScratchHost,
  SYSCTL_FILE,
  scratchHost,
} from './support/scratch-node.ts';
import { NONCE, RAISE_A, RAISE_B, ROLLBACK_A, ROLLBACK_B, SETTINGS_A } from './support/scripts.ts';
import { has, hasNamespaces, SHELLS } from './support/shells.ts';

const shells = SHELLS.filter(({ binary }) => has(binary));

async function probeOn(host: ScratchHost, shell = 'dash'): Promise<ProbeReading> {
  const { stdout } = await host.run('medic-probe', { nonce: NONCE, sampleSeconds: '2' }, shell);
  return readingOf(stdout);
}

async function raised(given: Parameters<typeof scratchHost>[0] = {}): Promise<ScratchHost> {
  const host = await scratchHost(given);
  expect((await host.run('medic-raise', RAISE_A)).result?.outcome).toBe('raised');
  return host;
}

describe.runIf(hasNamespaces())('whether what a change made last still stands', { concurrent: true }, () => {
  it('is said of a node on which nothing was ever changed: nothing is gone', async () => {
    const reading = await probeOn(await scratchHost());
    expect(reading).toMatchObject({ drift: [] });
    expect(reading.gaps).toMatchObject({ incident: 'missing', bootMax: 'missing' });
  });

  it.each(shells)(
    'sees a raise that stands, by its incident and the limit of the next boot, in $name',
    async ({ command }) => {
      const host = await raised();
      expect(await probeOn(host, command.join(' '))).toMatchObject({
        drift: [],
        incident: RAISE_A.incident,
        max: 458_752,
        bootMax: 458_752,
      });
    },
  );

  it('tells each layer that is gone', async () => {
    const host = await raised();
    await host.setValue('max', 262_144);
    expect(await probeOn(host)).toMatchObject({ drift: ['running-kernel'] });
    await host.setValue('max', 458_752);
    await rm(host.path(MODULES_FILE));
    await writeFile(host.path(MODPROBE_FILE), '# nothing\n');
    expect(await probeOn(host)).toMatchObject({ drift: ['module-load-order', 'hashsize'] });
    const text = await readFile(host.path(SYSCTL_FILE), 'utf8');
    await writeFile(host.path(SYSCTL_FILE), text.replace(/^net\.netfilter\.nf_conntrack_max = .*\n/m, ''));
    expect(await probeOn(host)).toMatchObject({ drift: ['sysctl.d', 'module-load-order', 'hashsize'] });
  });

  it.each(shells)(
    'tells a file of ours that somebody took away from one that a rollback took, in $name',
    async ({ command }) => {
      const host = await raised();
      await rm(host.path(SYSCTL_FILE));
      expect(await probeOn(host, command.join(' '))).toMatchObject({ drift: ['sysctl.d'] });

      const back = await raised();
      expect((await back.run('medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
      expect(await probeOn(back, command.join(' '))).toMatchObject({ drift: [] });
    },
  );

  it('takes no limit at all, or a higher one, for no drift', async () => {
    const host = await raised();
    for (const max of [0, 524_288]) {
      await host.setValue('max', max);
      expect(await probeOn(host)).toMatchObject({ drift: [], max });
    }
  });

  it('expects the newest of several raises, and after its rollback the one before', async () => {
    const host = await raised();
    expect((await host.run('medic-raise', RAISE_B)).result?.outcome).toBe('raised');
    await host.setValue('max', 458_752);
    expect(await probeOn(host)).toMatchObject({ drift: ['running-kernel'], incident: RAISE_B.incident });
    await host.setValue('max', 917_504);
    expect((await host.run('medic-rollback', ROLLBACK_B)).result?.outcome).toBe('rolled-back');
    expect(await probeOn(host)).toMatchObject({ drift: [], incident: RAISE_A.incident });
  });

  it('sees a timeout that is long again, and thresholds that are low', async () => {
    const host = await scratchHost();
    expect((await host.run('medic-settings', SETTINGS_A)).result?.outcome).toBe('changed');
    expect(await probeOn(host)).toMatchObject({ drift: [] });
    const timeout = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';
    await host.setSetting(timeout, 3_600);
    expect(await probeOn(host)).toMatchObject({ drift: ['running-kernel'] });
    await host.setSetting(timeout, 60);
    await host.setSetting('net.ipv4.neigh.default.gc_thresh3', 1_024);
    expect(await probeOn(host)).toMatchObject({ drift: ['running-kernel'] });
  });

  it('finds the limit of the next boot as systemd-sysctl does: by name over all folders, the last line of it', async () => {
    const host = await scratchHost();
    const line = (value: number) => `net.netfilter.nf_conntrack_max = ${value}\n`;
    await host.put('/etc/sysctl.d/10-early.conf', line(1_000));
    await host.put(
      '/etc/sysctl.d/50-late.conf',
      `${line(2_000)}# ${line(9)}-net/netfilter/nf_conntrack_max=3000\n`,
    );
    expect(await probeOn(host)).toMatchObject({ bootMax: 3_000 });
    await host.put('/etc/sysctl.d/90-empty.conf', 'net.core.somaxconn = 1\n');
    expect(await probeOn(host)).toMatchObject({ bootMax: 3_000 });
    await host.put('/etc/sysctl.d/95-huge.conf', 'x'.repeat(70_000));
    expect((await probeOn(host)).gaps).toMatchObject({ bootMax: 'denied' });
  });

  it('is not held up by a pipe, and does not believe what is no record', async () => {
    const host = await scratchHost();
    await mkdir(host.path('/etc/sysctl.d'), { recursive: true });
    await host.put(
      SYSCTL_FILE,
      '# medic-incident ../../x max=a\nnet.netfilter.nf_conntrack_max = 999999999\n',
    );
    const reading = await probeOn(host);
    expect(reading.gaps).toMatchObject({ incident: 'missing' });
    expect(reading).toMatchObject({ drift: [] });
  });
});
