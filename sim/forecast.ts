import { writeFileSync } from 'node:fs';
import { fleetPage, type Shown } from './forecast/page.ts';
import { BUILT_WITH, HELD_OUT, runScenarios, SHORT } from './forecast/run.ts';

const PAGE = new URL('../docs/fleet.md', import.meta.url);

/** Nodes of each scenario, unless a number is given: `npm run sim:forecast -- 40`. */
const NODES = 10;

const nodes = Number(process.argv[2] ?? NODES);
if (!Number.isInteger(nodes) || nodes < 1 || nodes > 10_000) {
  console.error(
    `The number of nodes of each scenario is a whole one from 1 to 10,000, not ${process.argv[2]}.`,
  );
  process.exitCode = 1;
} else {
  const progress = (of: string) => (scenario: string) => console.error(`${of}: ${scenario}`);
  const run = (title: string, first: number): Shown => ({
    title,
    results: runScenarios({ first, nodes }, progress(title)),
  });
  const page = fleetPage({
    nodes,
    heldOut: run('seeds that were held out', HELD_OUT),
    builtWith: run('seeds that the rule was built with', BUILT_WITH),
    short: { title: 'short run', results: runScenarios(SHORT, progress('short run')) },
  });
  writeFileSync(PAGE, page);
  process.stdout.write(page);
}
