import { describe, expect, it } from 'vitest';
import { keepUnits } from '../../../src/core/words.ts';
import { cut, escapeMrkdwn, mrkdwn, plainText, splitAtClause } from '../../../src/slack/block-text.ts';
import { header } from '../../../src/slack/blocks.ts';

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
    ['on i-b, 14:02:10Z: 2026-11-23 14:02:10Z: it', 'on i-b, 14:02:10Z: 2026-11-23 14:02:10Z: it'],
    ['14:02:10z: 14:02:skull: 1:02:10Z:a:', '14:02∶10z: 14:02∶skull: 1:02∶10Z∶a:'],
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

it('cuts between words, so that no number or its unit is halved', () => {
  expect(cut('of the ports 2,262 of 64,512 are taken', 26)).toBe('of the ports 2,262 of…');
  expect(cut(keepUnits('at least 63 %, at least 26 % of all'), 27)).toBe('at least 63\u202F%, at least…');
  expect(cut('x'.repeat(100), 10)).toBe(`${'x'.repeat(9)}…`);
});

it('ends a heading with a clause', () => {
  const text =
    'Insert race: 141 packets dropped because two connections claimed the same translated port at once; of the ports to the busiest destination 2,262 of 64,512 are taken';
  expect(header(text).text.text).toBe(
    'Insert race: 141 packets dropped because two connections claimed the same translated port at once…',
  );
});

it.each([
  [
    'a half of a sentence before a clause',
    'One of these is so; if two, three is',
    30,
    'One of these is so…',
    'if two, three is',
  ],
  ['a clause', 'One is so, and two is as well', 17, 'One is so…', 'and two is as well'],
  ['a word', 'One is so and two is as well', 20, 'One is so and two…', 'is as well'],
  ['nothing', 'One is so', 9, 'One is so', ''],
])('ends what it keeps with %s, and gives the rest', (_, text, most, kept, rest) => {
  expect(splitAtClause(text, most)).toEqual({ kept, rest });
});

it('keeps numbers and units on one line wherever text is shown', () => {
  expect(escapeMrkdwn('98 %')).toBe('98\u202F%');
  expect(plainText('in 10 s', 50).text).toBe('in 10\u202Fs');
});
