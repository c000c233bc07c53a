import { writeFileSync } from 'node:fs';
import { stormsPage } from './storm/page.ts';
import { runStorm, type StormResult } from './storm/run.ts';

const PAGE = new URL('../docs/storms.md', import.meta.url);

/** State changes of each storm, unless numbers are given: `npm run sim:storm -- 5000 20000`. */
const EVENTS = [5000];
const SEED = 7;

const given = process.argv.slice(2).map(Number);
const sizes = given.length === 0 ? EVENTS : given;
if (sizes.some((events) => !Number.isInteger(events) || events < 200 || events > 20_000)) {
  console.error('The number of state changes is a whole one from 200 to 20,000, for each storm.');
  process.exitCode = 1;
} else {
  const results: StormResult[] = [];
  for (const events of sizes) {
    console.error(`A storm of ${events} state changes:`);
    results.push(await runStorm({ events, seconds: 60, nodes: 500, alarms: 200 }, SEED));
    console.error(JSON.stringify(results.at(-1)));
  }
  const page = stormsPage(results);
  writeFileSync(PAGE, page);
  process.stdout.write(page);
}
