import { expect, it } from 'vitest';
import { BrokenCatalogueError } from '../../../../src/core/errors.ts';
import { fillText } from '../../../../src/core/runbook/fill-text.ts';

const slots = new Map([
  ['there', 'value'],
  ['list', '- one\n- two'],
  ['gone', undefined],
]);
const fill = (...lines: readonly string[]) => fillText(lines.join('\n'), slots);

it('keeps a block whose slots have values, and leaves out one that lacks a value', () => {
  expect(fill('A {{there}}.', '', 'B {{gone}}.', '', '- C {{ there }}', '- D {{gone}}', '- E')).toBe(
    'A value.\n\n- C value\n- E\n',
  );
});

it('decides by a slot without printing it', () => {
  expect(fill('{{?there}}A', '', '{{!there}}B', '', '{{?gone}}C', '', '{{!gone}}D')).toBe('A\n\nD\n');
});

it('leaves out the code of a step with the step, and the step with its code, and numbers what is left', () => {
  const code = (text: string) => ['', '```sh', text, '```', ''];
  expect(
    fill(
      '1. {{gone}}',
      ...code('a'),
      '2. B',
      ...code('b {{gone}}'),
      '3. C',
      ...code('c\n\n3. is no step'),
      '4. D',
      '9. E',
    ),
  ).toBe('1. C\n\n```sh\nc\n\n3. is no step\n```\n\n2. D\n3. E\n');
});

it('leaves out what is announced with what announces it', () => {
  expect(fill('So it was found:', '', '{{gone}}', '', 'So it lasts:', '', '{{list}}')).toBe(
    'So it lasts:\n\n- one\n- two\n',
  );
});

it('prints no heading of a section without a word, and begins a section with what is put in front', () => {
  const text = '# Title\n\n## Empty\n\n{{gone}}\n\n## First\n\n1. {{gone}}\n2. Step';
  expect(fillText(text, slots, { First: 'Before.', Empty: undefined })).toBe(
    '# Title\n\n## First\n\nBefore.\n\n1. Step\n',
  );
});

it('refuses a slot that is not known', () => {
  expect(() => fill('{{!nothing}}')).toThrow(BrokenCatalogueError);
});
