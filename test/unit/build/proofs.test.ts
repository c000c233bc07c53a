import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, isExercised, PROOFS, pageOf, seenIn } from '../../../build/proofs.ts';
import { fragmentsOf, type NodeScripts } from '../../../nodes/scripts.ts';

const ENTRIES = {
  kills: ['test/nodes/killed-changes.test.ts', 'test/nodes/killed-rollbacks.test.ts'],
  reboot: ['test/reboot/kube-proxy.test.ts', 'test/reboot/lasting.test.ts', 'test/reboot/power-cut.test.ts'],
  'trace-guests': [
    'test/trace-guests/kernel-6.1.test.ts',
    'test/trace-guests/kernel-6.12.test.ts',
    'test/trace-guests/kernel-6.18.test.ts',
    'test/trace-guests/kernel-newest.test.ts',
  ],
} as const;

const CHANGES = {
  script: 'raise',
  parts: ['nodes/raise.sh', 'nodes/change/journal.sh', 'nodes/change/result.sh', 'nodes/change/files.sh'],
  others: ['nodes/trace.sh', 'nodes/probe.sh'],
} as const;
/** A script that the tests run, some of its parts, and scripts that none of them runs. */
const SCRIPTS = {
  kills: CHANGES,
  reboot: CHANGES,
  'trace-guests': {
    script: 'trace',
    parts: ['nodes/trace.sh', 'nodes/trace/drops.sh', 'nodes/trace/flows.sh', 'nodes/trace/points.sh'],
    others: ['nodes/raise.sh', 'nodes/probe.sh'],
  },
} as const;

/** The files that a test is made of, itself included. What reads and words a node's answer is not looked into. */
function madeOf(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path) || /^(src|runbooks|build|test\/unit)\//.test(path)) return seen;
  seen.add(path);
  for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(/(?:from|new URL\()\s*'(\.[^'$]+)'/g)) {
    const next = join(dirname(path), target);
    if (existsSync(next) && statSync(next).isFile()) madeOf(next, seen);
  }
  return seen;
}

describe.each(PROOFS.map((proof) => ({ proof, id: proof.id })))('the proof $id', ({ proof, id }) => {
  const { script, parts, others } = SCRIPTS[id];
  const [begun, part, added, renamed] = parts;
  const files = new Map([
    [begun, 'begin\n'],
    [part, 'write\n'],
    ['docs/operations.md', 'text\n'],
    [proof.page, 'page\n'],
  ]);
  const digest = digestOf(proof, files);

  it('has another digest once a script is changed, added, renamed or gone', () => {
    const changed = [
      new Map(files).set(part, 'write \n'),
      new Map(files).set(added, ''),
      new Map([...files].map(([path, text]) => [path === part ? renamed : path, text] as const)),
      new Map([...files].filter(([path]) => path !== begun)),
    ];
    const digests = changed.map((other) => digestOf(proof, other));
    expect(new Set([digest, ...digests]).size).toBe(5);
  });

  it('keeps its digest whatever its own page, other documentation and the order of files say', () => {
    const other = new Map([...files].toReversed()).set(proof.page, '').set('docs/operations.md', '');
    expect(digestOf(proof, other)).toBe(digest);
  });

  it('hangs on every file of its tests', () => {
    const missed = ENTRIES[id].flatMap((path) => [...madeOf(path)]);
    expect(missed.filter((path) => !isExercised(proof, path))).toEqual([]);
    expect(missed.length).toBeGreaterThan(5);
  });

  it('hangs on every part of the scripts that its tests run', () => {
    const run = ENTRIES[id]
      .flatMap((path) => [...madeOf(path)].filter((file) => !file.startsWith('nodes/')))
      .flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/'medic-([a-z-]+)'/g)])
      .map(([, name = '']) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
      .filter((name): name is keyof NodeScripts => !others.some((path) => path === `nodes/${name}.sh`));
    expect(run).toContain(script);
    const exercised = run.flatMap((name) => fragmentsOf(name)).map((path) => `nodes/${path}`);
    expect(exercised.filter((path) => !isExercised(proof, path))).toEqual([]);
  });

  it('does not hang on scripts that none of its tests runs', () => {
    expect(others.filter((path) => isExercised(proof, path))).toEqual([]);
  });

  it('names no file that is not there', () => {
    expect(proof.exercised.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('has a page here that says when it was seen, and of which scripts and tests', () => {
    expect(seenIn(readFileSync(proof.page, 'utf8'))).toMatchObject({
      date: expect.stringMatching(/^20/),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('writes a page that says when it was seen, and with which digest', () => {
    const [section = ''] = proof.sections;
    const page = pageOf(proof, { date: '2026-01-31', digest }, [{ section, text: 'It holds.' }]);
    expect(seenIn(page)).toEqual({ date: '2026-01-31', digest });
    expect(page).toContain(`## ${section}\n\n- It holds.\n`);
  });
});

it('a page has a table where a section has headings, with the rows of one thing together', () => {
  const [proof] = PROOFS;
  if (proof === undefined) throw new Error('There is no proof.');
  const tables = { Faults: ['kernel', 'seen'] };
  const findings = ['6.12 | rule', '6.1 | rule', '6.12 | loss'].map((text) => ({ section: 'Faults', text }));
  const page = pageOf({ ...proof, sections: ['Faults'], tables }, { date: '', digest: '' }, findings);
  expect(page).toContain(
    '## Faults\n\n| kernel | seen |\n| --- | --- |\n| 6.1 | rule |\n| 6.12 | rule |\n| 6.12 | loss |\n',
  );
});

it('a page without a digest proves nothing', () => {
  expect(seenIn('# What was seen\n\nSeen on 2026-01-31.\n')).toBeUndefined();
});
