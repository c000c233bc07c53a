// Runs a test command of package.json and leaves vitest's report. Files that failed are run once more by themselves: what passes
// then is as unsteady as the machine was busy, which the report names beside its counts; what fails again has failed.
// Arguments: where the report goes, the command's name, then what vitest is told.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Where more files fail than this, it is no accident. */
const MOST_FILES = 4;

const [out = 'report.json', name = 'test', ...given] = process.argv.slice(2);
const again = out.replace(/(\.json)?$/, '.again.json');

/** Runs a command with what it says on this terminal. */
const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' });
const reporting = (file) => ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
const reportIn = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);
const hasFailed = ({ status, assertionResults }) =>
  status === 'failed' || assertionResults.some((test) => test.status === 'failed');

/** The first report with the files of the second in place of its own. */
function merged(first, second) {
  const later = new Map(second.testResults.map((file) => [file.name, file]));
  const testResults = first.testResults.map((file) => later.get(file.name) ?? file);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const count = (status) => tests.filter((test) => test.status === status).length;
  const failedFiles = testResults.filter(hasFailed);
  const unsteady = first.testResults
    .filter((file) => hasFailed(file) && later.has(file.name) && !hasFailed(later.get(file.name)))
    .map((file) => ({
      ...file,
      assertionResults: file.assertionResults.filter(({ status }) => status === 'failed'),
    }));
  return {
    ...first,
    testResults,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numFailedTestSuites: failedFiles.length,
    success: failedFiles.length === 0,
    unsteady,
  };
}

rmSync(again, { force: true });
const { status } = run('npm', ['run', name, '--', ...given, ...reporting(out)]);
const first = reportIn(out);
const files = (first?.testResults ?? []).filter(hasFailed).map((file) => file.name);
if (status === 0 || files.length === 0 || files.length > MOST_FILES) process.exit(status ?? 1);

console.log(`\n== Once more by themselves: ${files.join(' ')}`);
// What comes before it has been done.
run('npm', ['run', name, '--ignore-scripts', '--', ...given, ...files, ...reporting(again)]);
const second = reportIn(again);
if (second === undefined) process.exit(1);
const both = merged(first, second);
writeFileSync(out, JSON.stringify(both));
process.exit(both.success ? 0 : 1);
