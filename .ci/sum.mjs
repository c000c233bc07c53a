// Adds up vitest's JSON reports and the demo runs. A report that is missing or unreadable counts as one failure.
import { readFileSync } from 'node:fs';

const [passedDemos = '0', failedDemos = '0', ...reports] = process.argv.slice(2);
let passed = Number(passedDemos);
let failed = Number(failedDemos);
for (const report of reports) {
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, success } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    passed += numPassedTests;
    // A file that could not be loaded fails as a suite without a failed test in it.
    failed += Math.max(numFailedTests, success ? 0 : Math.max(1, numFailedTestSuites));
    console.log(`${report}: ${numPassedTests} passed, ${numFailedTests} failed`);
  } catch (error) {
    failed += 1;
    console.log(`${report}: no readable test report (${error.message})`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
