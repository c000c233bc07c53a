import { writeFileSync } from 'node:fs';
import { stormsPage } from './storm/page.ts';
import { runStorm, type Storm, type StormResult } from './storm/run.ts';

const PAGE = new URL('../docs/storms.md', import.meta.url);

/** State changes of each storm, unless numbers are given: `npm run sim:storm -- 5000 20000`. */
const EVENTS = [5000];
const SEED = 7;

/** 5,000 state changes are those of 200 alarms over 500 nodes. */
function stormOfSize(events: number): Storm {
  const alarms = Math.min(200, Math.ceil(events / 25));
  return { events, seconds: 60, alarms, nodes: Math.ceil(alarms * 2.5) };
}

const given = process.argv.slice(2).map(Number);
const sizes = given.length === 0 ? EVENTS : given;
if (sizes.some((events) => !Number.isInteger(events) || events < 200 || events > 20_000)) {
  console.error('The number of state changes is a whole one from 200 to 20,000, for each storm.');
  process.exitCode = 1;
} else {
  const results: StormResult[] = [];
  for (const events of sizes) {
    console.error(`A storm of ${events} state changes:`);
    results.push(await runStorm(stormOfSize(events), SEED));
    console.error(JSON.stringify(results.at(-1)));
  }
  const page = stormsPage(results);
  writeFileSync(PAGE, page);
  process.stdout.write(page);
}
