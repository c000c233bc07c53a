import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { chromiumPath, openBrowser } from '../local/browser.ts';
import { type GalleryCase, galleryCases } from '../test/unit/support/gallery-cases.ts';
import { galleryPage, placeOf } from './gallery/page.ts';

/** What is made on demand and not kept: the page with every card, and with `--all` a picture of each in each look. */
const FOLDER = fileURLToPath(new URL('../.gallery/', import.meta.url));
/** What the documentation shows of it. */
const PICTURES = fileURLToPath(new URL('../docs/pictures/', import.meta.url));

const LOOKS = {
  light: { viewport: { width: 1080, height: 720 }, colorScheme: 'light' },
  dark: { viewport: { width: 1080, height: 720 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
} as const;

/** States and moments, as the first screen of a phone shows them. */
const TEN_SECONDS: readonly (readonly [name: string, place: string])[] = [
  ['decide', 'table-full-awaiting-approval-3'],
  ['look-alike', 'listen-overflow-no-fix-offered-3'],
  ['canary-done', 'table-full-applied-one-3'],
  ['part-failed', 'table-full-partially-applied-41'],
  ['healed', 'table-full-resolved-3'],
  ['foreseen', 'near-full-awaiting-approval-early-warning-3'],
  ['contradicted', 'table-full-awaiting-approval-trace-disagrees-3'],
  ['joined', 'table-full-awaiting-approval-alarms-joined-41'],
];

const FLEET = 'table-full-awaiting-approval-41';

const cases = galleryCases();
const page = `${FOLDER}index.html`;
await mkdir(FOLDER, { recursive: true });
await writeFile(page, await galleryPage(cases));
console.log(`${cases.length} cards: ${page}`);
const path = chromiumPath();
if (path === undefined) {
  console.error(
    'No pictures: there is no Chromium on this machine; install it, or say where it is in CHROMIUM_PATH.',
  );
} else {
  const browser = await openBrowser(path);
  try {
    await takeTenSeconds(browser);
    await takeFleet(browser);
    if (process.argv.includes('--all')) await takeAll(browser, cases);
  } finally {
    await browser.close();
  }
}

async function takeTenSeconds(browser: Browser): Promise<void> {
  const tab = await browser.newPage(LOOKS.phone);
  await tab.goto(pathToFileURL(page).href);
  // A card by itself, as it stands at the top of a channel.
  await tab.addStyleTag({
    content: 'body { padding: 0 } h1, nav, p:not(.case p), .verdict, .case > h3 { display: none }',
  });
  for (const [name, place] of TEN_SECONDS) {
    const only = `section:not(:has([id="${place}"])), .case:not([id="${place}"]) { display: none }`;
    const hiding = await tab.addStyleTag({ content: only });
    await tab.screenshot({ path: `${PICTURES}ten-seconds-${name}.png` });
    await hiding.evaluate((style) => style.parentNode?.removeChild(style));
    console.log(`docs/pictures/ten-seconds-${name}.png`);
  }
  await tab.close();
}

/** One card of a fleet in both themes. */
async function takeFleet(browser: Browser): Promise<void> {
  for (const look of ['light', 'dark'] as const) {
    const tab = await browser.newPage(LOOKS[look]);
    await tab.goto(pathToFileURL(page).href);
    await tab.addStyleTag({ content: '.cases { grid-template-columns: 760px }' });
    await tab.locator(`[id="${FLEET}"]`).screenshot({ path: `${PICTURES}gallery-${look}.png` });
    console.log(`docs/pictures/gallery-${look}.png`);
    await tab.close();
  }
}

async function takeAll(browser: Browser, all: readonly GalleryCase[]): Promise<void> {
  for (const [look, options] of Object.entries(LOOKS)) {
    const tab = await browser.newPage(options);
    await tab.goto(pathToFileURL(page).href);
    for (const one of all)
      await tab
        .locator(`[id="${placeOf(one)}"]`)
        .screenshot({ path: `${FOLDER}${placeOf(one)}-${look}.png` });
    console.log(`${all.length} pictures, ${look}: ${FOLDER}`);
    await tab.close();
  }
}
