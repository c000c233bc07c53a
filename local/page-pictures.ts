import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { IncidentFollower } from './demo/follow.ts';
import type { LocalService } from './demo/service.ts';
import { Terminal } from './demo/terminal.ts';
import { pictureDemo } from './pictured-demo.ts';
import { recordedNodes } from './recorded/recorded-nodes.ts';
import { APPROVER } from './slack/people.ts';

const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const WAIT_MS = 240_000;
const DESKTOP: BrowserContextOptions = { viewport: { width: 1180, height: 1320 } };
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };
/** A4 at 96 points an inch, without the margins of the page. */
const PAPER: BrowserContextOptions = { viewport: { width: 688, height: 1017 }, deviceScaleFactor: 1.5 };

const isKernel = process.argv.includes('--kernel');
const prefix = isKernel ? 'page-kernel' : 'page';
await mkdir(FOLDER, { recursive: true });
const terminal = new Terminal();
await pictureDemo(
  terminal,
  async (given) =>
    isKernel
      ? await (await import('./kernel/kernel-nodes.ts')).kernelNodes(given)
      : await recordedNodes(given),
  takeAll,
);

/** Has an incident healed by its approver and takes pictures of its page. */
async function takeAll(chrome: Browser, local: LocalService): Promise<void> {
  const { slack, store, alarmArn } = local;
  const follower = new IncidentFollower(store, alarmArn);
  const page = await chrome.newPage({ viewport: { width: 1080, height: 900 } });
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(`${slack.url}/?as=${APPROVER.id}`);
  await local.fire('ALARM');
  await page.waitForSelector('button[data-action="medic.apply-one"]');
  for (const action of ['apply-one', 'apply-all']) {
    const state = (await follower.look())?.state;
    if (state === 'resolved') break;
    const button = `button[data-action="medic.${action}"]`;
    await page.click(button);
    await page.click('dialog.confirm[open] button[value="confirm"]');
    await page.waitForSelector(button, { state: 'detached' });
    await follower.rest(WAIT_MS, follower.seen);
  }
  // A client's newest connections are counted once they have ended.
  if (isKernel) await sleep(15_000);
  await page.click('button[data-action="medic.show-page"]');
  const link = page.locator('.ephemeral a', { hasText: 'Open the page' });
  const url = String(await link.first().getAttribute('href'));
  for (const [look, options] of [
    ['light', DESKTOP],
    ['dark', { ...DESKTOP, colorScheme: 'dark' }],
    ['phone', PHONE],
  ] as const)
    await opened(chrome, url, options, (one) => shot(one, look));
  await opened(chrome, url, PAPER, async (one) => {
    await one.emulateMedia({ media: 'print' });
    await shot(one, 'print');
  });
  for (const chapter of ['felt', 'time', 'signals', 'made-of', 'plan'])
    await opened(chrome, url, DESKTOP, async (one) => {
      const section = one.locator(`#${chapter}`);
      // It would stand across a picture of what lies below it.
      await one.evaluate("document.querySelector('nav').remove()");
      if ((await section.count()) > 0) await section.screenshot({ path: file(chapter) });
    });
  await opened(chrome, url, DESKTOP, async (one) => {
    await one.locator('#map td.p a').first().click();
    await one.locator('dialog[open]').screenshot({ path: file('evidence') });
  });
}

async function opened(
  chrome: Browser,
  url: string,
  options: BrowserContextOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await chrome.newPage({ colorScheme: 'light', ...options });
  await page.goto(url);
  await use(page);
  await page.close();
}

async function shot(page: Page, look: string): Promise<void> {
  await page.screenshot({ path: file(look) });
}

function file(name: string): string {
  terminal.say(`docs/pictures/${prefix}-${name}.png`);
  return `${FOLDER}${prefix}-${name}.png`;
}
