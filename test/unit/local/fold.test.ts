import { expect, it } from 'vitest';
import { renderAttachment, renderBlocks } from '../../../local/slack/block-kit.ts';

const section = (text: string, expand = false) => ({
  type: 'section',
  text: { type: 'mrkdwn', text },
  ...(expand ? { expand } : {}),
});
const isFolded = (drawn: { readonly text: string }) => drawn.text.includes('Show more');
const LONG = 'word '.repeat(140);

it('folds an attachment by its length, with whatever stands in it', () => {
  const attachment = (blocks: readonly object[]) => renderAttachment({ blocks: blocks as never });
  expect(isFolded(attachment([section('short')]))).toBe(false);
  expect(isFolded(attachment([section(LONG)]))).toBe(true);
  expect(isFolded(attachment([section('a\nb\nc'), section('d\ne\nf')]))).toBe(true);
});

it('folds a section unless the app asks for all of it', () => {
  expect(isFolded(renderBlocks([section(LONG)]))).toBe(true);
  expect(isFolded(renderBlocks([section(LONG, true)]))).toBe(false);
  expect(isFolded(renderBlocks([section('short')]))).toBe(false);
});
