import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUNDLE_LIMITS } from '../../../../cli/bundle/limits.ts';
import { readBundle } from '../../../../cli/bundle/read-bundle.ts';
import { type Packed, tarOf, xzOf, zipOf } from '../../support/archives.ts';
import { eksLogCollector } from '../../support/bundles.ts';
import { medic } from '../../support/medic.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD: Packed = { path: 'sysctls/sysctl_all.txt', body: 'net.netfilter.nf_conntrack_max = 262144\n' };
const SECRET = 'kernel/dmesg.current';
const FULL = '[1.0] nf_conntrack: nf_conntrack: table full, dropping packet\n';

/** Paths and texts that were kept of an archive. */
async function kept(bytes: Buffer, limits = BUNDLE_LIMITS) {
  const { nodes, notes } = await readBundle('hostile', { bytes }, limits);
  return { files: nodes.flatMap(({ evidence }) => evidence.used.map(({ path }) => path)), notes };
}

describe('an archive that means harm', () => {
  it.each([
    ['goes up', '../../kernel/dmesg.current'],
    ['goes up in its middle', 'a/../../../kernel/dmesg.current'],
    ['goes up by backslashes', String.raw`..\..\kernel\dmesg.current`],
    ['is absolute', '/etc/kernel/dmesg.current'],
    ['names a drive', 'C:/kernel/dmesg.current'],
    ['goes down endlessly', `${'d/'.repeat(60)}kernel/dmesg.current`],
  ])('has no file read whose path %s', async (_, path) => {
    for (const archive of [tarOf, zipOf]) {
      const { files, notes } = await kept(archive([{ path, body: FULL }, GOOD]));
      expect(files).toEqual(['hostile/sysctls/sysctl_all.txt']);
      expect(notes).toEqual([expect.stringMatching(/^not read: paths that lead out of the archive/)]);
    }
  });

  it('has no file read whose path is endless', async () => {
    const { notes } = await kept(zipOf([{ path: `${'d'.repeat(1_100)}/${SECRET}`, body: FULL }, GOOD]));
    expect(notes).toEqual([expect.stringMatching(/^not read: paths that lead out of the archive/)]);
  });

  it.each([
    ['a symbolic link', { type: 'SymbolicLink', linkpath: '/etc/passwd' }],
    ['a hard link', { type: 'Link', linkpath: '../../etc/passwd' }],
    ['a pipe', { type: 'FIFO' }],
    ['a character device', { type: 'CharacterDevice' }],
    ['a block device', { type: 'BlockDevice' }],
  ] as const)('has %s passed over', async (_, entry) => {
    const { files, notes } = await kept(tarOf([{ path: SECRET, ...entry }, GOOD]));
    expect(files).toEqual(['hostile/sysctls/sysctl_all.txt']);
    expect(notes).toEqual([expect.stringMatching(/^not read: links, devices and pipes/)]);
  });

  it('has a link in a zip passed over', async () => {
    const { files, notes } = await kept(zipOf([{ path: SECRET, body: '/etc/passwd', mode: 0o120777 }, GOOD]));
    expect(files).toEqual(['hostile/sysctls/sysctl_all.txt']);
    expect(notes).toEqual([expect.stringMatching(/^not read: links/)]);
  });

  it.each([
    ['gzip', gzipSync],
    ['xz', xzOf],
    ['none', (bytes: Buffer) => bytes],
  ])('is read up to a bound where it grows without end, packed with %s', async (_, pack) => {
    const limits = { ...BUNDLE_LIMITS, unpackedBytes: 200_000 };
    const bytes = pack(
      tarOf([GOOD, { path: 'core', body: Buffer.alloc(5_000_000) }, { path: SECRET, body: FULL }]),
    );
    const { files, notes } = await kept(bytes, limits);
    expect(files).toEqual(['hostile/sysctls/sysctl_all.txt']);
    expect(notes.join()).toMatch(/larger than 0 MiB when it is unpacked; what comes after that was not read/);
  });

  it('is read up to a bound where a zip grows without end', async () => {
    const limits = { ...BUNDLE_LIMITS, unpackedBytes: 200_000 };
    const { files, notes } = await kept(
      zipOf([GOOD, { path: 'networking/conntrack.txt', body: Buffer.alloc(5_000_000, 'a\n') }]),
      limits,
    );
    expect(files).toEqual(['hostile/sysctls/sysctl_all.txt']);
    expect(notes.join()).toMatch(/what comes after that was not read/);
  });

  it('is refused where an entry of a zip is larger than it says', async () => {
    const lying = zipOf([GOOD, { path: SECRET, body: FULL.repeat(1_000), size: 10 }]);
    await expect(kept(lying)).rejects.toThrow(
      /^hostile can not be unpacked \(.*\); it may have been cut short/,
    );
  });

  it('is read up to a bound where it has entries without end', async () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ path: `x/${index}` }));
    const { files, notes } = await kept(tarOf([GOOD, ...many]), { ...BUNDLE_LIMITS, entries: 100 });
    expect(files).toEqual(['hostile/sysctls/sysctl_all.txt']);
    expect(notes).toEqual([expect.stringMatching(/more than 100 files and folders/)]);
  });

  it('is opened down to a bound where archives lie in archives', async () => {
    let inner = tarOf([{ path: SECRET, body: FULL }]);
    for (let depth = 0; depth < 6; depth += 1)
      inner = gzipSync(tarOf([{ path: `${depth}.tar.gz`, body: inner }, GOOD]));
    const { files, notes } = await kept(inner);
    expect(files.every((path) => path.endsWith('sysctl_all.txt'))).toBe(true);
    expect(notes.join()).toMatch(/archives that lie too deep/);
  });

  it('has an archive within it passed over that is too large or broken, and the rest read', async () => {
    const limits = { ...BUNDLE_LIMITS, innerBytes: 10_000 };
    const { files, notes } = await kept(
      tarOf([
        { path: 'large.tar', body: Buffer.alloc(20_000) },
        { path: 'broken.tar.gz', body: Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]) },
        GOOD,
      ]),
      limits,
    );
    expect(files).toEqual(['hostile/sysctls/sysctl_all.txt']);
    expect(notes.join('\n')).toMatch(
      /archives in it of more than 0 MiB[^]*archives in it that can not be read/,
    );
  });

  it('keeps of an endless line and an endless log no more than it may', async () => {
    const limits = { ...BUNDLE_LIMITS, textBytes: 1_000, logLines: 5 };
    const { nodes } = await readBundle(
      'hostile',
      {
        bytes: tarOf([
          GOOD,
          {
            path: 'networking/conntrack.txt',
            body: `cpu=0 found=1 drop=2 insert_failed=0 early_drop=0\n${'z'.repeat(200_000)}`,
          },
          { path: 'var_log/messages', body: `${'conntrack '.repeat(50_000)}\n${FULL.repeat(500)}` },
        ]),
      },
      limits,
    );
    const log = nodes[0]?.evidence.capture.sections.find(({ source }) => source === 'kernel-log');
    expect(log?.text.split('\n')).toHaveLength(5);
    expect(nodes[0]?.evidence.used.find(({ path }) => path.endsWith('messages'))).toMatchObject({
      isCut: true,
    });
  });

  it('stops where it has more text than is read of one bundle', async () => {
    const body = 'net.core.somaxconn = 4096\n'.repeat(1_000);
    const parts = Array.from({ length: 30 }, (_, index) => ({
      path: `n${index}/sysctls/sysctl_all.txt`,
      body,
    }));
    const { notes } = await kept(tarOf(parts), { ...BUNDLE_LIMITS, keptLines: 5_000 });
    expect(notes).toEqual([expect.stringMatching(/more text that may matter than is read/)]);
  });

  it('never acts on a terminal by the names of its files', async () => {
    const path = join(folder, 'escape.tar');
    writeFileSync(path, tarOf([GOOD, { path: 'n\u001b[2J/kernel/dmesg.current', body: FULL }]));
    const { out } = await medic(['diagnose', path]);
    // eslint-disable-next-line no-control-regex -- the escape character is what must not be there
    expect(out).not.toMatch(/\u001b\[2J/);
  });

  it('writes nothing to disk', async () => {
    const before = readdirSync(folder).length;
    await kept(gzipSync(tarOf(Object.entries(eksLogCollector()).map(([path, body]) => ({ path, body })))));
    expect(readdirSync(folder)).toHaveLength(before);
  });
});

describe('an archive that can not be read', () => {
  it.each([
    [
      'cut short',
      gzipSync(
        tarOf([
          GOOD,
          { path: 'x', body: Buffer.from(Array.from({ length: 9_000 }, (_, i) => (i * 7919) % 251)) },
        ]),
      ).subarray(0, 300),
      /can not be unpacked .* cut short on its way/,
    ],
    ['a zip without its end', zipOf([GOOD]).subarray(0, 60), /can not be unpacked/],
    [
      'an xz that is none',
      Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
      /can not be unpacked/,
    ],
    [
      'packed with bzip2',
      Buffer.from('BZh91AY&SY'),
      /is packed with bzip2, which is not read here; run `bunzip2 -k packed-with-bzip2\.tar\.bz2` and give what comes out, packed-with-bzip2\.tar\./,
      'tar.bz2',
    ],
    [
      'packed with another bzip2',
      Buffer.from('BZh51AY&SY'),
      /is packed with bzip2, which is not read here; run `bunzip2 -k /,
      'tar.bz2',
    ],
    [
      'packed with zstd',
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]),
      /is packed with zstd, which is not read here; run `zstd -d packed-with-zstd\.tar\.zst` and give what comes out, packed-with-zstd\.tar\./,
      'tar.zst',
    ],
    [
      'packed with 7z',
      Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 0]),
      /is packed with 7z, which is not read here; run `7z x packed-with-7z\.7z -o\S+` and give the folder/,
      '7z',
    ],
    [
      'of a name that a shell would act on',
      Buffer.from('BZh91AY&SY'),
      /run `bunzip2 -k FILE` and give what comes out/,
      '$(reboot).bz2',
    ],
    ['packed twice', gzipSync(gzipSync(tarOf([GOOD]))), /is packed twice; unpack it once/],
    ['an archive of nothing', tarOf([]), /is binary; give text/],
    [
      'an archive of pictures',
      tarOf([{ path: 'a.png', body: Buffer.from([0, 1, 2]) }]),
      /holds no samples; expected /,
    ],
  ])(
    'is refused with one sentence: %s',
    async (...[name, bytes, sentence, ending]: readonly [string, Buffer, RegExp, string?]) => {
      const path = join(folder, `${name.replaceAll(' ', '-')}.${ending ?? 'bin'}`);
      writeFileSync(path, bytes);
      const { status, out, error } = await medic(['diagnose', path]);
      expect({ status, out }).toEqual({ status: 2, out: '' });
      expect(error).toMatch(sentence);
      expect(error.trim().split('\n')).toHaveLength(1);
    },
  );
});

describe('a folder that means harm', () => {
  it('has its links and pipes passed over, and never waits for one', async () => {
    const root = join(folder, 'links');
    mkdirSync(join(root, 'sysctls'), { recursive: true });
    mkdirSync(join(root, 'kernel'));
    writeFileSync(join(root, 'sysctls/sysctl_all.txt'), String(GOOD.body));
    writeFileSync(join(folder, 'outside.txt'), FULL);
    symlinkSync(join(folder, 'outside.txt'), join(root, 'kernel/dmesg.current'));
    symlinkSync(root, join(root, 'again'));
    execFileSync('mkfifo', [join(root, 'kernel/dmesg.boot')]);
    const { nodes, notes } = await readBundle('links', { folder: root });
    expect(nodes.map(({ evidence }) => evidence.used.map(({ path }) => path))).toEqual([
      ['links/sysctls/sysctl_all.txt'],
    ]);
    expect(notes).toEqual([expect.stringMatching(/^not read: links, devices and pipes.* \(3\)$/)]);
  });

  it('holds nobody up by lists and white space without end', async () => {
    const events = `- apiVersion: v1\n  involvedObject:\n${'\n'.repeat(400_000)}${'    \n'.repeat(50_000)}  reason: x\n`;
    const at = 'must-gather.local.1/a/namespaces/default/core/events.yaml';
    // It ends before the test's own time does.
    const { nodes } = await readBundle('slow', {
      bytes: tarOf([
        { path: at, body: events },
        { path: 'must-gather.local.1/a/namespaces/n/pods/p/p.yaml', body: '\n'.repeat(90_000) },
        { path: 'x/sysctls/sysctl_all.txt', body: 'net.nf_conntrack_max = 1\n'.repeat(50_000) },
      ]),
    });
    expect(nodes.map(({ name }) => name)).toContain('x');
  });

  it('is read down to a bound', async () => {
    const root = join(folder, 'deep');
    mkdirSync(join(root, ...Array.from({ length: 45 }, () => 'd')), { recursive: true });
    mkdirSync(join(root, 'sysctls'));
    writeFileSync(join(root, 'sysctls/sysctl_all.txt'), String(GOOD.body));
    const { notes } = await readBundle('deep', { folder: root });
    expect(notes).toEqual([expect.stringMatching(/^not read: folders that lie too deep/)]);
  });
});
