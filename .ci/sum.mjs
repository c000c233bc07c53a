// Says how long each part took, which proofs were not run and what failed with why, then adds up vitest's JSON reports and
// the demo runs. A report that is missing or unreadable counts as one failure.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const [out = '', seconds = '0', passedDemos = '0', failedDemos = '0', ...reports] = process.argv.slice(2);

/** Lines of a file that a run may leave. */
function linesOf(name) {
  const path = join(out, name);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

/** First lines of a text, without what colours a terminal and without the test runner's own calls. */
function beginningOf(text) {
  const own = stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => !line.includes('/node_modules/'));
  return own.slice(0, 12).join('\n      ');
}

/** What failed in a report: each test, and each file that could not be loaded, with why. */
function failuresOf({ testResults }) {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const tests = assertionResults
      .filter(({ status }) => status === 'failed')
      .map(
        ({ fullName, failureMessages }) =>
          `${file}: ${fullName}\n      ${beginningOf(failureMessages.join('\n'))}`,
      );
    return tests.length > 0 || !message ? tests : [`${file}\n      ${beginningOf(message)}`];
  });
}

console.log('\nTests and demos:');
for (const line of linesOf('standing.txt')) console.log(`not run: ${line}`);
let passed = Number(passedDemos);
let failed = Number(failedDemos);
console.log(`demos: ${passed} passed, ${failed} failed`);
for (const line of linesOf('demos.txt')) console.log(`  ${line}`);
for (const report of reports) {
  const name = basename(report, '.json');
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const { numPassedTests, numFailedTests, numFailedTestSuites, success } = result;
    passed += numPassedTests;
    // A file that could not be loaded fails as a suite without a failed test in it.
    failed += Math.max(numFailedTests, success ? 0 : Math.max(1, numFailedTestSuites));
    console.log(`${name}: ${numPassedTests} passed, ${numFailedTests} failed`);
    for (const failure of failuresOf(result)) console.log(`  failed: ${failure}`);
    for (const failure of failuresOf({ testResults: result.unsteady ?? [] }))
      console.log(`  unsteady, failed and then passed by itself: ${failure}`);
  } catch (error) {
    failed += 1;
    console.log(`${name}: no readable test report (${error.message})`);
  }
}
console.log('\nWall time in seconds, and how busy the processors were:');
for (const line of linesOf('parts.tsv')) {
  const [taken, busy, name] = line.split('\t');
  console.log(`${taken.padStart(6)}  ${busy.padStart(3)} %  ${name}`);
}
const ran = existsSync(join(out, 'proven'));
const goal = ran ? '2400 are meant with a proof' : '900 are meant where every proof stands';
console.log(`${seconds.padStart(6)}         in all; ${goal}`);

console.log('');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
