import { writeFileSync } from 'node:fs';
import { accuracyPage } from './scoreboard/page.ts';
import { scoredCases } from './scoreboard/scored-case.ts';

const PAGE = new URL('../docs/accuracy.md', import.meta.url);

const page = accuracyPage(scoredCases());
writeFileSync(PAGE, page);
process.stdout.write(page);
