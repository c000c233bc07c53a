import { expect, it } from 'vitest';
import { medic } from '../support/medic.ts';

/** Nothing listens at this endpoint. */
const NOWHERE = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_MAX_ATTEMPTS: '1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

it.each([
  ['--table', 'incidents', 'The table incidents could not be read ('],
  ['--stack', 'other', 'The stack other cannot be read ('],
])('medic audit %s %s says in one sentence what it could not reach', async (option, name, sentence) => {
  const args = ['audit', 'inc-0123456789abcdef0123', option, name, '--region', 'eu-west-1'];
  const { status, error } = await medic(args, '', NOWHERE);
  expect(error.trim().split('\n')).toEqual([expect.stringContaining(`medic: ${sentence}`)]);
  expect(status).toBe(2);
});
