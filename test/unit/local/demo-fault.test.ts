import { expect, test } from 'vitest';
import { DEMO_FAULTS, readFault } from '../../../local/demo/faults/faults.ts';

test('a fault is named once, and by a name that there is', () => {
  expect(readFault('slack-away')).toBe('slack-away');
  expect(() => readFault('node-gone', 'store-away')).toThrow('one fault at a time: store-away or node-gone');
  for (const name of ['slack', 'toString', ''])
    expect(() => readFault(name)).toThrow(Object.keys(DEMO_FAULTS).join(', '));
});
