import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  carriesNodeTag,
  NodeTags,
  nodeTagsPhrase,
  nodeTagsText,
  readNodeTags,
} from '../../../src/core/node-tags.ts';

const SHOP = [{ key: 'eks:cluster-name', values: ['shop'] }];

describe('node tags', () => {
  it.each([
    [{ 'eks:cluster-name': 'shop' }, true],
    [{ 'eks:cluster-name': 'shop2' }, false],
    [{ 'eks:cluster-name': '' }, false],
    [{ Name: 'shop' }, false],
    [{ team: '' }, true],
    [{}, false],
  ])('%j reaches: %s', (carried, isReached) => {
    expect(carriesNodeTag(carried, [...SHOP, { key: 'team', values: 'any' }])).toBe(isReached);
  });

  it('are told in words', () => {
    expect(
      nodeTagsPhrase([
        { key: 'a', values: ['x', 'y'] },
        { key: 'b', values: 'any' },
      ]),
    ).toBe('a=x or y, or b with any value');
  });

  it('one pair is a plain text, as outputs and variables had it before there could be several', () => {
    expect(nodeTagsText(SHOP)).toBe('eks:cluster-name=shop');
    expect(readNodeTags('medic=a=b')).toEqual([{ key: 'medic', values: ['a=b'] }]);
  });

  it('come back from their text as they were', () => {
    const text = (maxLength: number) => fc.string({ minLength: 1, maxLength, unit: 'grapheme' });
    const values = fc.oneof(fc.constant('any' as const), fc.array(text(20), { minLength: 1, maxLength: 4 }));
    const tags = fc.uniqueArray(fc.record({ key: text(20), values }), {
      minLength: 1,
      maxLength: 10,
      selector: ({ key }) => key,
    });
    fc.assert(
      fc.property(tags, (some) => {
        expect(readNodeTags(nodeTagsText(some))).toEqual(some);
      }),
    );
  });

  it.each(['', 'shop', '=shop', 'shop=', '[]', '[{"key":"a"}]', '{"key":"a"}', '[', 'null'])(
    '%j is no text of them',
    (text) => {
      expect(readNodeTags(text)).toBeUndefined();
      expect(NodeTags.safeParse(text).success).toBe(false);
    },
  );
});
