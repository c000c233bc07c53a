import { describe, expect, test } from 'vitest';
import { drawnNodes } from '../../../src/core/sweep/fleet-page.ts';
import { renderFleetPage } from '../../../src/page/fleet.ts';
import { buildFleet } from '../support/fleets.ts';
import { HOSTILE } from '../support/pages.ts';

const NO_VALUE = /undefined|NaN|Infinity|\[object/;

function pageOf(nodes: number, words?: string): string {
  const { swept, series } = buildFleet(nodes, words);
  const drawn = new Set(drawnNodes(swept));
  return renderFleetPage(
    swept,
    series.filter(({ instanceId }) => drawn.has(instanceId)),
  );
}

const markupOf = (page: string): string => page.replaceAll(/<style>[\s\S]*?<\/style>/g, '');
const textOf = (page: string): string =>
  markupOf(page)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('\u202f', ' ')
    .replaceAll(/\s+/g, ' ');

describe('the page of a fleet', () => {
  test('says first who needs somebody, what those share, and who was not seen', () => {
    const text = textOf(pageOf(40));
    expect(text.slice(0, 2000)).toContain('2 nodes full, 2 nodes filling up, 2 nodes not seen of 40 nodes');
    expect(text).toContain('4 of 38 nodes full or filling up, all m5.large (none of 34 others)');
    expect(text).toContain('by the newest sweep: 2 offline, 2 untagged');
    expect(text).toContain('i-00000000000000003');
    expect(NO_VALUE.exec(text)).toBeNull();
  });

  test.each([0, 1, 5000])('is made of %i nodes, and has 300 KB at most', (nodes) => {
    const page = pageOf(nodes);
    expect(NO_VALUE.exec(markupOf(page))).toBeNull();
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(300 * 1024);
    if (nodes === 5000) expect(textOf(page)).toContain('4,750 nodes with more room are left out');
  });

  test('asks for nothing and runs nothing', () => {
    const page = pageOf(40);
    expect(page).toMatch(/default-src &#39;none&#39;; style-src &#39;sha256-.{44}&#39;; img-src data:/);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  test.each(HOSTILE)('%j in every tag stays words', (words) => {
    const tags = (page: string) =>
      new Set(Array.from(page.matchAll(/<(\/?[a-z!][\w-]*)/gi), ([, tag = '']) => tag));
    const clean = tags(pageOf(40));
    const page = pageOf(40, words);
    expect([...tags(page)].filter((tag) => !clean.has(tag))).toEqual([]);
    expect(/(?![\n\t\u202f])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.exec(page)).toBeNull();
  });
});
