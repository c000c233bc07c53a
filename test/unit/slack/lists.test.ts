import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { cardOf } from '../../../src/core/card/card.ts';
import type { Card } from '../../../src/core/card/model.ts';
import { cardMessage } from '../../../src/slack/card/blocks.ts';
import { cardView } from '../../../src/slack/card/view.ts';
import { buildIncident, NOW } from '../support/incidents.ts';

const card = cardOf(buildIncident('resolved', { nodes: 2 }), catalogue, NOW);

/** The lines of the section that begins with a title. */
function linesUnder(title: string, changes: Partial<Card>): readonly string[] {
  const { blocks } = cardView({ ...card, ...changes });
  const texts = blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text ?? ''] : []));
  return (
    texts
      .find((text) => text.startsWith(`*${title}*\n`))
      ?.split('\n')
      .slice(1) ?? []
  );
}

const hiddenOf = (line: string | undefined) => Number(/^\+(\d+) more$/.exec(line ?? '')?.[1] ?? '0');

describe.each([1, 60, 190, 400, 3000])('a list with sentences of %i characters', (chars) => {
  const says = `${'word '.repeat(chars / 5)}end`;

  it.each([2, 5, 9, 30])('counts every one of %i verdicts', (amount) => {
    const verdicts = Array.from({ length: amount }, (_, index) => ({
      verdict: `mode-${index}`,
      instanceIds: ['i-0b12ce00000000002'],
      says,
      at: '11:18:54Z',
    }));
    const lines = linesUnder('Verdicts', { verdicts });
    const shown = lines.filter((line) => line.startsWith('• *mode-'));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.length + hiddenOf(lines.at(-1))).toBe(amount);
  });

  it.each([2, 9, 30])('counts every one of %i nodes', (amount) => {
    const results = Array.from({ length: amount }, (_, index) => ({
      instanceId: `i-${index}`,
      state: 'changed' as const,
      text: says,
    }));
    const lines = linesUnder('Nodes', { results });
    const shown = lines.filter((line) => line.startsWith('✓ i-'));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.length + hiddenOf(lines.at(-1))).toBe(amount);
  });
});

describe.each([1, 60, 190, 400, 3000])('a list in one line with entries of %i characters', (chars) => {
  const entries = Array.from({ length: 30 }, (_, index) => `entry ${index}: ${'word '.repeat(chars / 5)}end`);
  const told = (title: string, changes: Partial<Card>) => {
    const { blocks } = cardView({ ...card, ...changes });
    const texts = blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text ?? ''] : []));
    return texts.find((text) => text.includes(`*${title}:*`)) ?? '';
  };

  it.each([
    ['Ruled out', { ruledOut: entries }],
    ['Could not see', { gaps: entries }],
    [
      'Does not survive',
      {
        change: {
          title: 'Change',
          isOpen: true,
          lines: ['numbers'],
          brief: ['numbers'],
          warnings: [],
          layers: entries.map((how) => ({ name: 'layer', survives: 'no' as const, how })),
        },
      },
    ],
  ])('counts every entry of "%s"', (title, changes) => {
    const text = told(title, changes);
    const shown = text.match(/entry \d+:/g)?.length ?? 0;
    expect(shown).toBeGreaterThan(0);
    expect(shown + Number(/\+(\d+) more$/.exec(text)?.[1] ?? '0')).toBe(30);
  });

  it('keeps what to mind of a change', () => {
    const layers = entries.map((how) => ({ name: 'layer', survives: 'no' as const, how }));
    const change = {
      title: 'Change',
      isOpen: true,
      lines: entries,
      brief: entries.slice(0, 2),
      warnings: ['Mind this.'],
      layers,
    };
    const { blocks } = cardMessage({ ...card, change });
    const isShort = chars < 1000;
    expect(JSON.stringify(blocks).includes('Mind this.')).toBe(isShort);
  });
});

describe('the clicks under a card', () => {
  const clicks = (amount: number, chars = 0) =>
    Array.from({ length: amount }, (_, index) => `@ana${'a'.repeat(chars)} clicked ${index + 1}`);
  const told = (
    show: (card: Card) => { readonly blocks: readonly KnownBlock[] },
    history: readonly string[],
  ) => {
    const texts = show({ ...card, history }).blocks.flatMap((block) =>
      block.type === 'context' ? block.elements : [],
    );
    return texts.map((text) => (text.type === 'mrkdwn' ? text.text : ''))[0];
  };

  it('are all behind "More"', () => {
    const ten = clicks(10);
    expect(told(cardView, ten)).toBe(ten.join(' · '));
  });

  it('say on the message how many came before the newest', () => {
    expect(told(cardMessage, clicks(5))).toMatch(/^… 3 earlier · @ana clicked 4 · @ana clicked 5 · /);
  });

  it('leave out the oldest where not all fit', () => {
    expect(told(cardMessage, clicks(2, 120))).toMatch(/^… 1 earlier · @ana.* clicked 2 · /);
    expect(told(cardView, clicks(60, 120))).toMatch(/^… \d+ earlier · @ana.* clicked 60$/);
  });
});
