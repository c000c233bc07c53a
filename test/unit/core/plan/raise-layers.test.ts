import { describe, expect, it } from 'vitest';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { raiseLayers } from '../../../../src/core/plan/raise-layers.ts';
import type { PersistenceLayer } from '../../../../src/core/record/plan.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { nodeOutput } from '../../support/node-output.ts';

const TARGET = { max: 458_752, buckets: 458_752 };
const FILES = 'builtin=no\nmodules_load=no';

function layersOf(sections: Record<string, string | undefined>): readonly PersistenceLayer[] {
  const capture = readCapture(nodeOutput({ sections }));
  if (capture === undefined) throw new Error('The built node is no capture.');
  return raiseLayers(snapshotOf(capture), TARGET);
}

function layer(name: PersistenceLayer['layer'], sections: Record<string, string | undefined>): string {
  const { state, how } = layersOf(sections).find((one) => one.layer === name) ?? { state: 'absent', how: '' };
  return `${state}: ${how}`;
}

describe('the layers of a raise', () => {
  it('are all six, in the order in which they are looked at', () => {
    expect(layersOf({ 'persistence -': FILES }).map((one) => one.layer)).toEqual([
      'running-kernel',
      'sysctl.d',
      'module-load-order',
      'hashsize',
      'kube-proxy',
      'node-replacement',
    ]);
  });

  it.each([
    [
      '/etc/sysctl.d/99-zzz.conf:3: net.netfilter.nf_conntrack_max = 131072',
      /99-zzz\.conf:3 sets 131,072 after ours/,
    ],
    ['/usr/lib/sysctl.d/zz.conf:1: net/netfilter/nf_conntrack_max=131072', /zz\.conf:1 sets 131,072/],
    ['/etc/sysctl.conf:12: net.nf_conntrack_max = 65536', /\/etc\/sysctl\.conf:12 sets 65,536 whenever/],
    [
      '/etc/tuned/own/tuned.conf:9: net.netfilter.nf_conntrack_max=65536',
      /tuned\.conf:9 sets 65,536 when tuned/,
    ],
  ])('name the line %s as a rival', (line, why) => {
    expect(layer('sysctl.d', { 'persistence -': `${FILES}\n${line}` })).toMatch(/^not-covered: /);
    expect(layer('sysctl.d', { 'persistence -': `${FILES}\n${line}` })).toMatch(why);
  });

  it.each([
    ['one that sorts before ours', '/etc/sysctl.d/50-a.conf:1: net.netfilter.nf_conntrack_max = 131072'],
    ['the same value', '/etc/sysctl.conf:1: net.netfilter.nf_conntrack_max = 458752'],
    ['another key', '/etc/sysctl.conf:1: net.netfilter.nf_conntrack_tcp_loose = 0'],
    [
      'a file that another of its name hides',
      '/etc/sysctl.d/zz.conf:1: net.netfilter.nf_conntrack_max = 458752\n/usr/lib/sysctl.d/zz.conf:1: net.netfilter.nf_conntrack_max = 5000',
    ],
    [
      'a line that a later one of its file overrules',
      '/etc/sysctl.conf:1: net.netfilter.nf_conntrack_max = 5000\n/etc/sysctl.conf:2: net.netfilter.nf_conntrack_max = 458752',
    ],
  ])('take no offence at %s', (_, lines) => {
    expect(layer('sysctl.d', { 'persistence -': `${FILES}\n${lines}` })).toMatch(/^covered: /);
  });

  it('do not call covered what was not read', () => {
    expect(layer('sysctl.d', { 'persistence -': undefined })).toMatch(/^not-covered: .*not read/);
    expect(layer('kube-proxy', { 'kube-proxy -': undefined })).toMatch(/^not-covered: not known/);
  });

  it.each([
    ['sysctl.d', '/etc/sysctl.d/99-zzz.conf'],
    ['sysctl.d', '/etc/sysctl.conf'],
    ['hashsize', '/etc/modprobe.d/own.conf'],
  ] as const)('do not call %s covered while %s could say anything', (name, file) => {
    const found = layer(name, { 'persistence -': `${FILES}\nunread=${file}` });
    expect(found).toMatch(/^not-covered: /);
    expect(found).toContain(file);
  });

  it('take no offence at an unread file that ours overrules', () => {
    expect(layer('sysctl.d', { 'persistence -': `${FILES}\nunread=/etc/sysctl.d/10-a.conf` })).toMatch(
      /^covered: /,
    );
  });

  it('leave the module out where it is part of the kernel', () => {
    const builtIn = { 'persistence -': 'builtin=yes\nmodules_load=no' };
    expect(layer('module-load-order', builtIn)).toMatch(/^not-applicable/);
    expect(layer('hashsize', builtIn)).toMatch(/^not-applicable/);
  });

  it('name another file that sets hashsize', () => {
    const lines = `${FILES}\n/etc/modprobe.d/nf.conf:1: options nf_conntrack hashsize=16384`;
    expect(layer('hashsize', { 'persistence -': lines })).toMatch(
      /^not-covered: \/etc\/modprobe\.d\/nf\.conf:1/,
    );
  });

  it('stand for files by the settings store on Bottlerocket', () => {
    const identity = {
      'identity -': 'initial_netns=yes\nkernel=6.1.141\ncores=4\nplatform=bottlerocket 1.20.0',
    };
    expect(layer('sysctl.d', identity)).toMatch(/^covered: the settings store/);
    expect(layer('hashsize', identity)).toMatch(/^not-applicable/);
  });

  const proxy = (version: string, ...conf: string[]) => ({
    'kube-proxy -': [
      'running=yes',
      `version=${version}`,
      'arg=--config=/var/lib/kube-proxy-config/config',
      'config=read',
      ...conf,
    ].join('\n'),
  });

  it.each([
    [
      proxy('v1.31.2'),
      /^not-covered: the next start of kube-proxy v1\.31\.2 writes 131,072; set conntrack\.min to 458752$/,
    ],
    [proxy('v1.37.2'), /^covered: kube-proxy v1\.37\.2 never lowers it$/],
    [
      proxy('v1.37'),
      /^not-covered: the next start of kube-proxy v1\.37 may write 131,072; set conntrack\.min to 458752$/,
    ],
    [proxy('v1.28.1'), /^covered: kube-proxy v1\.28\.1 never lowers it$/],
    [proxy('v1.31.2', 'conf=maxPerCore=0'), /^covered: .* leaves the limit alone$/],
    [proxy('v1.31.2', 'conf=min=458752'), /^covered: kube-proxy v1\.31\.2 itself writes 458,752/],
    [proxy(''), /^not-covered: kube-proxy is of unknown version and may write 131,072/],
    [{ 'kube-proxy -': 'running=no' }, /^not-applicable: /],
  ])('tell what kube-proxy does: %o', (sections, what) => {
    expect(layer('kube-proxy', sections)).toMatch(what);
  });
});
