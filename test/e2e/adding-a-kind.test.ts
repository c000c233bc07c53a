import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeOutput, protocolLines } from '../unit/support/node-output.ts';

const REPOSITORY = new URL('../../', import.meta.url).pathname;
const NEEDED = ['src', 'runbooks', 'nodes', 'lambdas', 'test/unit/support', 'package.json', 'tsconfig.json'];
const MODE = 'syn-cookies-sent';
const KIND = 'raise-syn-backlog';
const PAGE = readFileSync(join(REPOSITORY, 'docs/adding-a-kind.md'), 'utf8');

/** The piece of the page that goes into a file, or into one of its tables. */
function pieceFor(path: string, table?: string): string {
  const where = table === undefined ? `\`${path}\`:` : `\`${path}\`, in \`${table}\`:`;
  const [, piece] = PAGE.split(`${where}\n\n\`\`\`ts\n`);
  if (piece === undefined) throw new Error(`docs/adding-a-kind.md has nothing for ${where}`);
  return piece.slice(0, piece.indexOf('```'));
}

let copy = '';

function enter(path: string, table: string): void {
  const file = join(copy, path);
  const text = readFileSync(file, 'utf8');
  const opening = new RegExp(`const ${table}\\b[^]*?[[{]\\n`);
  expect(text).toMatch(opening);
  writeFileSync(
    file,
    text.replace(opening, (found) => found + pieceFor(path, table)),
  );
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'medic-kind-'));
  for (const path of NEEDED) cpSync(join(REPOSITORY, path), join(copy, path), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
  const mode = join(copy, 'runbooks', MODE);
  cpSync(join(copy, 'runbooks/_template'), mode, { recursive: true });
  const [, signature = ''] =
    /^```ts\n([^]*?)^```/m.exec(readFileSync(join(REPOSITORY, 'docs/adding-a-runbook.md'), 'utf8')) ?? [];
  writeFileSync(
    join(mode, 'signature.ts'),
    `import remediation from './remediation.ts';\n${signature.replace('  order: {', '  remediation,\n  order: {')}`,
  );
  const runbook = readFileSync(join(mode, 'runbook.md'), 'utf8');
  writeFileSync(join(mode, 'runbook.md'), `${runbook}\n\`\`\`sh\n{{plan.commands}}\n\`\`\`\n`);
  writeFileSync(join(mode, 'remediation.ts'), pieceFor(`runbooks/${MODE}/remediation.ts`));
  const cookies = (sent: number) =>
    protocolLines('TcpExt', { ListenOverflows: 0, ListenDrops: 0, SyncookiesSent: sent });
  writeFileSync(
    join(copy, 'capture.txt'),
    nodeOutput({ sections: { 'netstat 0': cookies(7), 'netstat 1': cookies(47) } }),
  );
  writeFileSync(
    join(copy, 'tsconfig.kind.json'),
    JSON.stringify({
      extends: './tsconfig.json',
      include: [],
      files: ['lambdas/remediate.ts', 'test/unit/support/kind-report.ts'],
    }),
  );
  enter('src/core/record/plan.ts', 'NodePlan');
  enter('src/core/record/plan.ts', 'SettingKey');
});
afterAll(() => rmSync(copy, { recursive: true }));

function run(...args: readonly string[]) {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' };
  return spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', env });
}

const check = () => run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.kind.json', '--pretty', 'false');

describe('a kind of change that was added where the page says', () => {
  it('is missed by the type checker in the table of kinds and nowhere else', () => {
    const places = [...check().stdout.matchAll(/^(\S+?)\(\d+,\d+\): error/gm)].map(([, path]) => path);
    expect(places).toEqual(['src/core/plan/kinds.ts']);
  });

  it('is planned, shown, explained and sent once it is in the table', () => {
    enter('src/core/plan/kinds.ts', 'KINDS');
    expect(check()).toMatchObject({ status: 0, stdout: '' });
    const { stdout, stderr } = run(
      '--import',
      'tsx',
      'test/unit/support/kind-report.ts',
      'capture.txt',
      'a1b2c3d4e5f6a7b8',
    );
    expect(stderr).toBe('');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      verdict: MODE,
      plan: { kind: KIND },
      lines: ['tcp_max_syn_backlog 128 → 4,096'],
      dialog: {
        title: 'Raise SYN backlog on 1 node?',
        text: expect.stringContaining('Roll back restores the old backlog and files.'),
      },
      after: 'Raised on 1 of 1 node',
      rollback: expect.stringContaining('restores the previous SYN backlog and files.'),
      command: {
        document: 'settings',
        parameters: { changes: 'net.ipv4.tcp_max_syn_backlog=128:4096' },
      },
    });
    expect(report.runbook).toContain('sysctl -w net.ipv4.tcp_max_syn_backlog=4096');
  });
});

describe('docs/architecture.md', () => {
  it('names every place that the page on kinds names', () => {
    const [row = ''] = readFileSync(join(REPOSITORY, 'docs/architecture.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| add a kind of change'));
    const named = new Set(
      Array.from(
        PAGE.matchAll(/`((?:src|nodes|cdk|lambdas|cli|local|build)\/[\w./-]+\.\w+)`/g),
        ([, path]) => path ?? '',
      ),
    );
    expect([...named].filter((path) => !row.includes(`\`${path}\``))).toEqual([]);
  });
});
