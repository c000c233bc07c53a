import { readFile, rm, utimes } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, openBrowser } from '../../local/browser.ts';
import { IncidentFollower } from '../../local/demo/follow.ts';
import { type LocalService, startService } from '../../local/demo/service.ts';
import { openWorkDir } from '../../local/demo/work-dir.ts';
import type { DemoNodes } from '../../local/demo-nodes.ts';
import { recordedNodes } from '../../local/recorded/recorded-nodes.ts';
import { sendSigned, signatureOf } from '../../local/slack/interactions.ts';
import { APPROVER, STRANGER } from '../../local/slack/people.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

const WAIT_MS = 60_000;

let workDir: string;
let nodes: DemoNodes;
let service: LocalService;
let follower: IncidentFollower;
const failures: string[] = [];

beforeAll(async () => {
  workDir = await openWorkDir();
  nodes = await recordedNodes({ workDir, say: () => {} });
  service = await startService({
    nodes,
    workDir,
    port: 0,
    waitSecondMs: WAIT_SECOND_MS,
    onFailure: (why) => failures.push(why),
  });
  follower = new IncidentFollower(service.store, service.alarmArn);
});

afterAll(async () => {
  await service.close();
  await nodes.close();
  await rm(workDir, { recursive: true, force: true });
});

test('the function URL refuses a request with a wrong signature', async () => {
  const answer = await sendSigned(service.slackUrl, 'another-secret', { type: 'block_actions' });
  expect(answer.status).toBe(401);
});

test('the function URL refuses a signed request that is too old', async () => {
  const body = 'payload=%7B%7D';
  const timestamp = String(Math.floor(Date.now() / 1000) - 600);
  const response = await fetch(service.slackUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signatureOf(service.signingSecret, timestamp, body),
    },
    body,
  });
  expect(response.status).toBe(401);
});

const executable = chromiumPath();
if (executable === undefined && process.env['CI'] !== 'true') {
  console.log('No Chromium on this machine: the browser tests are left out.');
}

describe.skipIf(executable === undefined && process.env['CI'] !== 'true')('in a browser', () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await openBrowser(executable ?? '/usr/bin/chromium');
    page = await browser.newPage({ viewport: { width: 1080, height: 800 } });
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(`${service.slack.url}/?as=${APPROVER.id}`);
  });

  afterAll(() => browser.close());

  const button = (on: Page, action: string) => on.locator(`button[data-action="medic.${action}"]`);

  async function press(on: Page, action: string): Promise<void> {
    await button(on, action).click();
    await on.locator('dialog.confirm[open] button[value="confirm"]').click();
  }

  test('the alarm makes a card with a plan, and the runbook opens for the person who asked', async () => {
    await service.fire('ALARM');
    await button(page, 'apply-one').waitFor();
    expect(await page.locator('#messages > article').count()).toBe(1);
    await button(page, 'show-runbook').click();
    await page.locator('dialog.modal[open]').waitFor();
    expect(await page.locator('dialog.modal .unknown').count()).toBe(0);
    await page.keyboard.press('Escape');
    expect(await page.locator('.unknown').count()).toBe(0);
  });

  test.each(['light', 'dark'] as const)(
    'the page has no accessibility violation in %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      await page.evaluate(axe);
      const violations = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`);
      expect(violations).toEqual([]);
    },
  );

  test('a stranger’s click changes nothing and answers only the stranger', async () => {
    const before = await follower.look();
    const other = await browser.newPage();
    other.setDefaultTimeout(WAIT_MS);
    await other.goto(`${service.slack.url}/?as=${STRANGER.id}`);
    await press(other, 'apply-one');
    await other.locator('.ephemeral').waitFor();
    expect(await page.locator('.ephemeral').count()).toBe(0);
    expect((await follower.look())?.decisions).toEqual(before?.decisions);
    await other.close();
  });

  test('Cancel in the dialog sends nothing', async () => {
    const before = await follower.look();
    await button(page, 'apply-one').click();
    await page.locator('dialog.confirm[open] button[value="deny"]').click();
    await page.locator('dialog.confirm[open]').waitFor({ state: 'detached' });
    expect((await follower.look())?.revision).toBe(before?.revision);
  });

  test('Page gives the approver alone a link to the incident’s own page, and everybody else the reason why not', async () => {
    await button(page, 'show-page').click();
    const link = page.locator('.ephemeral a', { hasText: 'Open the page' });
    await link.waitFor();
    const other = await browser.newPage();
    other.setDefaultTimeout(WAIT_MS);
    const requests: string[] = [];
    other.on('request', (request) => requests.push(request.url()));
    const href = String(await link.getAttribute('href'));
    await other.goto(href);
    const { id, alarm } = (await follower.look()) ?? { id: '', alarm: { name: '' } };
    expect(await other.title()).toContain(alarm.name);
    expect(await other.locator('main').innerText()).toContain(id);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([href]);
    const guessed = await other.goto(href.replace(/.$/, (last) => (last === '0' ? '1' : '0')));
    expect(guessed?.status()).toBe(403);
    await other.goto(`${service.slack.url}/?as=${STRANGER.id}`);
    await button(other, 'show-page').click();
    await other.locator('.ephemeral', { hasText: 'approvers only' }).waitFor();
    expect(await other.locator('.ephemeral a', { hasText: 'Open the page' }).count()).toBe(0);
    await other.close();
    // The link works for ten minutes.
    const file = join(workDir, 'evidence', 'pages', `${href.slice(-64)}.html`);
    const past = Date.now() / 1000 - 601;
    await utimes(file, past, past);
    expect((await fetch(href)).status).toBe(403);
  });

  test('an approver’s clicks raise one node, then the rest, and the nodes show it', async () => {
    await press(page, 'apply-one');
    // The first card offers both; the second one only the rest.
    await button(page, 'apply-one').waitFor({ state: 'detached' });
    await button(page, 'apply-all').waitFor();
    expect((await follower.rest(WAIT_MS, follower.seen)).state).toBe('applied-one');
    await press(page, 'apply-all');
    await button(page, 'apply-all').waitFor({ state: 'detached' });
    const head = await follower.rest(WAIT_MS, follower.seen);
    expect(head.state).toBe('resolved');
    await button(page, 'rollback').waitFor();
    expect(await nodes.evidenceOfHealing()).toMatchObject({ healed: true });
    expect(failures).toEqual([]);
  });
});
