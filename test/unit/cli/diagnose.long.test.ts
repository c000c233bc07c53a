import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diagnosis } from '../../../src/core/record/diagnosis.ts';
import { medic, medicProcess } from '../support/medic.ts';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;
const CAPTURES = join(REPOSITORY, 'test/fixtures/captures');
const FULL = '[2833841.216211] nf_conntrack: nf_conntrack: table full, dropping packet\n';
const SETTINGS = 'net.netfilter.nf_conntrack_count = 65535\nnet.netfilter.nf_conntrack_max = 65536\n';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('medic diagnose on pasted text', () => {
  it('says verdict, what it used, what it ignored and the command that settles it', () => {
    const { status, out } = medicProcess(['diagnose', '-'], `Our pods are slow.\n${FULL}${SETTINGS}`);
    expect(status).toBe(0);
    expect(out).toMatch(/table-full, confidence medium, standard input/);
    expect(out).toMatch(
      /Seen in your text\n {2}kernel log \(line 2\): “table full, dropping packet” 1 line\n {2}kernel settings \(lines 3–4\): nf_conntrack_count 65,535, nf_conntrack_max 65,536 \(99 % used\)\n/,
    );
    expect(out).toMatch(/Ignored\n {2}line 1: /);
    expect(out).toMatch(/To find out, run this on the node and paste what it prints\nsudo sh -c '/);
  });

  it('reads standard input when no input is named', async () => {
    expect(await medic(['diagnose'], FULL)).toMatchObject({
      status: 0,
      out: expect.stringContaining('table-full'),
    });
  });

  it('prints nothing but the public contract as JSON', async () => {
    const { status, out } = await medic(['diagnose', '-', '--json'], FULL);
    expect(status).toBe(0);
    expect(Diagnosis.parse(JSON.parse(out))).toMatchObject({
      verdict: 'table-full',
      offer: { raise: false },
    });
  });

  it('gives each host of a text its own verdict, the most severe first, as an array in JSON', async () => {
    const two = `root@node-b:~# sysctl net.netfilter\n${SETTINGS.replace('65535', '12')}root@node-a:~# sysctl net.netfilter\n${SETTINGS}${FULL}`;
    const { out } = await medic(['diagnose'], two);
    expect(out).toMatch(
      /^This is the output of 2 hosts, .*: node-a \(table-full\), node-b \(insufficient-evidence\)\.$/m,
    );
    expect(out.match(/To find out, run this/g)).toHaveLength(1);
    const json = await medic(['diagnose', '--json'], two);
    expect(JSON.parse(json.out)).toEqual([
      expect.objectContaining({ node: 'node-a', verdict: 'table-full' }),
      expect.objectContaining({ node: 'node-b', verdict: 'insufficient-evidence' }),
    ]);
    const plans = await medic(['plan', '--json'], two);
    expect(JSON.parse(plans.out)).toEqual([
      expect.objectContaining({ nodes: [] }),
      expect.objectContaining({ nodes: [] }),
    ]);
  });

  it('takes several pasted files as one node', async () => {
    const { out } = await medic([
      'diagnose',
      '--json',
      file('dmesg.txt', FULL),
      file('sysctl.txt', SETTINGS),
    ]);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'table-full', confidence: 'medium' });
  });

  it.each(['diagnose', 'plan'])(
    '%s calls each of several captures as it was given, in JSON as one array',
    async (command) => {
      const [full, near] = ['table-full/time-wait-49152', 'near-full/nine-tenths'].map((name, index) => {
        mkdirSync(join(folder, `node-${index}`), { recursive: true });
        const path = join(folder, `node-${index}`, 'capture.txt');
        cpSync(join(CAPTURES, name, 'capture.txt'), path);
        return path;
      });
      if (full === undefined || near === undefined) throw new Error('Two captures were copied.');
      const { out } = await medic([command, full, near]);
      expect(out).toContain(full);
      expect(out).toContain(near);
      const documents = JSON.parse((await medic([command, '--json', full, near])).out) as readonly unknown[];
      const named = documents.map((one) => [full, near].find((path) => JSON.stringify(one).includes(path)));
      expect(named).toEqual([full, near]);
    },
  );

  it('writes the unit of a value before its share', async () => {
    const { out } = await medic(['diagnose', join(CAPTURES, 'table-full/time-wait-49152')]);
    expect(out).toContain('table use: 49,152 of 49,152 entries (100 %) (held against');
  });

  it('calls a capture with a long name by its end', async () => {
    const long = join(folder, ...Array.from({ length: 8 }, (_, index) => `${index}`.repeat(40)));
    mkdirSync(long, { recursive: true });
    cpSync(join(CAPTURES, 'table-full/time-wait-49152/capture.txt'), join(long, 'i-a.txt'));
    const [first = ''] = (await medic(['diagnose', join(long, 'i-a.txt')])).out.split('\n');
    expect(first).toMatch(/, …[^ ]{110,119}\/i-a\.txt\)$/);
  });

  it('takes every folder as a node of its own', async () => {
    const { status, out } = await medic([
      'diagnose',
      join(CAPTURES, 'hash-chains-long/hash-chains-heavy'),
      join(CAPTURES, 'softnet-drops/softnet-drops'),
    ]);
    expect(status).toBe(0);
    expect(out).toMatch(
      /hash-chains-long, confidence high, \S*hash-chains-long\/hash-chains-heavy\)[^]*softnet-drops, confidence high/,
    );
  });
});

describe('medic diagnose on text of which nothing is known', () => {
  it.each([
    ['prose', 'The service is slow since Monday.\n'],
    ['prose with an address', 'The service on 10.0.0.7 is slow since 10:12:01, 3 packets/s.\n'],
    ['the output of another tool', 'NAME  READY  STATUS\nweb-1  1/1  Running\n'],
  ])('says what was expected and the one command, with status 0: %s', async (_, text) => {
    const { status, out } = await medic(['diagnose', '-'], text);
    expect(status).toBe(0);
    expect(out).toMatch(
      /\(insufficient-evidence, confidence low, standard input\)\nNothing in this text is output that is known here\./,
    );
    expect(out).toMatch(/To find out, run this on the node and paste what it prints\nsudo sh -c '/);
  });
});

describe('medic diagnose on text in UTF-16', () => {
  it.each([
    ['little-endian', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['big-endian', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ])('reads it by its mark: %s', async (_, encode) => {
    const { status, out } = await medic(['diagnose', '-'], encode(`${FULL}${SETTINGS}`));
    expect({ status, out: out.slice(0, 80) }).toEqual({
      status: 0,
      out: expect.stringContaining('table full'),
    });
  });
});

describe('medic diagnose on input that can not be used', () => {
  it.each([
    ['nothing', '', /^medic: standard input is empty; give /],
    ['blanks', ' \n\n', /^medic: standard input is empty; give /],
    ['binary', Buffer.from([1, 2, 0, 200, 255, 3]), /^medic: standard input is binary; give /],
    [
      'another encoding',
      Buffer.from(Array.from({ length: 300 }, (_, index) => 128 + (index % 100))),
      /^medic: standard input is not text in UTF-8; /,
    ],
    ['too much', 'a\n'.repeat(5 * 2 ** 20), /^medic: standard input has more than 8 MiB; /],
    [
      'too many lines',
      'cpu=0 drop=1\r'.repeat(250_001),
      /^medic: standard input has more than 250,000 lines; /,
    ],
  ])('refuses %s with one sentence and status 2', async (_, input, sentence) => {
    const { status, out, error } = await medic(['diagnose', '-'], input);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(error).toMatch(sentence);
    expect(error.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['a path that does not exist', 'absent.txt', /does not exist; give /],
    ['a folder without samples', '.', /holds no samples; expected /],
  ])('refuses %s', async (_, name, sentence) => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect(await medic(['diagnose', join(empty, name)])).toMatchObject({
      status: 2,
      error: expect.stringMatching(sentence),
    });
  });
});

describe('medic diagnose on a folder', () => {
  it('never opens notes or what the client saw, whatever they say and however the folder is called', async () => {
    const original = join(CAPTURES, 'table-full/table-full-established');
    const json = async (path: string) => (await medic(['diagnose', path, '--json'])).out;
    const expected = await json(original);
    const copy = join(folder, 'case-17');
    cpSync(original, copy, { recursive: true });
    rmSync(join(copy, 'case.json'));
    // A folder in place of a file: whoever opens it fails.
    for (const name of [
      'meta.json',
      'client.json',
      'before.nstat-client.txt',
      'after.nstat-client.txt',
      'case.json',
      'after.client.txt',
    ])
      mkdirSync(join(copy, name));
    expect(await json(copy)).toBe(expected);
    const renamed = join(folder, 'healthy');
    renameSync(copy, renamed);
    for (const name of readdirSync(renamed).filter((one) => /client|meta|case/.test(one)))
      rmSync(join(renamed, name), { recursive: true });
    expect(await json(renamed)).toBe(expected);
    expect(JSON.parse(expected)).toMatchObject({ verdict: 'table-full' });
  });
});
