import { writeFileSync } from 'node:fs';
import { firstScores, recordFirstScores } from './scoreboard/first-scores.ts';
import { accuracyPage } from './scoreboard/page.ts';
import { scoredCases } from './scoreboard/scored-case.ts';

const PAGE = new URL('../docs/accuracy.md', import.meta.url);

const cases = scoredCases();
if (process.argv.includes('--first')) recordFirstScores(cases);
const page = accuracyPage(cases, firstScores());
writeFileSync(PAGE, page);
process.stdout.write(page);
