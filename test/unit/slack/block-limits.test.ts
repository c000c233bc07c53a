import { describe, expect, it } from 'vitest';
import { findLimitViolations, findViewLimitViolations } from '../../../src/slack/block-limits.ts';

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const section = { type: 'section', text: mrkdwn(10) };
const button = { type: 'button', action_id: 'a', text: plain(5), value: 'v' };
const actions = (element: object) => ({ type: 'actions', elements: [element] });
const menu = (options: number, valueChars = 20) => ({
  type: 'static_select',
  action_id: 'a',
  placeholder: plain(5),
  options: Array.from({ length: options }, () => ({ text: plain(5), value: 'v'.repeat(valueChars) })),
});
const confirm = { title: plain(5), text: plain(5), confirm: plain(2), deny: plain(2) };

describe('findLimitViolations', () => {
  it('takes a message that Slack takes', () => {
    const blocks = [
      { type: 'header', text: plain(150) },
      section,
      { type: 'divider' },
      actions({ ...button, confirm }),
      actions({ ...menu(20), confirm }),
    ];
    expect(findLimitViolations({ text: 'hi', attachments: [{ color: '#fff', blocks }] })).toEqual([]);
    expect(findLimitViolations({ text: 'only text' })).toEqual([]);
  });

  it.each([
    [
      '51 blocks',
      Array.from({ length: 51 }, () => section),
      'Too many blocks of a message: 51, the limit is 50.',
    ],
    [
      'a long header',
      [{ type: 'header', text: plain(151) }],
      'The header has 151 characters, the limit is 150.',
    ],
    ['a mrkdwn header', [{ type: 'header', text: mrkdwn(5) }], 'The header must be plain_text.'],
    [
      'a long section',
      [{ type: 'section', text: mrkdwn(3001) }],
      'The section text has 3001 characters, the limit is 3000.',
    ],
    [
      'an empty section text',
      [{ type: 'section', text: mrkdwn(0) }],
      'The section text is missing or empty.',
    ],
    ['an empty section', [{ type: 'section' }], 'A section has neither text nor fields.'],
    [
      '11 fields',
      [{ type: 'section', fields: Array.from({ length: 11 }, () => mrkdwn(5)) }],
      'Too many fields of a section: 11, the limit is 10.',
    ],
    [
      'a long field',
      [{ type: 'section', fields: [mrkdwn(2001)] }],
      'The section field has 2001 characters, the limit is 2000.',
    ],
    [
      'a long label',
      [actions({ ...button, text: plain(76) })],
      'The button label has 76 characters, the limit is 75.',
    ],
    [
      'a long value',
      [actions({ ...button, value: 'v'.repeat(2001) })],
      'The button value has 2001 characters, the limit is 2000.',
    ],
    [
      'a long id',
      [actions({ ...button, action_id: 'a'.repeat(256) })],
      'The action_id has 256 characters, the limit is 255.',
    ],
    [
      'a long block id',
      [{ ...section, block_id: 'b'.repeat(256) }],
      'The block_id has 256 characters, the limit is 255.',
    ],
    [
      'a long confirm text',
      [actions({ ...button, confirm: { ...confirm, text: plain(301) } })],
      'The confirm text has 301 characters, the limit is 300.',
    ],
    [
      'a long confirm title',
      [{ ...section, accessory: { ...button, confirm: { ...confirm, title: plain(101) } } }],
      'The confirm title has 101 characters, the limit is 100.',
    ],
    [
      'a long confirm button',
      [actions({ ...button, confirm: { ...confirm, deny: plain(31) } })],
      'The confirm deny has 31 characters, the limit is 30.',
    ],
    [
      '11 context elements',
      [{ type: 'context', elements: Array.from({ length: 11 }, () => mrkdwn(5)) }],
      'Too many elements of a context: 11, the limit is 10.',
    ],
    [
      'an empty actions block',
      [{ type: 'actions', elements: [] }],
      'The elements of an actions block are missing or empty.',
    ],
    [
      'the same action twice in a row',
      [{ type: 'actions', elements: [button, button] }],
      'Two elements of an actions block have the same action_id.',
    ],
    [
      'a menu with too many options',
      [{ type: 'actions', elements: [menu(101)] }],
      'Too many options of a menu: 101, the limit is 100.',
    ],
    [
      'an option with a long value',
      [{ type: 'actions', elements: [menu(1, 151)] }],
      'The value of an option has 151 characters, the limit is 150.',
    ],
    ['an unknown block', [{ type: 'hologram' }], 'The block type hologram is not known here.'],
    [
      'too much markdown',
      [
        { type: 'markdown', text: 'x'.repeat(6001) },
        { type: 'markdown', text: 'x'.repeat(6000) },
      ],
      'Too many characters in markdown blocks: 12001, the limit is 12000.',
    ],
  ])('refuses %s', (_what, blocks, sentence) => {
    expect(findLimitViolations({ text: 't', attachments: [{ blocks }] })).toContain(sentence);
    expect(findLimitViolations({ text: 't', blocks })).toContain(sentence);
  });

  it('refuses blocks that are too long together', () => {
    const blocks = Array.from({ length: 10 }, () => ({ type: 'section', text: mrkdwn(1000) }));
    expect(findLimitViolations({ blocks })[0]).toMatch(
      /^Too many characters in blocks: \d+, the limit is 10000\.$/,
    );
  });

  it.each([undefined, 'text', [], { blocks: 'none' }, { attachments: [{ blocks: [7] }] }])(
    'judges %j without throwing',
    (value) => {
      expect(findLimitViolations(value).length).toBeLessThanOrEqual(1);
    },
  );
});

describe('findViewLimitViolations', () => {
  const view = { type: 'modal', title: plain(24), close: plain(5), blocks: [section] };

  it('takes a modal that Slack takes', () => {
    expect(findViewLimitViolations(view)).toEqual([]);
  });

  it('takes a card here and in a message, an alert only here', () => {
    const card = { type: 'card', title: { type: 'mrkdwn', text: '*node-1*' } };
    const alert = { type: 'alert', level: 'warning', text: plain(5) };
    expect(findViewLimitViolations({ ...view, blocks: [card, alert] })).toEqual([]);
    expect(findLimitViolations({ blocks: [card] })).toEqual([]);
    expect(findLimitViolations({ blocks: [alert] })).toEqual(['An alert block is not allowed in a message.']);
  });

  it.each([
    [
      'a long title',
      { ...view, title: plain(25) },
      'The title of a view has 25 characters, the limit is 24.',
    ],
    [
      'a markdown block',
      { ...view, blocks: [{ type: 'markdown', text: 'x' }] },
      'A markdown block is not allowed in a view.',
    ],
    ['a carousel', { ...view, blocks: [{ type: 'carousel' }] }, 'A carousel block is not allowed in a view.'],
    [
      'a card without content',
      { ...view, blocks: [{ type: 'card' }] },
      'A card has neither an image, a title, a body nor actions.',
    ],
    [
      'a card with a long body',
      { ...view, blocks: [{ type: 'card', body: { type: 'mrkdwn', text: 'x'.repeat(201) } }] },
      'The body of a card has 201 characters, the limit is 200.',
    ],
    [
      '101 blocks',
      { ...view, blocks: Array.from({ length: 101 }, () => section) },
      'Too many blocks of a view: 101, the limit is 100.',
    ],
    ['no modal', { type: 'home' }, 'The view is no modal with a title and blocks.'],
  ])('refuses %s', (_what, value, sentence) => {
    expect(findViewLimitViolations(value)).toContain(sentence);
  });
});
