import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BundleAnswer, bundleAnswers } from '../../../build/pastes/bundles.ts';
import { exampleGroups } from '../../../build/pastes/examples.ts';
import { pastesPage } from '../../../build/pastes/page.ts';
import { readPaste } from '../../../src/core/paste/read-paste.ts';
import { recognisersUsed } from '../support/recognisers-used.ts';

const page = () => readFileSync(new URL('../../../docs/what-you-can-paste.md', import.meta.url), 'utf8');

describe('the page of what can be pasted', () => {
  let bundles: readonly BundleAnswer[] = [];
  beforeAll(async () => {
    bundles = await bundleAnswers();
  });

  it('says what the rules say now; npm run pastes writes it', () => {
    expect(page()).toBe(pastesPage(bundles));
  });

  it('leads from its table to every heading', () => {
    const anchors = new Set(
      Array.from(page().matchAll(/^#{2,3} (.+)$/gm), ([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
          .replaceAll(/\s/g, '-'),
      ),
    );
    const links = Array.from(page().matchAll(/\]\(#([^)]+)\)/g), ([, anchor = '']) => anchor);
    expect(links.length).toBeGreaterThan(60);
    expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  });

  it('has no heading twice, so that no link leads astray', () => {
    const headings = Array.from(page().matchAll(/^#{2,3} (.+)$/gm), ([, title]) => title);
    expect(headings).toHaveLength(new Set(headings).size);
  });
});

describe('the examples', () => {
  const examples = exampleGroups().flatMap((group) => group.examples);

  it.each(examples)('are recognised: $title', ({ text }) => {
    const { hosts, unassigned } = readPaste(text);
    expect(hosts.flatMap(({ seen }) => seen)).not.toEqual([]);
    expect(unassigned).toBeUndefined();
  });

  it('show every shape that is known', () => {
    expect(recognisersUsed(examples.map(({ text }) => text)).missing).toEqual([]);
  });
});
