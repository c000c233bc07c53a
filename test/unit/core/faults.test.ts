import { expect, it } from 'vitest';
import * as z from 'zod';
import { faultsOf } from '../../../src/core/faults.ts';

const schema = z
  .strictObject({
    name: z.string().min(1).max(3),
    count: z.int().min(1).max(50).optional(),
    isOn: z.boolean().optional(),
    kind: z.enum(['one', 'two']).optional(),
    list: z
      .array(z.strictObject({ id: z.string().regex(/^i-/, 'must be an instance id') }))
      .max(1)
      .optional(),
    form: z.string().regex(/^x$/).optional(),
    one: z.literal('only').optional(),
  })
  .refine(({ name }) => name !== 'no', { path: ['name'], message: 'must not be no' });

it.each<[unknown, string]>([
  [{}, 'name is missing'],
  [[], 'it must be an object'],
  ['secret-token', 'it must be an object'],
  [{ name: 5 }, 'name must be text'],
  [{ name: null }, 'name must be text'],
  [{ name: '' }, 'name must have at least 1 character'],
  [{ name: 'four' }, 'name must have at most 3 characters'],
  [{ name: 'a', count: 51 }, 'count must be at most 50'],
  [{ name: 'a', count: 1.5 }, 'count must be a whole number'],
  [{ name: 'a', isOn: 'yes' }, 'isOn must be true or false'],
  [{ name: 'a', kind: 'three' }, 'kind must be one of one, two'],
  [{ name: 'a', one: 'other' }, 'one must be only'],
  [{ name: 'a', form: 'y' }, 'form has a form that is not accepted'],
  [{ name: 'a', list: [{ id: 'x' }] }, 'list[0].id must be an instance id'],
  [{ name: 'a', list: [{}] }, 'list[0].id is missing'],
  [{ name: 'a', list: [{ id: 'i-1' }, { id: 'i-2' }] }, 'list must have at most 1 entry'],
  [{ name: 'a', other: 1 }, 'other is not a field'],
  [{ name: 'a', other: 1, more: 2 }, 'other, more are not fields'],
  [{ name: 'no' }, 'name must not be no'],
  [{ name: '', count: 0 }, 'name must have at least 1 character; count must be at least 1'],
])('says of %j: %s', (value, sentence) => {
  const { error } = schema.safeParse(value);
  expect(error && faultsOf(error, value)).toBe(sentence);
});
