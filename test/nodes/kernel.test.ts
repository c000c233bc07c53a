import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseRemediationResult } from '../../src/core/remediation/result.ts';
import { NONCE, RAISE_A, ROLLBACK_A, shipped } from './support/scripts.ts';
import { has, isRoot, MOUNT_NAMESPACE, run, SHELLS } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';

const NETFILTER = '/proc/sys/net/netfilter/nf_conntrack_';
const isAsked = process.env['MEDIC_KERNEL'] === '1';
if (!isAsked)
  console.log('MEDIC_KERNEL is not 1: raise.sh and rollback.sh are not tried on the real kernel limit.');
if (isAsked && !isRoot)
  throw new Error('MEDIC_KERNEL=1 needs root: nf_conntrack_max belongs to the machine.');

const read = (key: 'max' | 'buckets') => Number(readFileSync(`${NETFILTER}${key}`, 'utf8'));
const write = (key: 'max' | 'buckets', value: number) => writeFileSync(`${NETFILTER}${key}`, `${value}\n`);

/** Settings with where a test starts from and what it asks for. */
const SETTINGS = [
  ['net.netfilter.nf_conntrack_tcp_timeout_established', 86_400, 21_600],
  ['net.netfilter.nf_conntrack_tcp_timeout_close_wait', 3_600, 60],
  ['net.netfilter.nf_conntrack_tcp_timeout_time_wait', 120, 60],
  ['net.ipv4.neigh.default.gc_thresh1', 128, 8_192],
  ['net.ipv4.neigh.default.gc_thresh2', 512, 16_384],
  ['net.ipv4.neigh.default.gc_thresh3', 1_024, 32_768],
] as const;
const settingPath = (key: string) => `/proc/sys/${key.replaceAll('.', '/')}`;
const readSetting = (key: string) => Number(readFileSync(settingPath(key), 'utf8'));
const writeSetting = (key: string, value: number) => writeFileSync(settingPath(key), `${value}\n`);

describe.runIf(isAsked).each(SHELLS.filter(({ binary }) => has(binary)))(
  'the real limit, under $name',
  ({ command }) => {
    const original = isAsked ? { max: read('max'), buckets: read('buckets') } : { max: 0, buckets: 0 };

    afterAll(() => {
      write('buckets', original.buckets);
      write('max', original.max);
    });

    /** The kernel's values are real, the folders that files would be written to are scratch ones. */
    async function onKernel(
      root: string,
      document: 'medic-raise' | 'medic-settings' | 'medic-rollback',
      parameters: Readonly<Record<string, string>>,
    ) {
      const path = join(root, 'script.sh');
      await writeFile(path, shipped(document, parameters));
      const enter =
        'for folder in etc/sysctl.d etc/modules-load.d run var/lib; do mount -o bind "$1/$folder" "/$folder" || exit 9; done; shift; exec "$@"';
      const { exitCode, stdout } = await run([
        'unshare',
        ...MOUNT_NAMESPACE,
        'sh',
        '-c',
        enter,
        'sh',
        root,
        ...command,
        path,
      ]);
      const result = parseRemediationResult(stdout, NONCE);
      return { exitCode, result: result.kind === 'result' ? result : undefined };
    }

    it('stays while settings.sh shortens timeouts and raises thresholds, which rollback.sh takes back', async () => {
      const root = await temporaryDirectory();
      for (const folder of ['etc/sysctl.d', 'etc/modules-load.d', 'run', 'var/lib']) {
        await mkdir(join(root, folder), { recursive: true });
      }
      const former = new Map(SETTINGS.map(([key]) => [key, readSetting(key)] as const));
      try {
        for (const [key, from] of SETTINGS) writeSetting(key, from);
        const max = read('max');
        const changes = SETTINGS.map(([key, from, to]) => `${key}=${from}:${to}`).join(',');
        const changed = await onKernel(root, 'medic-settings', { ...ROLLBACK_A, changes });
        expect(changed).toMatchObject({ exitCode: 0, result: { outcome: 'changed', code: '' } });
        expect(changed.result?.values.toSorted((a, b) => a.key.localeCompare(b.key))).toEqual(
          SETTINGS.map(([key, before, after]) => ({ key, before, after })).toSorted((a, b) =>
            a.key.localeCompare(b.key),
          ),
        );
        expect(SETTINGS.map(([key]) => readSetting(key))).toEqual(SETTINGS.map(([, , to]) => to));
        expect((await onKernel(root, 'medic-rollback', ROLLBACK_A)).result?.outcome).toBe('rolled-back');
        expect(SETTINGS.map(([key]) => readSetting(key))).toEqual(SETTINGS.map(([, from]) => from));
        expect(read('max')).toBe(max);
      } finally {
        for (const [key, value] of former) writeSetting(key, value);
      }
    });

    it('rises by raise.sh, falls by rollback.sh, and buckets are rounded up by the kernel', async () => {
      const root = await temporaryDirectory();
      for (const folder of ['etc/sysctl.d', 'etc/modules-load.d', 'run', 'var/lib']) {
        await mkdir(join(root, folder), { recursive: true });
      }
      write('buckets', 65_536);
      write('max', 65_536);
      const raise = {
        ...RAISE_A,
        fromMax: '65536',
        toMax: '131072',
        fromBuckets: '65536',
        toBuckets: '100000',
      };
      const raised = await onKernel(root, 'medic-raise', raise);
      expect(raised).toMatchObject({
        exitCode: 0,
        result: { outcome: 'raised', max: { before: 65_536, after: 131_072 } },
      });
      expect([read('max'), read('buckets')]).toEqual([131_072, 100_352]);
      const back = await onKernel(root, 'medic-rollback', ROLLBACK_A);
      expect(back).toMatchObject({
        exitCode: 0,
        result: { outcome: 'rolled-back', max: { before: 131_072, after: 65_536 } },
      });
      expect([read('max'), read('buckets')]).toEqual([65_536, 100_352]);
    });
  },
);
