import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { cardOf } from '../../../src/core/card/card.ts';
import type { Card } from '../../../src/core/card/model.ts';
import { cardMessage } from '../../../src/slack/card-blocks.ts';
import { buildIncident, NOW } from '../support/incidents.ts';

const card = cardOf(buildIncident('resolved', { nodes: 2 }), catalogue, NOW);

/** The lines of the section that begins with a title. */
function linesUnder(title: string, changes: Partial<Card>): readonly string[] {
  const { blocks } = cardMessage({ ...card, ...changes }).attachments[0];
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
