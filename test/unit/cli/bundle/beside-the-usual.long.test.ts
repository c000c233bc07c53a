import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diagnosis } from '../../../../src/core/record/diagnosis.ts';
import { type Packed, tarOf, xzOf } from '../../support/archives.ts';
import { eksLogCollector, type Files, sosreport } from '../../support/bundles.ts';
import { medic } from '../../support/medic.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-reports-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const packed = (files: Files): Packed[] => Object.entries(files).map(([path, body]) => ({ path, body }));

function saved(name: string, bytes: Buffer): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

async function diagnosed(path: string): Promise<readonly [Diagnosis]> {
  const { status, out, error } = await medic(['diagnose', '--json', path]);
  expect({ status, error }).toEqual({ status: 0, error: '' });
  return [Diagnosis.parse(JSON.parse(out))];
}

describe('what a report of one node holds beside the usual files', () => {
  it('says that the table was full where lines and drops tell so and the count is calm by now', async () => {
    for (const files of [sosreport({ full: 12 }), eksLogCollector({ full: 12 })]) {
      const [diagnosis] = await diagnosed(saved('calm.tar.xz', xzOf(tarOf(packed(files)))));
      expect(diagnosis).toMatchObject({ verdict: 'table-full', confidence: 'low', offer: { raise: false } });
      expect(diagnosis?.headline).toMatch(/was full.*21,600 packets.*4,100 of 262,144/);
    }
  });

  it.each([
    ['an archive', (files: readonly Packed[]) => saved('rotated.tar.gz', gzipSync(tarOf(files)))],
    [
      'a folder',
      (files: readonly Packed[]) => {
        for (const { path, body = '' } of files) {
          mkdirSync(dirname(join(folder, 'rotated', path)), { recursive: true });
          writeFileSync(join(folder, 'rotated', path), body);
        }
        return join(folder, 'rotated');
      },
    ],
  ])('reads logs that were rotated and packed, in %s', async (_, pack) => {
    const line = 'Nov 26 04:10:02 worker-3 kernel: nf_conntrack: nf_conntrack: table full, dropping packet\n';
    const root = 'sosreport-worker-3-2026-11-26-abcdefg';
    const files = [
      ...packed(sosreport()),
      { path: `${root}/var/log/messages-20261126.gz`, body: gzipSync(line.repeat(7)) },
      { path: `${root}/var/log/audit/audit.log.1.gz`, body: gzipSync('type=DAEMON_START\n') },
    ];
    const { out } = await medic(['diagnose', pack(files)]);
    expect(out).toMatch(/var\/log\/messages-20261126: kernel log: .*7 lines/);
    expect(out).toMatch(/^.*\(table-full.*\n.*was full/);
  });

  it('tells what a namespace of a node lost, beside the node and never as its own', async () => {
    const [diagnosis] = await diagnosed(saved('namespaces.tar.xz', xzOf(tarOf(packed(sosreport())))));
    expect(diagnosis).toMatchObject({ verdict: 'not-the-node' });
    expect(diagnosis?.gaps.join('\n')).toMatch(/network namespace cni-1: conntrack -S: drop 15,554/);
    expect(diagnosis?.gaps.join('\n')).toMatch(/1 other network namespace .*lost nothing/);
  });
});

describe('a folder that holds one of each node', () => {
  it('is read by its folders, whatever it is called itself', async () => {
    const files = {
      'nodes/node-a/sysctl.txt':
        'net.netfilter.nf_conntrack_count = 131072\nnet.netfilter.nf_conntrack_max = 131072\n',
      'nodes/node-b/out/two.txt':
        '$ conntrack -C\n1200\n$ sysctl net.netfilter.nf_conntrack_max\nnet.netfilter.nf_conntrack_max = 262144\n',
    };
    const { out } = await medic(['diagnose', '--json', saved('nodes.tar', tarOf(packed(files)))]);
    const hosts = Diagnosis.array().parse(JSON.parse(out));
    expect(hosts.map(({ verdict }) => verdict)).toEqual(['table-full', 'insufficient-evidence']);
    expect(hosts[1]?.headline).toContain('1,200 of 262,144');
  });
});
