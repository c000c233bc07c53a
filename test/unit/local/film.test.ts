import { describe, expect, it } from 'vitest';
import { chromiumPath, openBrowser } from '../../../local/browser.ts';
import { filmOf } from '../../../local/film.ts';

const SIZE = { width: 40, height: 20 };
const SHOWN = "Array.from(document.querySelectorAll('image'), (image) => getComputedStyle(image).visibility)";

describe.runIf(chromiumPath() !== undefined)('a film in an SVG file', () => {
  it('shows its frames one after another, each as long as it is meant to stand, and begins again', async () => {
    const browser = await openBrowser(chromiumPath() ?? '');
    const page = await browser.newPage({ viewport: SIZE });
    const colours = ['rgb(200, 0, 0)', 'rgb(0, 0, 200)'];
    const frames = [];
    for (const [index, colour] of colours.entries()) {
      await page.setContent(`<body style="background:${colour}">`);
      const jpeg = await page.screenshot({ type: 'jpeg' });
      frames.push({ title: `${index} <&>`, jpeg, seconds: index === 0 ? 1 : 3 });
    }
    await page.setContent(filmOf(frames, SIZE));
    const shown = () => page.evaluate<string[]>(SHOWN);
    const shownAt = async (ms: number) => {
      await page.evaluate(
        `for (const one of document.getAnimations()) { one.pause(); one.currentTime = ${ms}; }`,
      );
      return await shown();
    };
    expect(await shownAt(500)).toEqual(['visible', 'hidden']);
    expect(await shownAt(1500)).toEqual(['hidden', 'visible']);
    expect(await shownAt(3900)).toEqual(['hidden', 'visible']);
    expect(await shownAt(4500)).toEqual(['visible', 'hidden']);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await shown()).toEqual(['hidden', 'visible']);
    await browser.close();
  });
});
