import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { IncidentState } from '../src/core/record/incident.ts';
import { IncidentFollower } from './demo/follow.ts';
import type { LocalService } from './demo/service.ts';
import { Terminal } from './demo/terminal.ts';
import type { DemoNodes } from './demo-nodes.ts';
import { type Frame, filmOf } from './film.ts';
import { pictureDemo } from './pictured-demo.ts';
import { recordedNodes } from './recorded/recorded-nodes.ts';
import { APPROVER, STRANGER } from './slack/people.ts';

const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const DESKTOP = { width: 1080, height: 720 };
const PHONE = { width: 390, height: 844 };
const WAIT_MS = 120_000;
/** Percent: letters stay sharp, and the film stays below half a megabyte. */
const FILM_QUALITY = 70;

await mkdir(FOLDER, { recursive: true });
const terminal = new Terminal();
/** Of the film of the whole loop. */
const frames: Frame[] = [];
await pictureDemo(terminal, recordedNodes, takeAll);

async function takeAll(chrome: Browser, local: LocalService, nodes: DemoNodes): Promise<void> {
  const { slack, store, alarmArn } = local;
  const follower = new IncidentFollower(store, alarmArn);
  const page = await chrome.newPage({ viewport: DESKTOP, colorScheme: 'light' });
  await page.goto(`${slack.url}/?as=${APPROVER.id}`);
  await local.fire('ALARM');
  await reached(follower, ['collecting']);
  await page.waitForSelector('article');
  await picture(page, 'collecting');
  await frame(page, 'The alarm fired, and the nodes are read.', 2);

  await reached(follower, ['awaiting-approval']);
  await page.waitForSelector('button[data-action="medic.apply-one"]');
  await picture(page, 'awaiting-approval');
  await frame(page, 'The verdict with its number, what is proposed, and its button.', 5);
  await inOther(chrome, slack.url, { viewport: DESKTOP, colorScheme: 'dark' }, (other) =>
    picture(other, 'awaiting-approval-dark'),
  );
  await inOther(chrome, slack.url, { viewport: PHONE, deviceScaleFactor: 2 }, (other) =>
    other.screenshot({ path: file('awaiting-approval-phone') }),
  );
  await inOther(chrome, slack.url, { viewport: DESKTOP, as: STRANGER.id }, async (other) => {
    await press(other, 'medic.apply-one');
    await other.waitForSelector('.ephemeral');
    await picture(other, 'refused');
  });
  await page.click('button[data-action="medic.show-runbook"]');
  await page.waitForSelector('dialog.modal[open]');
  await page.screenshot({ path: file('runbook') });
  await page.keyboard.press('Escape');
  await page.click('button[data-action="medic.apply-one"]');
  await page.waitForSelector('dialog.confirm[open]');
  await page.screenshot({ path: file('confirm') });
  await frame(page, 'What a click would do, to be confirmed.', 4);
  await page.click('dialog.confirm[open] button[value="confirm"]');

  await reached(follower, ['applying-canary', 'verifying']);
  await page.waitForSelector('button[data-action="medic.apply-one"]', { state: 'detached' });
  await picture(page, 'applying');
  await frame(page, 'One node is raised and read again.', 3);
  await reached(follower, ['applied-one']);
  await page.waitForSelector('button[data-action="medic.apply-all"]');
  await picture(page, 'applied-one');
  await frame(page, 'The first node is verified; the rest waits for a click.', 4);
  await press(page, 'medic.apply-all');
  await reached(follower, ['resolved']);
  await page.waitForSelector('button[data-action="medic.apply-all"]', { state: 'detached' });
  await page.waitForSelector('button[data-action="medic.rollback"]');
  await picture(page, 'resolved');
  await frame(page, 'Every node is raised, verified, and can be rolled back.', 5);
  await writeFile(file('from-alarm-to-healed', 'svg'), filmOf(frames, DESKTOP));
  await nodes.stopLoad?.();
  await press(page, 'medic.rollback');
  await reached(follower, ['rolled-back', 'failed']);
  await page.waitForSelector('button[data-action="medic.rollback"]', { state: 'detached' });
  await picture(page, 'rolled-back');
}

/** Waits until the record is in one of the states; the page follows a moment later. */
async function reached(follower: IncidentFollower, states: readonly IncidentState[]): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const head = await follower.look();
    if (head !== undefined && states.includes(head.state)) break;
    if (Date.now() > deadline)
      throw new Error(`The incident is ${head?.state}, expected ${states.join(' or ')}.`);
    await sleep(100);
  }
  await sleep(300);
}

async function press(page: Page, action: string): Promise<void> {
  await page.click(`button[data-action="${action}"]`);
  await page.click('dialog.confirm[open] button[value="confirm"]');
}

/** A picture as tall as the conversation. */
async function picture(page: Page, name: string): Promise<void> {
  await page.setViewportSize({ ...DESKTOP, height: 2400 });
  const last = await page.locator('#messages > article').last().boundingBox();
  const composer = await page.locator('#composer').boundingBox();
  const bottom = Math.ceil((last?.y ?? 0) + (last?.height ?? 0) + (composer?.height ?? 0)) + 24;
  await page.setViewportSize({ ...DESKTOP, height: Math.max(DESKTOP.height, bottom) });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: file(name) });
  await page.setViewportSize(DESKTOP);
}

async function inOther(
  chrome: Browser,
  url: string,
  { as = APPROVER.id, ...look }: NonNullable<Parameters<Browser['newPage']>[0]> & { as?: string },
  use: (page: Page) => Promise<unknown>,
): Promise<void> {
  const other = await chrome.newPage({ colorScheme: 'light', ...look });
  await other.goto(`${url}/?as=${as}`);
  await other.waitForSelector('article');
  await use(other);
  await other.close();
}

/** What a screen shows, as a picture of the film. */
async function frame(page: Page, title: string, seconds: number): Promise<void> {
  await page.mouse.move(0, 0);
  const jpeg = await page.screenshot({ type: 'jpeg', quality: FILM_QUALITY });
  frames.push({ title, jpeg, seconds });
}

function file(name: string, kind = 'png'): string {
  terminal.say(`docs/pictures/${name}.${kind}`);
  return `${FOLDER}${name}.${kind}`;
}
