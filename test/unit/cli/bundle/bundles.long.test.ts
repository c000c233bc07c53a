import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../../../cli/bundle/read-bundle.ts';
import { Diagnosis } from '../../../../src/core/record/diagnosis.ts';
import { type Packed, tarOf, xzOf, zipOf } from '../../support/archives.ts';
import {
  clusterDump,
  eksLogCollector,
  type Files,
  logdog,
  mustGather,
  sosreport,
  under,
} from '../../support/bundles.ts';
import { medic } from '../../support/medic.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-bundles-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const packed = (files: Files): Packed[] => Object.entries(files).map(([path, body]) => ({ path, body }));

function saved(name: string, bytes: Buffer): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

function unpacked(name: string, files: Files): string {
  const root = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

async function diagnosed(...paths: string[]): Promise<Diagnosis[]> {
  const { status, out, error } = await medic(['diagnose', '--json', ...paths]);
  expect({ status, error }).toEqual({ status: 0, error: '' });
  const texts = out.trim().split(/^(?=\{)/m);
  return texts
    .flatMap((text) => {
      const printed: unknown = JSON.parse(text);
      return Array.isArray(printed) ? printed : [printed];
    })
    .map((one) => Diagnosis.parse(one));
}

const namesOf = (found: readonly Diagnosis[]) =>
  found.map(({ node = '' }) => node).toSorted((a, b) => a.localeCompare(b));

const SICK = { count: 262_144, full: 12 };

describe('medic diagnose on what a tool packed', () => {
  it.each([
    [
      'the EKS log collector',
      'eks_i-0c1d_2026-11-26_1015-UTC_0.7.9.tar.gz',
      gzipSync(tarOf(packed(eksLogCollector(SICK)))),
      'i-0c1d2e3f4a5b6c7d8',
    ],
    [
      'the EKS log collector, as a zip',
      'eks.zip',
      zipOf(packed(eksLogCollector(SICK))),
      'i-0c1d2e3f4a5b6c7d8',
    ],
    ['sosreport', 'sosreport-worker-3.tar.xz', xzOf(tarOf(packed(sosreport(SICK)))), 'worker-3'],
    ['sosreport, without compression', 'sosreport-worker-3.tar', tarOf(packed(sosreport(SICK))), 'worker-3'],
  ])(
    'finds a full table in an archive of %s, and offers no raise on one sample',
    async (_, name, bytes, node) => {
      const [diagnosis, ...others] = await diagnosed(saved(name, bytes));
      expect(others).toEqual([]);
      expect(diagnosis).toMatchObject({
        verdict: 'table-full',
        node,
        offer: { raise: false, remediations: [] },
      });
      expect(diagnosis?.findings).toContainEqual(
        expect.objectContaining({
          mode: 'table-full',
          because: expect.arrayContaining([expect.objectContaining({ value: '262,144 of 262,144 (100 %)' })]),
        }),
      );
    },
  );

  it('finds what the kernel logged in an archive of logdog, whose tools print no counters', async () => {
    const [diagnosis] = await diagnosed(
      saved('bottlerocket-logs.tar.gz', gzipSync(tarOf(packed(logdog(SICK))))),
    );
    expect(diagnosis).toMatchObject({ verdict: 'table-full', confidence: 'low', offer: { raise: false } });
  });

  it('says of a healthy node that its table lost nothing', async () => {
    for (const files of [eksLogCollector(), sosreport()]) {
      const [diagnosis] = await diagnosed(saved('healthy.tar', tarOf(packed(files))));
      expect(diagnosis).toMatchObject({ verdict: 'not-the-node', offer: { raise: false } });
    }
  });

  it('reads an unpacked folder as the archive', async () => {
    const archive = await diagnosed(saved('packed.tar.gz', gzipSync(tarOf(packed(sosreport(SICK))))));
    expect(await diagnosed(unpacked('unpacked', sosreport(SICK)))).toEqual(archive);
  });

  it('takes an archive from standard input', async () => {
    const { status, out } = await medic(['diagnose', '-'], gzipSync(tarOf(packed(eksLogCollector(SICK)))));
    expect(status).toBe(0);
    expect(out).toMatch(/table-full.*i-0c1d2e3f4a5b6c7d8, standard input/);
  });

  it('says which files were used, which are usually there, and what was not read', async () => {
    const { './networking/ethtool.txt': _ethtool, ...files } = eksLogCollector(SICK);
    const { out } = await medic(['diagnose', saved('used.tar', tarOf(packed(files)))]);
    expect(out).toMatch(
      /Used of an archive of the EKS log collector\n {2}networking\/conntrack\.txt: conntrack -S: drop 21,600/,
    );
    expect(out).toMatch(/Usually in one, not in this\n {2}networking\/ethtool\.txt\n/);
    expect(out).toMatch(/not read: other files \(\d+\)/);
    expect(out).not.toContain('ethtool.txt:');
  });

  it('takes the limit that is in force, not the one that a file of /etc would set', async () => {
    const [diagnosis] = await diagnosed(saved('etc.tar', tarOf(packed(sosreport(SICK)))));
    expect(JSON.stringify(diagnosis)).not.toContain('1,048,576');
  });

  it('reads the names that other versions of the tools give their files', async () => {
    const { './kernel/dmesg.current': dmesg = '', './sysctls/sysctl_all.txt': sysctl = '' } =
      eksLogCollector(SICK);
    const older: Files = {
      'ekslogs/kernel/dmesg.txt': dmesg,
      'ekslogs/sysctl/sysctls.txt': sysctl,
      'ekslogs/system/instance-id.txt': 'i-0aaaaaaaaaaaaaaaa',
    };
    expect(await diagnosed(saved('older.tar', tarOf(packed(older))))).toEqual([
      expect.objectContaining({ verdict: 'table-full', node: 'i-0aaaaaaaaaaaaaaaa' }),
    ]);
    const report = Object.fromEntries(
      Object.entries(sosreport(SICK)).map(([path, text]) => [
        path.replace(/conntrack_-S$/, 'conntrack_-S_-f_ipv4'),
        text,
      ]),
    );
    const [diagnosis] = await diagnosed(saved('sos-older.tar', tarOf(packed(report))));
    expect(diagnosis?.gaps.join('\n')).toContain('since boot: drop 21,600');
  });

  it('takes the time of the collection and of the last boot from the files that tell them', async () => {
    const { nodes } = await readBundle('sos', { bytes: tarOf(packed(sosreport(SICK))) });
    expect(nodes[0]?.evidence.capture.clock).toEqual({
      windowSeconds: undefined,
      endUptimeSeconds: (10 * 24 * 60 + 12) * 60,
      endEpochMs: Date.UTC(2026, 10, 26, 10, 20),
    });
  });

  it('reads a packed text as the text', async () => {
    const dmesg = sosreport(SICK)['sosreport-worker-3-2026-11-26-abcdefg/sos_commands/kernel/dmesg'] ?? '';
    expect(await diagnosed(saved('dmesg.txt.gz', gzipSync(dmesg)))).toEqual([
      expect.objectContaining({ verdict: 'table-full' }),
    ]);
  });
});

describe('medic diagnose on a bundle of several nodes', () => {
  it('gives one diagnosis for each folder, and never makes a pair of two nodes', async () => {
    const counters = (drop: number) =>
      `cpu=0 found=1 invalid=0 insert=0 insert_failed=0 drop=${drop} early_drop=0 error=0 search_restart=0\n`;
    const settings = 'net.netfilter.nf_conntrack_count = 65530\nnet.netfilter.nf_conntrack_max = 65536\n';
    const files = {
      'case/node-a/conntrack-S.txt': `Thu Nov 26 10:00:00 UTC 2026\n${counters(10)}`,
      'case/node-a/sysctl.txt': settings,
      'case/node-b/conntrack-S.txt': `Thu Nov 26 10:00:10 UTC 2026\n${counters(90_000)}`,
      'case/node-b/sysctl.txt': settings,
    };
    const found = await diagnosed(unpacked('nodes', files));
    expect(namesOf(found)).toEqual(['node-a', 'node-b']);
    for (const { offer } of found) expect(offer.raise).toBe(false);
    // In an archive the files stand in whatever order they were packed.
    const backwards = saved('backwards.tar', tarOf(packed(files).toReversed()));
    expect(namesOf(await diagnosed(backwards))).toEqual(['node-a', 'node-b']);
  });

  it('takes the archives of several nodes out of one archive', async () => {
    const outer = zipOf([
      { path: 'case/a.tar.xz', body: xzOf(tarOf(packed(sosreport({ ...SICK, host: 'worker-1' })))) },
      { path: 'case/b.tar.xz', body: xzOf(tarOf(packed(sosreport({ host: 'worker-2' })))) },
    ]);
    const found = await diagnosed(saved('collected.zip', outer));
    expect(new Map(found.map(({ node, verdict }) => [node, verdict]))).toEqual(
      new Map([
        ['worker-1', 'table-full'],
        ['worker-2', 'not-the-node'],
      ]),
    );
  });

  it('takes a folder of captures and one of two samples as a node each', async () => {
    const files = {
      ...under('three/a', {
        'before.conntrack-S.txt': 'cpu=0 drop=0\n',
        'after.conntrack-S.txt': 'cpu=0 drop=0\n',
      }),
      ...under('three/b', {
        'capture.txt': '=== medic/1 abcdefghijklmnop conntrack 0 ok 10.0\nnf_conntrack_count=1\n',
      }),
    };
    const found = await diagnosed(unpacked('three', files));
    expect(namesOf(found)).toEqual(['a', 'b']);
  });

  it('tells the nodes of a cluster-info dump apart by where each pod ran', async () => {
    const found = await diagnosed(saved('dump.tar.gz', gzipSync(tarOf(packed(clusterDump())))));
    const byNode = new Map(found.map((one) => [one.node, one]));
    expect(namesOf(found)).toEqual(['node-a', 'node-b']);
    expect(byNode.get('node-a')?.verdict).toBe('table-full');
    // What a log shipper and a pod's probe quote is of any machine.
    expect(found.flatMap(({ gaps }) => gaps)).toContain('nothing in it tells of node-c');
  });

  it('reads the same dump where it was printed into one file', async () => {
    const text = Object.entries(clusterDump())
      .map(([path, content]) =>
        path.endsWith('logs.txt') && !content.startsWith('====')
          ? `==== START logs for container c of pod ${path.split('/').slice(1, 3).join('/')} ====\n${content}==== END logs for container c of pod ${path.split('/').slice(1, 3).join('/')} ====\n`
          : content,
      )
      .join('');
    const found = await diagnosed(unpacked('printed', { 'dump.txt': text }));
    expect(namesOf(found)).toEqual(['node-a', 'node-b']);
  });

  it('reads a dump that was printed into a file of its own, however long its logs are', async () => {
    const { 'cluster-state/nodes.json': nodes = '', 'cluster-state/kube-system/pods.json': pods = '' } =
      clusterDump();
    const log = `${'an application says something\n'.repeat(400_000)}kernel: nf_conntrack: nf_conntrack: table full, dropping packet\n`;
    const text = `${nodes}${pods}==== START logs for container c of pod kube-system/node-problem-detector-2 ====\n${log}==== END logs for container c of pod kube-system/node-problem-detector-2 ====\n`;
    const path = saved('dump.txt', Buffer.from(text));
    const found = await diagnosed(path);
    expect(found.map(({ node, verdict }) => [node, verdict])).toEqual([['node-b', 'table-full']]);
  });

  it('takes what lies beside the files of /proc, and a folder beside a known one, as what it is', async () => {
    const files = {
      ...under('case/node-a', {
        'proc/meminfo': 'MemTotal:        7864320 kB\n',
        'sysctl.txt': 'net.netfilter.nf_conntrack_count = 65535\nnet.netfilter.nf_conntrack_max = 65536\n',
        'etc/sysctl.conf': 'net.netfilter.nf_conntrack_max = 1048576\n',
      }),
      ...under('case/node-b', {
        'dmesg.txt': '[1.0] nf_conntrack: nf_conntrack: table full, dropping packet\n',
      }),
    };
    const found = await diagnosed(unpacked('beside', files));
    expect(new Map(found.map(({ node, verdict }) => [node, verdict]))).toEqual(
      new Map([
        ['node-b', 'table-full'],
        ['node-a', 'near-full'],
      ]),
    );
    expect(JSON.stringify(found)).not.toContain('1,048,576');
  });

  it('takes what a must-gather holds of each node', async () => {
    const found = await diagnosed(unpacked('gathered', mustGather()));
    expect(new Map(found.map(({ node, verdict }) => [node, verdict]))).toEqual(
      new Map([
        ['worker-0', 'table-full'],
        ['worker-1', 'insufficient-evidence'],
      ]),
    );
  });
});
