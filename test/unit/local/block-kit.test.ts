import { expect, test } from 'vitest';
import { renderAttachment, renderBlocks } from '../../../local/slack/block-kit.ts';

const button = {
  type: 'button',
  action_id: 'medic.apply-one',
  value: 'secret-value',
  style: 'primary',
  text: { type: 'plain_text', text: 'Apply' },
  confirm: {
    title: { type: 'plain_text', text: 'Sure?' },
    text: { type: 'mrkdwn', text: '*Now*' },
    confirm: { type: 'plain_text', text: 'Yes' },
    deny: { type: 'plain_text', text: 'No' },
  },
};

test('a button carries its ids and its dialog, and keeps its value to the server', () => {
  const { text } = renderBlocks([{ type: 'actions', block_id: 'b1', elements: [button] }]);
  expect(text).toContain('data-block="b1" data-action="medic.apply-one"');
  expect(text).toMatch(/<dialog class="confirm"[\s\S]*Sure\?[\s\S]*<strong>Now<\/strong>/);
  expect(text).not.toContain('secret-value');
});

test.each([
  ['a block type that is not known', { type: 'video', block_id: 'v' }],
  ['a block that is malformed', { type: 'header', text: 'no text object' }],
  ['an element that is not known', { type: 'actions', elements: [{ type: 'datepicker', action_id: 'd' }] }],
  ['an accessory that is not known', { type: 'section', text: button.text, accessory: { type: 'image' } }],
])('%s is drawn as a note that says so', (_what, block) => {
  expect(renderBlocks([block]).text).toContain('This page cannot draw');
});

test('a markdown block shows tables and keeps raw HTML as text', () => {
  const { text } = renderBlocks([
    { type: 'markdown', text: '# T\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n<b>x</b> [y](javascript:1)' },
  ]);
  expect(text).toContain('<h2>T</h2>');
  expect(text).toContain('<td');
  expect(text).toContain('&lt;b&gt;x&lt;/b&gt;');
  expect(text).not.toContain('href');
});

test('an attachment draws its colour, and grey when the colour is none', () => {
  const blocks = [{ type: 'divider' }];
  expect(renderAttachment({ color: '#d72b3f', blocks }).text).toContain('fill="#d72b3f"');
  expect(renderAttachment({ color: 'good', blocks }).text).toContain('fill="#2eb67d"');
  expect(renderAttachment({ color: '"><script>', blocks }).text).toContain('fill="#8d8d8d"');
});
