import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const REPOSITORY = new URL('../../../', import.meta.url).pathname;
const CAPTURE = join(REPOSITORY, 'test/fixtures/worked-examples/a.txt');
const NEEDED = [
  'cdk',
  'cli',
  'lambdas',
  'local',
  'nodes',
  'package.json',
  'runbooks',
  'src',
  'tsconfig.json',
];
const isRoot = process.getuid?.() === 0;

/** A checkout whose failure modes may be broken, and things that can not be read. */
let folder = '';
let copy = '';
let busy: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'medic-faults-'));
  copy = join(folder, 'checkout');
  mkdirSync(copy);
  for (const name of NEEDED) cpSync(join(REPOSITORY, name), join(copy, name), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'secret'), 'text');
  chmodSync(join(folder, 'secret'), 0);
  chmodSync(folder, 0o755);
  busy = createServer();
  await new Promise<void>((resolve) => {
    busy.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => {
    busy.close(resolve);
  });
});

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs a line of the shell in which `medic` is the command of a checkout. */
function inShell(line: string, root = REPOSITORY): Promise<Ended> {
  const script = line.replaceAll(/\bmedic\b(?! )|\bmedic (?=\S)/g, (word) =>
    word.endsWith(' ') ? `"${process.execPath}" "${join(root, 'cli/medic.mjs')}" ` : word,
  );
  const env = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, NO_COLOR: '1' };
  const shell = spawn('bash', ['-c', `set -o pipefail; ${script}`], { cwd: root, env });
  let [out, error] = ['', ''];
  shell.stdout.on('data', (chunk) => (out += String(chunk)));
  shell.stderr.on('data', (chunk) => (error += String(chunk)));
  shell.stdin.end();
  return new Promise((resolve) => {
    shell.on('close', (status) => {
      resolve({ status, out, error });
    });
  });
}

/** Places in code, in whatever way Node.js, tsx or esbuild print them. */
const TRACE = /^\s*at \S|node:internal|\n\s*\^|Node\.js v\d|\[cause\]/m;

/** What is wrong with how a run ended, which was to end with one sentence and a status. */
async function amiss(run: Promise<Ended>, wanted: number, sentence: RegExp): Promise<readonly string[]> {
  const { status, out, error } = await run;
  return [
    ...(TRACE.test(`${out}${error}`) ? [`a trace: ${out}${error}`] : []),
    ...(status === wanted ? [] : [`status ${status}`]),
    ...(sentence.test(error) && error.trim().split('\n').length === 1 ? [] : [`not the sentence: ${error}`]),
  ];
}

describe('the real command answers in one sentence', () => {
  it.each([
    ['a folder where a file is expected', 'medic diagnose docs', /^medic: docs holds no samples/],
    ['the same for a runbook', 'medic runbook --from docs', /^medic: docs holds no samples/],
    ['a file that is not there', 'medic plan nowhere.txt', /^medic: nowhere\.txt does not exist/],
    ['a failure mode that is none', 'medic runbook constructor', /^medic: There is no failure mode/],
    ['a wait that the collector does not take', 'medic collect --seconds 1e1', /^medic: --seconds 1e1 is no/],
    ['no input at all', 'medic diagnose </dev/null', /^medic: standard input is empty/],
    ['a closed standard input', 'medic diagnose <&-', /^medic: standard input /],
    ['a shell that it can not complete', 'medic complete tcsh', /'tcsh' is invalid/],
  ])('where it meets %s', async (_, line, sentence) => {
    expect(await amiss(inShell(line), 2, sentence)).toEqual([]);
  });

  it('where it meets an empty folder', async () => {
    expect(
      await amiss(inShell(`medic diagnose ${folder}/empty`), 2, /^medic: empty holds no samples/),
    ).toEqual([]);
  });

  it.runIf(isRoot && existsSync('/usr/bin/setpriv'))('where it may not read, or is not root', async () => {
    // What loads TypeScript keeps a cache where each user may write.
    const asNobody = 'TMPDIR=/tmp setpriv --reuid=65534 --clear-groups';
    expect(
      await amiss(
        inShell(`${asNobody} medic diagnose ${folder}/secret`),
        2,
        /^medic: \S+secret can not be read \(EACCES/,
      ),
    ).toEqual([]);
    expect(
      await amiss(inShell(`${asNobody} medic collect`), 2, /needs? root|only root may read.*sudo/),
    ).toEqual([]);
    expect(
      await amiss(inShell(`${asNobody} medic trace`), 2, /only root may.*sudo|packets, which only root/),
    ).toEqual([]);
  });

  it.runIf(existsSync('/dev/full'))('where no disk takes the answer', async () => {
    for (const line of ['runbook table-full', 'collect --script', 'complete bash', '--version'])
      expect(
        await amiss(inShell(`medic ${line} >/dev/full`), 2, /^medic: Standard output can not be written/),
      ).toEqual([]);
  });

  it('or says nothing, where its reader has gone', async () => {
    for (const line of ['runbook table-full', 'collect --script', 'complete bash'])
      expect(await inShell(`medic ${line} | true`)).toEqual({ status: 0, out: '', error: '' });
  });

  it('where the port of the demo is taken', async () => {
    const address = busy.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { status, out, error } = await inShell(`medic demo --port ${port}`);
    expect(`${out}${error}`).not.toMatch(TRACE);
    expect(`${out}${error}`).toMatch(
      new RegExp(`✗ Port ${port} of this machine can not be used .*give another`),
    );
    expect(status).toBe(1);
  });
});

const BROKEN: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  ['nothing in it', {}, /runbooks\/new-mode\/(?:signature\.ts|runbook\.md) can not be loaded/],
  ['half a signature', { 'signature.ts': 'export default {' }, /signature\.ts can not be loaded \(.*ERROR/],
  ['an import of nothing', { 'signature.ts': "import './no.ts';" }, /signature\.ts can not be loaded/],
  ['a signature that throws', { 'signature.ts': "throw new Error('no')" }, /can not be loaded \(no\)/],
  ['something else for a signature', { 'signature.ts': 'export default 1' }, /exports no signature/],
];

describe('a folder of a failure mode that is half-way through an edit', { timeout: 60_000 }, () => {
  it.each(BROKEN)('with %s is named in one sentence', async (_, files, sentence) => {
    const mode = join(copy, 'runbooks/new-mode');
    mkdirSync(mode);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(mode, name), text);
    if ('signature.ts' in files) writeFileSync(join(mode, 'runbook.md'), '# x\n');
    try {
      for (const line of [`medic diagnose ${CAPTURE}`, 'medic runbook'])
        expect(await amiss(inShell(line, copy), 2, sentence)).toEqual([]);
      expect(await amiss(inShell('medic demo --auto', copy), 1, sentence)).toEqual([]);
    } finally {
      rmSync(mode, { recursive: true });
    }
  });

  it('with no runbook, or a folder for one, is named in one sentence', async () => {
    const text = join(copy, 'runbooks/udp-flood/runbook.md');
    const sentence = /runbooks\/udp-flood\/runbook\.md can not be loaded/;
    rmSync(text);
    expect(await amiss(inShell('medic runbook table-full', copy), 2, sentence)).toEqual([]);
    expect(await amiss(inShell('medic demo --auto', copy), 1, sentence)).toEqual([]);
    mkdirSync(text);
    expect(await amiss(inShell('medic runbook table-full', copy), 2, sentence)).toEqual([]);
    rmSync(text, { recursive: true });
    writeFileSync(text, '# x\n\n{{no-such-slot}}\n');
    expect(await amiss(inShell('medic runbook udp-flood', copy), 2, /unknown slot "no-such-slot"/)).toEqual(
      [],
    );
    expect(readdirSync(join(copy, 'runbooks/udp-flood'))).toContain('runbook.md');
  });
});
