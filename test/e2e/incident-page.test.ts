import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, openBrowser } from '../../local/browser.ts';
import type { Incident } from '../../src/core/record/incident.ts';
import { renderFleetPage } from '../../src/page/fleet.ts';
import { buildFleet } from '../unit/support/fleets.ts';
import { buildIncident } from '../unit/support/incidents.ts';
import {
  CLIENT,
  HOSTILE,
  madeHostile,
  manyNodes,
  pageOfIncident,
  raisedNodes,
  tracedNodes,
} from '../unit/support/pages.ts';

const executable = chromiumPath();
if (executable === undefined && process.env['CI'] !== 'true')
  console.log('No Chromium on this machine: the browser tests of the incident page are left out.');

const DESKTOP: BrowserContextOptions = { viewport: { width: 1200, height: 900 } };
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true };

describe.skipIf(executable === undefined && process.env['CI'] !== 'true')(
  'the incident page in a browser',
  () => {
    let browser: Browser;
    let folder: string;
    /** What no page may do. */
    let deeds: string[];

    beforeAll(async () => {
      browser = await openBrowser(executable ?? '/usr/bin/chromium');
      folder = await mkdtemp(join(tmpdir(), 'medic-page-'));
    });

    afterAll(async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    });

    async function opened(html: string, options: BrowserContextOptions = DESKTOP): Promise<Page> {
      deeds = [];
      const page = await browser.newPage(options);
      const own = pathToFileURL(join(folder, 'page.html')).href;
      await writeFile(join(folder, 'page.html'), html);
      page.on('console', (message) => deeds.push(`console ${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => deeds.push(`error: ${error.message}`));
      page.on('dialog', (dialog) => {
        deeds.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        if (request.url() !== own && !request.url().startsWith('data:'))
          deeds.push(`request: ${request.url()}`);
      });
      await page.goto(own);
      return page;
    }

    const INCIDENTS: readonly Incident[] = [
      tracedNodes(),
      manyNodes(4),
      buildIncident('partially-applied', { nodes: 3 }),
    ];
    /** Every kind of element of a page, with the names of its attributes and where its addresses lead. */
    const SHAPES = `(html) => {
      const page = new DOMParser().parseFromString(html, 'text/html');
      const shapes = [...page.querySelectorAll('*')].map((one) => one.localName + ' ' + [...one.attributes]
        .map(({ name, value }) => /^(href|src|xlink:href|action)$/.test(name) ? name + '=' + value.replace(/[^#:].*/, '') : name)
        .toSorted().join(' '));
      return [...new Set(shapes)].concat('scripts: ' + page.querySelectorAll('script').length);
    }`;

    test('reads nothing but words in any field, whatever they are', async () => {
      const page = await browser.newPage(DESKTOP);
      for (const incident of INCIDENTS) {
        const shapes = async (html: string) =>
          await page.evaluate<string[]>(`(${SHAPES})(${JSON.stringify(html)})`);
        const clean = new Set(await shapes(pageOfIncident(incident, CLIENT)));
        for (const words of HOSTILE) {
          const html = pageOfIncident(madeHostile(incident, words), madeHostile(CLIENT, words));
          const foreign = (await shapes(html)).filter((one) => !clean.has(one));
          expect({ words, foreign }).toEqual({ words, foreign: [] });
        }
      }
      await page.close();
    });

    test.each([0, 7, 14])(
      "shows a stranger's words in every field, and does nothing, from the %i. on",
      async (first) => {
        for (const incident of INCIDENTS) {
          // The same string has the same words wherever it stands: an identifier goes on naming one node.
          const words = (own: string) => HOSTILE[(first + own.length) % HOSTILE.length] ?? '';
          const page = await opened(pageOfIncident(madeHostile(incident, words), madeHostile(CLIENT, words)));
          await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
          await page.locator('#map td a').first().click();
          await page.locator('dialog[open]').waitFor();
          // A foreign element would be one that no clean page has.
          const foreign = await page.evaluate(
            "[...document.querySelectorAll('img,iframe,object,embed,form,input,template,base,foreignObject,svg script,svg style,[style]')].map((one) => one.outerHTML)",
          );
          expect(foreign).toEqual([]);
          expect(await page.evaluate('document.querySelectorAll("script").length')).toBe(1);
          expect(deeds).toEqual([]);
          await page.close();
        }
      },
    );

    const LOOKS = [
      ['light', 'desktop', DESKTOP],
      ['dark', 'desktop', DESKTOP],
      ['light', 'phone', PHONE],
      ['dark', 'phone', PHONE],
    ] as const;

    test.each(LOOKS)(
      'has no accessibility violation and is no wider than the screen, %s on a %s',
      async (colorScheme, _device, device) => {
        const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
        for (const incident of [tracedNodes(), manyNodes(12), buildIncident('collecting')]) {
          const page = await opened(pageOfIncident(incident, CLIENT), { ...device, colorScheme });
          const violationsIn = async (where: string) =>
            await page.evaluate(`axe.run(${where}, { resultTypes: ['violations'] })
          .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`);
          await page.evaluate(axe);
          // What is folded away is not looked at, so an open page has all that a closed one has but the marks of its folds.
          if (colorScheme === 'light') expect(await violationsIn("'summary, nav, header'")).toEqual([]);
          await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
          expect(await violationsIn('document')).toEqual([]);
          expect(
            await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
          ).toBeLessThanOrEqual(0);
          if ((await page.locator('#map').count()) > 0) {
            await page.locator('#map td a').first().click();
            await page.locator('dialog[open]').waitFor();
            expect(await violationsIn("'dialog'")).toEqual([]);
          }
          expect(deeds).toEqual([]);
          await page.close();
        }
      },
    );

    test.each(LOOKS)('the page of a fleet is as clean, %s on a %s', async (colorScheme, _device, device) => {
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      const { swept, series } = buildFleet(40);
      const page = await opened(renderFleetPage(swept, series.slice(0, 12)), { ...device, colorScheme });
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
      // It has no script, and its policy allows none; axe comes from outside of it.
      await page.evaluate(axe);
      expect(
        await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })
          .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`),
      ).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      expect(deeds).toEqual([]);
      await page.close();
    });

    test('evidence opens by keyboard, arrow keys walk over the map, and the focus goes back where it was', async () => {
      const page = await opened(pageOfIncident(manyNodes(12)));
      const focused = () => page.evaluate('document.activeElement?.getAttribute("href")');
      await page.locator('#map td a').first().focus();
      const first = await focused();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      const there = await focused();
      expect(there).not.toBe(first);
      await page.keyboard.press('Enter');
      const dialog = page.locator('dialog[open]');
      await dialog.waitFor();
      const shown = await dialog.innerText();
      for (const part of ['held against', 'Why it matters']) expect(shown).toContain(part);
      const row = page.locator(String(there));
      const facts = await row.locator('td').allInnerTexts();
      expect(shown).toContain(facts[0]?.split('\n')[0]);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' }).catch(() => undefined);
      expect(await focused()).toBe(there);
      await page.close();
    });

    test('whatever a chart draws has a colour', async () => {
      for (const incident of [tracedNodes(), manyNodes(12), manyNodes(13)]) {
        const page = await opened(pageOfIncident(incident, CLIENT));
        expect(
          await page.evaluate("document.querySelectorAll('svg .bars *, svg path').length"),
        ).toBeGreaterThan(0);
        const unseen = await page.evaluate(`[...document.querySelectorAll('svg :is(path,rect,line,circle)')]
          .filter((one) => [getComputedStyle(one).fill, getComputedStyle(one).stroke].every((paint) => paint === 'none'))
          .map((one) => one.outerHTML)`);
        expect(unseen).toEqual([]);
        await page.close();
      }
    });

    test('without a script a cell leads to the same evidence', async () => {
      const page = await opened(pageOfIncident(manyNodes(12)), { ...DESKTOP, javaScriptEnabled: false });
      const link = page.locator('#map td a').first();
      const target = String(await link.getAttribute('href'));
      await link.click();
      await page.locator(target).waitFor({ state: 'visible' });
      expect(deeds).toEqual([]);
      await page.close();
    });

    test('everything that is folded is on paper', async () => {
      const page = await opened(pageOfIncident(raisedNodes(), CLIENT));
      await page.emulateMedia({ media: 'print' });
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      expect(await page.locator('details:not([open])').count()).toBe(0);
      await page.evaluate("dispatchEvent(new Event('afterprint'))");
      expect(await page.locator('details:not([open])').count()).toBeGreaterThan(0);
      const pdf = await page.pdf({ format: 'A4' });
      expect(pdf.length).toBeGreaterThan(10_000);
      await page.close();
    });
  },
);
