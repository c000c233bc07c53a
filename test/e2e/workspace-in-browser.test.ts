import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LocalServer, listenLocally, readBody } from '../../local/http-server.ts';
import { APPROVER } from '../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../local/slack/server.ts';
import { pngOf } from '../../src/adapters/png.ts';
import { synPicture } from '../../src/page/picture.ts';
import { LOST_HERE } from '../unit/support/syn-traces.ts';
import { findingsIn, hasNoBrowser, openTestBrowser, watchConsole } from './support/browser.ts';

const words = (text: string) => ({ type: 'plain_text', text }) as const;
const button = (name: string, more: object = {}) => ({
  type: 'button',
  action_id: name,
  text: words(name),
  ...more,
});
const CONFIRM = {
  title: words('Sure?'),
  text: words('It does nothing.'),
  confirm: words('Yes'),
  deny: words('No'),
};
const OPTIONS = ['first', 'second', 'third'].map((name) => ({ text: words(name), value: name }));

/** A card with one of each that the product uses. */
const card = (...elements: readonly object[]) => [
  { type: 'header', text: words('A card') },
  { type: 'section', text: { type: 'mrkdwn', text: `A long text.${'\nOne more line.'.repeat(12)}` } },
  { type: 'actions', elements },
];
const ALL = [
  button('look'),
  button('sure', { confirm: CONFIRM }),
  { type: 'overflow', action_id: 'more', options: OPTIONS },
  { type: 'static_select', action_id: 'choose', placeholder: words('Choose'), options: OPTIONS },
];

describe.skipIf(hasNoBrowser)('the local workspace in a browser', () => {
  let app: LocalServer;
  let slack: LocalSlack;
  let browser: Browser;
  let page: Page;
  let ts: string;
  const clicked: string[] = [];
  const heard: string[] = [];

  beforeAll(async () => {
    // An app that opens a modal for "look", and for everything else says who clicked what.
    app = await listenLocally(async (request, response) => {
      const payload = JSON.parse(new URLSearchParams(String(await readBody(request))).get('payload') ?? '');
      response.end();
      const [{ action_id: action, selected_option: option }] = payload.actions;
      clicked.push(option === undefined ? action : `${action} ${option.value}`);
      if (action === 'look')
        slack.workspace.openView(payload.trigger_id, {
          type: 'modal',
          title: words('Look'),
          blocks: [{ type: 'section', text: words('Here.') }],
        });
      else post(said(`${action}: decided already.`), { onlyFor: payload.user.id });
    });
    slack = await startSlack({
      botToken: 'xoxb-local',
      signingSecret: 'local',
      interactivityUrl: () => app.url,
      labels: { nodes: 'none' },
      secondMs: 1,
    });
    browser = await openTestBrowser();
    page = await browser.newPage();
    watchConsole(page, heard);
    await page.goto(`${slack.url}/?as=${APPROVER.id}`);
  });

  afterAll(async () => {
    await browser.close();
    await slack.close();
    await app.close();
  });

  beforeEach(async () => {
    ts = post({ text: '', blocks: card(...ALL), attachments: [] }).ts;
    clicked.splice(0);
    await on('look').waitFor();
  });

  const said = (text: string) => ({ text, blocks: [], attachments: [] });
  const post = (...given: Parameters<LocalSlack['workspace']['post']>) => slack.workspace.post(...given);
  const edit = (...elements: readonly object[]) => {
    const message = slack.workspace.message(ts);
    if (message !== undefined) slack.workspace.edit(message, { ...message, blocks: card(...elements) });
  };
  const message = (of: Page = page) => of.locator(`[id="m${ts}"]`);
  const on = (action: string, of: Page = page) => message(of).locator(`button[data-action="${action}"]`);
  const menu = (name: string) => message().locator('details.overflow > summary', { hasText: name });
  const isFocused = async (what: ReturnType<typeof on>) => {
    await expect.poll(() => what.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
  };

  test('a modal opens in the tab that asked for it, and Escape gives the focus back to its button', async () => {
    const other = await browser.newPage();
    await other.goto(`${slack.url}/?as=${APPROVER.id}`);
    await on('look').focus();
    await page.keyboard.press('Enter');
    const modal = page.locator('dialog.modal[open]');
    await modal.waitFor();
    // What the other tab would have been told of the modal comes before this.
    edit(button('look'), button('later'));
    await on('later', other).waitFor();
    expect(await other.locator('dialog.modal').count()).toBe(0);
    await other.close();
    await page.keyboard.press('Escape');
    await modal.waitFor({ state: 'detached' });
    await isFocused(on('look'));
  });

  test('arrow keys walk through a menu, and Escape closes it', async () => {
    for (const name of ['⋯', 'Choose']) {
      await menu(name).focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await isFocused(message().locator('details[open] li:nth-child(2) button'));
      await page.keyboard.press('Escape');
      expect(await message().locator('details.overflow[open]').count()).toBe(0);
      await isFocused(menu(name));
    }
    expect(clicked).toEqual([]);
  });

  test('one menu is open at a time, and an option that is pressed reaches the app', async () => {
    await menu('⋯').click();
    await menu('Choose').click();
    expect(await message().locator('details.overflow[open]').count()).toBe(1);
    await on('choose').nth(2).click();
    await expect.poll(() => clicked).toEqual(['choose third']);
    await isFocused(menu('Choose'));
    await menu('⋯').click();
    await page.locator('h1').click();
    expect(await message().locator('details.overflow[open]').count()).toBe(0);
  });

  test('an edit leaves open what is open, and the focus where it is', async () => {
    post(said('a reply'), { threadTs: ts });
    await message().locator('details.thread summary').click();
    await message().locator('button[data-unfold]').click();
    await menu('Choose').click();
    await page.keyboard.press('ArrowDown');
    edit(...ALL, button('later'));
    await on('later').waitFor();
    expect(await message().locator('details.thread[open]').count()).toBe(1);
    expect(await message().locator('button[data-unfold]').innerText()).toBe('Show less');
    await isFocused(on('choose').first());
    await page.keyboard.press('Escape');
    edit(button('later'));
    await on('look').waitFor({ state: 'detached' });
    await isFocused(message());
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await isFocused(on('later'));
  });

  test.each(['No', 'Escape', 'Yes'])(
    'after %s in a dialog the focus is on its button again',
    async (answer) => {
      await on('sure').press('Enter');
      const dialog = page.locator('dialog.confirm[open]');
      await dialog.waitFor();
      // The message changes meanwhile, and its button is another element by then.
      edit(...ALL, button('later'));
      await on('later').waitFor();
      if (answer === 'Escape') await page.keyboard.press('Escape');
      else await dialog.getByRole('button', { name: answer }).press('Enter');
      await dialog.waitFor({ state: 'detached' });
      await isFocused(on('sure'));
      await expect.poll(() => clicked).toEqual(answer === 'Yes' ? ['sure'] : []);
    },
  );

  test('a click on what a message showed before reaches the app, and its own sentence is the answer', async () => {
    await on('sure').click();
    const dialog = page.locator('dialog.confirm[open]');
    await dialog.waitFor();
    edit(button('later'));
    await on('later').waitFor();
    await dialog.getByRole('button', { name: 'Yes' }).click();
    await page.locator('.ephemeral', { hasText: 'sure: decided already.' }).last().waitFor();
    expect(await page.locator('#toast').isVisible()).toBe(false);
    await isFocused(message());
  });

  test('a picture that the app shares stands in the thread, with what it shows in words', async () => {
    const picture = synPicture('i-a', LOST_HERE) ?? expect.unreachable();
    const files = [
      { id: 'F1', name: 'a.png', bytes: Buffer.from(await pngOf(picture.svg)), ...picture, title: 'A way' },
    ];
    post(said(''), { threadTs: ts, files });
    await message().locator('details.thread summary').click();
    const image = message().getByRole('img', { name: picture.alternative });
    await image.waitFor();
    expect(await image.evaluate((one): unknown => Reflect.get(one, 'naturalWidth'))).toBe(2 * 892);
    expect(await findingsIn(page, 'a picture in a thread')).toEqual([]);
  });

  test('a file that is shared opens in the page, and what is too large is told of', async () => {
    const chooser = page.locator('#composer input[type="file"]');
    const send = page.locator('#composer button');
    await chooser.setInputFiles({ name: 'big.txt', mimeType: 'text/plain', buffer: Buffer.alloc(2 ** 21) });
    await send.click();
    await page.locator('#toast', { hasText: 'big.txt is larger than 1 MiB' }).waitFor();
    const text = 'cpu=0 found=1 <b>drop=2</b>';
    await chooser.setInputFiles({ name: 's.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
    await send.click();
    const file = page.locator('details.file').last();
    await file.locator('summary').click();
    expect(await file.locator('pre').innerText()).toBe(text);
    expect(slack.workspace.channelAs(APPROVER.id).at(-1)?.files?.[0]?.bytes.toString()).toBe(text);
  });

  test('has no accessibility violation with everything open', async () => {
    post(
      { ...said(''), blocks: [{ type: 'markdown', text: '# A runbook\n\n## What to do\n\nThis.' }] },
      { threadTs: ts },
    );
    post(said('for you'), { onlyFor: APPROVER.id });
    await page.locator('.ephemeral').last().waitFor();
    await message().locator('details.thread summary').click();
    await message().locator('button[data-unfold]').click();
    await menu('Choose').click();
    expect(await findingsIn(page, 'a menu')).toEqual([]);
    await on('look').click();
    await page.locator('dialog.modal[open]').waitFor();
    expect(await findingsIn(page, 'a modal')).toEqual([]);
    await page.keyboard.press('Escape');
    await on('sure').click();
    await page.locator('dialog.confirm[open]').waitFor();
    expect(await findingsIn(page, 'a dialog')).toEqual([]);
    await page.keyboard.press('Escape');
  });

  test('nothing was said in the console, nor when the workspace closes for a new run', async () => {
    await slack.close();
    await page.locator('#toast', { hasText: 'begins anew' }).waitFor();
    // What does not answer after that is an error in any browser.
    heard.splice(0, heard.length, ...heard.filter((line) => !line.includes('ERR_CONNECTION_REFUSED')));
    expect(heard).toEqual([]);
  });
});
