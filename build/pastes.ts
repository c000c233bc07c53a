import { writeFileSync } from 'node:fs';
import { bundleAnswers } from './pastes/bundles.ts';
import { pastesPage } from './pastes/page.ts';

const PAGE = new URL('../docs/what-you-can-paste.md', import.meta.url);

writeFileSync(PAGE, pastesPage(await bundleAnswers()));
