import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { digestOf, type Finding, PROOFS, type Proof, pageOf, seenIn } from './proofs.ts';

/**
 * Runs the proofs whose page was written for other scripts or tests than those that are here, and writes their pages anew.
 * MEDIC_PROVE=1 runs all. In CI no page is written: nobody would commit it.
 *
 *     npm run prove -- [--standing] [--report FILE] [ID...]
 *
 * `--standing` runs nothing and ends with 0 where all proofs that were asked for stand. `--report` is for one proof.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const Findings = z.array(z.strictObject({ section: z.string(), text: z.string() }));

function textsOf(proof: Proof): Map<string, string> {
  const paths = proof.exercised.flatMap((path) =>
    path.endsWith('/')
      ? readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).map((name) => `${path}${name}`)
      : [path],
  );
  const files = paths.filter((path) => statSync(join(ROOT, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

/** One sentence on whether the proof still stands. */
function standing(proof: Proof, digest: string): { readonly stands: boolean; readonly sentence: string } {
  const page = join(ROOT, proof.page);
  const seen = existsSync(page) ? seenIn(readFileSync(page, 'utf8')) : undefined;
  const say = (stands: boolean, what: string) => ({ stands, sentence: `${proof.name}: ${what}` });
  if (process.env['MEDIC_PROVE'] === '1') return say(false, 'asked for by MEDIC_PROVE=1.');
  if (seen === undefined) return say(false, `${proof.page} names no digest.`);
  return seen.digest === digest
    ? say(true, `unchanged since, proof of ${seen.date} stands (${proof.page}).`)
    : say(false, `scripts or tests have changed since the proof of ${seen.date} (${proof.page}).`);
}

/** Runs a proof. @returns its findings, or undefined where a test failed */
function run(proof: Proof, report: string | undefined): readonly Finding[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'conntrack-medic-proof-'));
  try {
    const notes = join(folder, 'notes');
    writeFileSync(notes, '');
    const reporters =
      report === undefined ? [] : ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { status } = spawnSync('npx', ['vitest', 'run', ...proof.tests, ...reporters], {
      cwd: ROOT,
      env: { ...process.env, ...proof.environment, MEDIC_PROOF_NOTES: notes },
      stdio: 'inherit',
    });
    const lines = readFileSync(notes, 'utf8').split('\n').filter(Boolean);
    return status === 0 ? Findings.parse(lines.map((line) => JSON.parse(line))) : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns whether the proof stands or was brought */
function prove(proof: Proof, options: { readonly standing: boolean; readonly report?: string }): boolean {
  const digest = digestOf(proof, textsOf(proof));
  const { stands, sentence } = standing(proof, digest);
  console.log(sentence);
  if (stands || options.standing) return stands;
  const findings = run(proof, options.report);
  if (findings === undefined) {
    console.error(`${proof.name}: failed, ${proof.page} was left as it is. Look at the tests above.`);
    return false;
  }
  if (findings.length === 0) {
    console.error(
      `${proof.name}: nothing was seen, ${proof.page} was left as it is. Install what the tests say they miss.`,
    );
    return false;
  }
  if (process.env['CI'] === 'true') {
    console.log(`${proof.name}: proven. To keep it, run npm run prove and commit ${proof.page}.`);
    return true;
  }
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(join(ROOT, proof.page), pageOf(proof, { date, digest }, findings));
  console.log(`${proof.name}: proven. Commit ${proof.page}.`);
  return true;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { standing: { type: 'boolean', default: false }, report: { type: 'string' } },
});
const unknown = positionals.filter((id) => !PROOFS.some((proof) => proof.id === id));
if (unknown.length > 0) {
  console.error(
    `No proof is called ${unknown.join(', ')}; there are ${PROOFS.map(({ id }) => id).join(', ')}.`,
  );
  process.exitCode = 2;
} else {
  const asked = PROOFS.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
  const { standing: asksOnly, report } = values;
  const results = asked.map((proof) =>
    prove(proof, { standing: asksOnly, ...(report === undefined ? {} : { report }) }),
  );
  if (results.includes(false)) process.exitCode = 1;
}
