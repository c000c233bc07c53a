import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alarmArn } from '../../local/demo/alarm-event.ts';
import { type DemoEndpoints, findDemos } from '../../local/demo/endpoints.ts';
import { IncidentFollower } from '../../local/demo/follow.ts';
import { runDemo } from '../../local/demo/run-demo.ts';
import { DEMO_SCENARIOS, type DemoScenario } from '../../local/demo/scenarios.ts';
import type { DemoNodes } from '../../local/demo-nodes.ts';
import { recordedNodes } from '../../local/recorded/recorded-nodes.ts';
import { sendSigned, signatureOf } from '../../local/slack/interactions.ts';
import { APPROVER, STRANGER } from '../../local/slack/people.ts';
import { dynamoClient } from '../../src/adapters/dynamo/client.ts';
import { DynamoIncidentStore } from '../../src/adapters/dynamo/incident-store.ts';
import { findingsIn, hasNoBrowser, openTestBrowser, TWO_LOOKS, watchConsole } from './support/browser.ts';
import { until } from './support/until.ts';
import { WAIT_SECOND_MS } from './support/wait-second.ts';

const WAIT_MS = 60_000;

/** One demo, as `npm run demo` starts it: its menu leads through every scenario. */
let demo: Promise<number>;
let endpoints: DemoEndpoints;
let nodes: DemoNodes;
const lines: string[] = [];
const interruption = new AbortController();

beforeAll(async () => {
  demo = runDemo(
    {
      kernel: false,
      auto: false,
      port: 0,
      isBuilt: true,
      secondMs: WAIT_SECOND_MS,
      startNodes: async (given) => {
        nodes = await recordedNodes(given);
        return nodes;
      },
      write: (line) => lines.push(line),
    },
    interruption.signal,
  );
  const opened = () => /Open (http:\S+)/.exec(lines.join('\n'))?.[1];
  await until(
    () => opened() !== undefined,
    () => lines.join('\n'),
  );
  const found = (await findDemos()).demos.find(({ slackPage }) => slackPage === opened());
  if (found === undefined) throw new Error('The demo has not written where it is.');
  endpoints = found;
});

afterAll(async () => {
  interruption.abort();
  await demo;
});

test('the function URL refuses a request with a wrong signature', async () => {
  const answer = await sendSigned(endpoints.slackRequest, 'another-secret', { type: 'block_actions' });
  expect(answer.status).toBe(401);
});

test('the function URL refuses a signed request that is too old', async () => {
  const body = 'payload=%7B%7D';
  const timestamp = String(Math.floor(Date.now() / 1000) - 600);
  const response = await fetch(endpoints.slackRequest, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signatureOf(endpoints.signingSecret, timestamp, body),
    },
    body,
  });
  expect(response.status).toBe(401);
});

describe.skipIf(hasNoBrowser)('in a browser', () => {
  let browser: Browser;
  let page: Page;
  let follower: IncidentFollower;
  /** What axe-core found in the states that were passed. */
  const findings: string[] = [];
  const heard: string[] = [];

  beforeAll(async () => {
    const { dynamo: endpoint, region, credentials, table, slackPage } = endpoints;
    const store = new DynamoIncidentStore(dynamoClient({ endpoint, region, credentials }), table, {
      nodeLockSeconds: 3600,
    });
    follower = new IncidentFollower(store, alarmArn('checkout-latency-p99'));
    browser = await openTestBrowser();
    page = await open(APPROVER.id, slackPage);
    watchConsole(page, heard);
  });

  afterAll(() => browser.close());

  async function open(as: string, at = endpoints.slackPage): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    opened.setDefaultTimeout(WAIT_MS);
    await opened.goto(`${at}?as=${as}`);
    return opened;
  }

  const button = (action: string, on = page) => on.locator(`button[data-action="medic.${action}"]`);
  const dialog = (on = page) => on.locator('dialog.confirm[open]');
  const guide = () => page.locator('#guide');
  const leads = (words: string) => guide().locator('.next', { hasText: words }).waitFor();
  const look = async (where: string) => findings.push(...(await findingsIn(page, where, TWO_LOOKS)));
  const hasFocus = async (what: Locator) =>
    (await what.count()) === 1 && (await what.evaluate((one) => one === one.ownerDocument.activeElement));

  async function press(action: string, on = page): Promise<void> {
    await button(action, on).first().click();
    await dialog(on).locator('button[value="confirm"]').click();
  }

  /** Reaches something as somebody without a mouse does. */
  async function tabTo(what: Locator): Promise<void> {
    await what.waitFor();
    for (let presses = 0; presses < 100; presses += 1) {
      if (await hasFocus(what)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${String(what)}.`);
  }

  async function pressByKeyboard(action: string): Promise<void> {
    await tabTo(button(action));
    await page.keyboard.press('Enter');
    await tabTo(dialog().locator('button[value="confirm"]'));
    await page.keyboard.press('Enter');
  }

  /** Begins another scenario; the page comes back with it by itself. */
  async function choose(scenario: DemoScenario, click: (option: Locator) => Promise<void>): Promise<void> {
    const summary = guide().locator('.scenarios summary');
    await summary.scrollIntoViewIfNeeded();
    await click(summary);
    await look(`the menu before ${scenario}`);
    await click(guide().locator(`.scenarios [data-scenario="${scenario}"]`));
    await guide().locator('.watch b', { hasText: DEMO_SCENARIOS[scenario].title }).waitFor();
  }

  const byMouse = (what: Locator) => what.click();
  const byKeyboard = async (what: Locator) => {
    await tabTo(what);
    await page.keyboard.press('Enter');
  };

  test('the alarm makes a card with a plan, and the runbook opens for the person who asked', async () => {
    await page.locator('article').waitFor();
    await look('the first card');
    await button('apply-one').waitFor();
    await leads('Press a button of the card');
    expect(await page.locator('#messages > article').count()).toBe(1);
    await look('a plan');
    await tabTo(button('show-runbook'));
    await page.keyboard.press('Enter');
    await page.locator('dialog.modal[open]').waitFor();
    await look('the runbook');
    expect(await page.locator('.unknown').count()).toBe(0);
    await page.keyboard.press('Escape');
    await expect.poll(() => hasFocus(button('show-runbook'))).toBe(true);
  });

  test('a stranger’s click changes nothing and answers only the stranger', async () => {
    const before = await follower.look();
    const other = await open(STRANGER.id);
    await press('apply-one', other);
    await other.locator('.ephemeral').waitFor();
    findings.push(...(await findingsIn(other, 'a refusal', TWO_LOOKS)));
    expect(await page.locator('.ephemeral').count()).toBe(0);
    expect((await follower.look())?.decisions).toEqual(before?.decisions);
    await other.close();
  });

  test('Cancel in the dialog sends nothing, and the focus is on the button again', async () => {
    const before = await follower.look();
    await tabTo(button('apply-one'));
    await page.keyboard.press('Enter');
    await dialog().waitFor();
    await look('a dialog');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await expect.poll(() => hasFocus(button('apply-one'))).toBe(true);
    expect((await follower.look())?.revision).toBe(before?.revision);
  });

  test('by keyboard, an approver raises one node, then the rest, and the nodes show it', async () => {
    const second = await open(APPROVER.id);
    await button('apply-one', second).click();
    await pressByKeyboard('apply-one');
    // The first card offers both; the second one only the rest.
    await button('apply-one').waitFor({ state: 'detached' });
    await button('apply-all').waitFor();
    expect((await follower.rest(WAIT_MS, follower.seen)).state).toBe('applied-one');
    await leads('One node is changed and verified');
    await look('one node raised');
    // Whoever confirms a dialog of the card before is answered by the product, in its own words.
    await dialog(second).locator('button[value="confirm"]').click();
    await second.locator('.ephemeral').waitFor();
    expect(await second.locator('#toast').isVisible()).toBe(false);
    await second.close();
    await pressByKeyboard('apply-all');
    await button('apply-all').waitFor({ state: 'detached' });
    expect((await follower.rest(WAIT_MS, follower.seen)).state).toBe('resolved');
    await button('rollback').waitFor();
    expect(await nodes.evidenceOfHealing()).toMatchObject({ healed: true });
    await expect.poll(() => guide().locator('.seen').innerText()).toMatch(/^✓ .*\n✓ .*$/);
    await look('resolved');
  });

  test('by keyboard, the load is ended on the page, and then the rollback is taken', async () => {
    await leads('The load goes on until you end it');
    await pressByKeyboard('rollback');
    expect((await follower.rest(WAIT_MS, follower.seen)).state).toBe('resolved');
    await byKeyboard(guide().locator('[data-deed="end-load"]'));
    await leads('The load has ended');
    await pressByKeyboard('rollback');
    await leads('Limits and files are as before');
    expect((await follower.rest(WAIT_MS, 0)).state).toBe('rolled-back');
    expect(await nodes.evidenceOfRollback?.()).toMatchObject({ restored: true });
    await look('rolled back');
  });

  test('from the menu, by keyboard, a canary fails, and nothing else was touched', async () => {
    await choose('canary-fails', byKeyboard);
    await press('apply-all');
    await leads('It has stopped');
    await button('rollback').first().waitFor();
    await expect.poll(() => guide().locator('.seen').innerText()).toContain('not touched');
    expect(await nodes.evidenceOfCanary?.()).toMatchObject({ isContained: true });
    await look('failed');
  });

  test('from the menu, by mouse, a look-alike comes without any button for a change', async () => {
    await choose('look-alike', byMouse);
    await leads('No change comes, on purpose');
    await button('show-runbook').waitFor();
    expect(await page.locator('[data-action^="medic.apply"]').count()).toBe(0);
    expect(await guide().locator('[data-deed="end-load"]').count()).toBe(0);
    await look('no fix');
  });

  test('in a mixed incident one node is changed and the other one is left alone', async () => {
    await choose('mixed', byMouse);
    await button('apply-one').waitFor();
    await look('a mixed plan');
    await press('apply-one');
    await leads('It is done, and verified');
    await expect.poll(() => guide().locator('.seen').innerText()).toMatch(/^✓ .*196608.*\n✓ .*not touched/);
    await look('a mixed incident resolved');
  });

  test('a run begins again from its start, and nobody begins what there is not', async () => {
    const answer = await fetch(`${endpoints.slackPage}guide`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ as: APPROVER.id, deed: 'start', scenario: 'constructor' }),
    });
    expect([answer.status, await answer.text()]).toEqual([409, 'This demo knows no such scenario.']);
    await guide().locator('.deeds > [data-deed="start"]').click();
    await page.locator('.empty').or(button('apply-one')).first().waitFor();
    await button('apply-one').waitFor();
    await leads('Press a button of the card');
    expect(await guide().locator('.watch b').innerText()).toContain(DEMO_SCENARIOS.mixed.title);
  });

  test('no state had an accessibility violation, was wider than the screen, or said anything in the console', () => {
    expect(findings).toEqual([]);
    // While a run begins anew its page asks whether it is there again, and the browser tells that it is not yet.
    expect(heard.filter((line) => !line.includes('net::ERR_CONNECTION_REFUSED'))).toEqual([]);
    expect(lines.filter((line) => line.includes('✗'))).toEqual([]);
  });
});
