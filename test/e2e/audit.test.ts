import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Audit, isUnchanged } from '../../src/core/audit/audit.ts';
import { medic } from '../unit/support/medic.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const MEDIC = fileURLToPath(new URL('../../cli/medic.mjs', import.meta.url));

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1]);
});
afterAll(() => scenario.close());

test('after a raise and its rollback the audit holds what was read, planned, decided, sent and seen', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await it.press('apply-one');
  await it.reach('resolved');
  await it.press('rollback');
  const head = await it.reach('rolled-back');

  const { environment } = it.service;
  const env = { ...process.env, ...environment };
  const said = await promisify(execFile)(process.execPath, [MEDIC, 'audit', head.id, '--json'], { env });
  const audit = JSON.parse(said.stdout) as Audit;
  expect(isUnchanged(audit)).toBe(true);
  expect(audit.decisions.map(({ kind }) => kind)).toEqual(['apply-one', 'rollback']);
  expect(audit.remediations).toMatchObject([
    {
      kind: 'raise-max',
      outcome: 'raised',
      documentHash: it.service.environment['MEDIC_RAISE_DOCUMENT_HASH'],
    },
    { kind: 'rollback', documentHash: it.service.environment['MEDIC_ROLLBACK_DOCUMENT_HASH'] },
  ]);
  expect(audit.plans.map(({ digest }) => digest)).toContain(audit.decisions[0]?.planDigest);
  expect(audit.collections.length).toBeGreaterThanOrEqual(2);
  for (const { command, evidence } of audit.collections) {
    expect(command?.documentHash).toBe(it.service.environment['MEDIC_COLLECT_DOCUMENT_HASH']);
    expect(await readFile(fileURLToPath(evidence ?? ''), 'utf8')).toContain('=== medic/1');
  }

  const { out } = await medic(['audit', head.id], '', environment);
  expect(out).toContain(`# Audit of ${head.id}`);
  expect(out).toContain(audit.digest);

  const folder = await mkdtemp(join(tmpdir(), 'medic-page-'));
  try {
    const file = join(folder, 'page.html');
    const written = await medic(['page', head.id, '--output', file], '', environment);
    expect(written).toMatchObject({ status: 0, out: `The page of ${head.id} is in ${file}.\n` });
    const page = await readFile(file, 'utf8');
    for (const part of ['<!doctype html>', head.id, audit.digest, 'rolled-back'])
      expect(page).toContain(part);
    // It holds addresses of the network.
    expect((await stat(file)).mode & 0o077).toBe(0);
    const nowhere = await medic(['page', head.id, '--output', join(folder, 'no', 'x.html')], '', environment);
    expect(nowhere.status).toBe(2);
    expect(nowhere.error).toMatch(/^medic: The page could not be written to .*--output\.\n$/);
  } finally {
    await rm(folder, { recursive: true });
  }

  const kept = new URL(
    `${head.id}/audit-${String(audit.revision).padStart(6, '0')}.json`,
    `${it.service.environment['MEDIC_EVIDENCE']}/`,
  );
  let text = '';
  await until(
    async () => {
      text = await readFile(kept, 'utf8').catch(() => '');
      return text.endsWith('\n');
    },
    () => `There is no audit at ${kept.href}.`,
  );
  expect(JSON.parse(text)).toMatchObject({ incident: head.id, state: 'rolled-back' });
});

test('an incident that is not there, or a text that is no id, is refused in one sentence', async () => {
  expect(await medic(['audit', 'inc-nobody-knows'], '', scenario.service.environment)).toMatchObject({
    status: 2,
    error: expect.stringMatching(/^medic: There is no incident inc-nobody-knows in [^\n]*\n$/),
  });
});
