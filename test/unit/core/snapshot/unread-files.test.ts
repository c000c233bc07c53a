import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { settingLayers } from '../../../../src/core/plan/setting-layers.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { nodeOutput } from '../../support/node-output.ts';

const KEY = 'net.ipv4.neigh.default.gc_thresh3';

function seen(...lines: readonly string[]) {
  const persistence = ['builtin=no', 'modules_load=no', ...lines].join('\n');
  const capture = readCapture(nodeOutput({ sections: { 'persistence -': persistence } }));
  if (capture === undefined) throw new Error('The built node is no capture.');
  const snapshot = snapshotOf(capture);
  return {
    gaps: diagnose(snapshot, catalogue, 'i-0abc').diagnosis.gaps.filter((gap) => gap.includes('plain file')),
    layer: settingLayers(snapshot, [{ key: KEY, from: 1024, to: 4096 }], undefined).find(
      ({ layer }) => layer === 'sysctl.d',
    ),
  };
}

describe('files of settings that were not read', () => {
  it('are named among what could not be seen, the first two of them', () => {
    const files = ['/etc/sysctl.d/a.conf', '/etc/sysctl.d/b.conf', '/etc/modules-load.d/c.conf'];
    expect(seen(...files.map((file) => `unread=${file}`)).gaps).toEqual([
      '/etc/sysctl.d/a.conf, /etc/sysctl.d/b.conf, +1 more: no plain file of a sane size → what it sets at boot is unknown',
    ]);
    expect(seen().gaps).toEqual([]);
  });

  it('keep changed settings from being called covered where they are applied after ours', () => {
    expect(seen('unread=/etc/sysctl.conf').layer?.state).toBe('unknown');
    expect(seen('unread=/etc/sysctl.d/10-a.conf').layer?.state).toBe('covered');
  });

  it.each([
    [
      '/etc/sysctl.conf:4: net.ipv4.neigh.default.gc_thresh3 = 1024',
      /^\/etc\/sysctl\.conf:4 sets 1,024 whenever/,
    ],
    [
      '/etc/sysctl.d/99-zzz.conf:1: -net/ipv4/neigh/default/gc_thresh3=512',
      /sets 512 after ours at each boot/,
    ],
  ])('are not the only rivals of settings: %s', (line, how) => {
    expect(seen(line).layer).toMatchObject({ state: 'not-covered', how: expect.stringMatching(how) });
  });

  it.each([
    '/etc/sysctl.d/10-a.conf:1: net.ipv4.neigh.default.gc_thresh3 = 1024',
    '/etc/sysctl.conf:1: net.ipv4.neigh.default.gc_thresh3 = 4096',
    '/etc/sysctl.conf:1: net.ipv6.neigh.default.gc_thresh3 = 1024',
  ])('and not every line is a rival: %s', (line) => {
    expect(seen(line).layer?.state).toBe('covered');
  });
});
