import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromiumPath, openBrowser } from '../../../local/browser.ts';

const executable = chromiumPath();

/** Whether browser tests are left out, which is said; where CI is set they are not, and fail without a browser. */
export const hasNoBrowser = executable === undefined && process.env['CI'] !== 'true';
if (hasNoBrowser) console.log('No Chromium on this machine: the browser tests are left out.');

/** Opens the browser of this machine. */
export const openTestBrowser = async (): Promise<Browser> =>
  await openBrowser(executable ?? '/usr/bin/chromium');

const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const satisfies readonly BrowserContextOptions[];

/** Each of light and dark, and each of desktop and phone, once: for what comes in many states. */
export const TWO_LOOKS = [LOOKS[0], LOOKS[3]] as const;

/**
 * What axe-core finds in a page as it stands, and whether it is wider than the screen: in light and dark, on a desktop and on a
 * phone. The page is left as the first of them.
 * @returns one line a finding; none when all is well
 */
export async function findingsIn(
  page: Page,
  where: string,
  looks: readonly (typeof LOOKS)[number][] = LOOKS,
): Promise<string[]> {
  const found: string[] = [];
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axe);
  for (const { colorScheme, viewport } of [...looks.slice(1), LOOKS[0]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    const violations = await page.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`);
    const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    const look = `${where}, ${colorScheme}, ${viewport.width} wide`;
    found.push(...violations.map((violation) => `${look}: ${violation}`));
    if (wider > 0) found.push(`${look}: ${wider} px wider than the screen`);
  }
  return found;
}

/** Collects what a page says in its console and every error that nobody caught; browsers also tell there of answers above 399. */
export function watchConsole(page: Page, heard: string[]): void {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) heard.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => heard.push(error.message));
}
