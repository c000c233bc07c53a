import { describe, expect, it } from 'vitest';
import { cut, escapeMrkdwn, mrkdwn, plainText } from '../../../src/slack/block-text.ts';

describe('escapeMrkdwn', () => {
  it.each([
    ['a & b < c > d', 'a &amp; b &lt; c &gt; d'],
    ['<!channel>', '&lt;!channel&gt;'],
    ['&lt;@U1&gt;', '&amp;lt;@U1&amp;gt;'],
    ['`id` *b* ~s~', 'ˋidˋ ∗b∗ ∼s∼'],
    ['_it_ and nf_conntrack_max', '＿it＿ and nf_conntrack_max'],
    ['at 14:02:10Z on fe80::1', 'at 14:02:10Z on fe80::1'],
    ['one\n> two\r\n\tthree', 'one &gt; two three'],
    ['\u001B[31mred\u202E\u200B', '[31mred'],
    [':skull: :+1: :100:', '∶skull: ∶+1: ∶100:'],
  ])('turns %j into %j', (foreign, expected) => {
    expect(escapeMrkdwn(foreign)).toBe(expected);
  });
});

describe('mrkdwn', () => {
  it('keeps the marks of its template and escapes what is inserted', () => {
    expect(mrkdwn`*Node* ${'<*x*>'}\n${mrkdwn`_ok_`}`).toEqual({ mrkdwn: '*Node* &lt;∗x∗&gt;\n_ok_' });
  });
});

describe('cut', () => {
  it('leaves a text alone that fits', () => {
    expect(cut('12345', 5)).toBe('12345');
  });

  it.each([
    ['aaaa&amp;', 6],
    ['aaaa&amp;', 7],
    ['aaaa&amp;', 8],
  ])('never cuts inside an entity: %j to %i', (text, most) => {
    expect(cut(text, most)).toBe('aaaa…');
  });

  it('never cuts a character in two', () => {
    expect(cut('💥💥💥', 4)).toBe('💥…');
  });

  it('keeps an ampersand-like end that is a whole entity', () => {
    expect(cut('aa&amp;bbbb', 8)).toBe('aa&amp;…');
  });
});

describe('plainText', () => {
  it('needs no entities, whose decoding there is not documented', () => {
    expect(plainText('  a < b & c > d  ', 50)).toEqual({
      type: 'plain_text',
      text: 'a ‹ b ＆ c › d',
      emoji: false,
    });
  });
});
