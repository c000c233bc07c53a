import { afterEach, expect, test, vi } from 'vitest';
import { readEnvironment, readSigningSecret, readSlackSecret } from '../../../lambdas/environment.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a function gets what it asks for, parsed, with defaults', () => {
  vi.stubEnv('MEDIC_TABLE', 'incidents');
  vi.stubEnv('MEDIC_APPROVERS', ' U0ANA0001, W0BEN0002 ,');
  vi.stubEnv('MEDIC_ALARM_TARGETS', '[{"alarm":"a","tag":{"key":"role","value":"worker"}}]');
  expect(
    readEnvironment(
      'MEDIC_TABLE',
      'MEDIC_APPROVERS',
      'MEDIC_ALARM_TARGETS',
      'MEDIC_MAX_NODES',
      'MEDIC_SLACK_API_URL',
    ),
  ).toEqual({
    MEDIC_TABLE: 'incidents',
    MEDIC_APPROVERS: ['U0ANA0001', 'W0BEN0002'],
    MEDIC_ALARM_TARGETS: [{ alarm: 'a', tag: { key: 'role', value: 'worker' } }],
    MEDIC_MAX_NODES: 100,
  });
});

test('without approvers nobody is one', () => {
  expect(readEnvironment('MEDIC_APPROVERS').MEDIC_APPROVERS).toEqual([]);
});

test.each([
  ['MEDIC_TABLE', undefined, 'MEDIC_TABLE is not set'],
  ['MEDIC_EVIDENCE', 'https://example.com', 'must start with s3:// or file:///'],
  ['MEDIC_INCIDENT_FUNCTION', 'medic-incident', 'must be qualified'],
  ['MEDIC_RAISE_DOCUMENT_HASH', 'abc', 'must be the hex SHA-256'],
  ['MEDIC_APPROVERS', '@ana', 'must be Slack user ids'],
  ['MEDIC_SLACK_TEAM', 'acme', 'must be the id of a Slack workspace or enterprise'],
  ['MEDIC_SLACK_TEAM', '', 'must be the id of a Slack workspace or enterprise'],
  ['MEDIC_ALARM_TARGETS', 'checkout', 'must be JSON'],
  ['MEDIC_ALARM_TARGETS', '[{"alarm":"a"}]', 'must have exactly one of instanceIds, tag'],
  ['MEDIC_ALARM_TARGETS', '[{"alarm":"a","instanceIds":["; reboot"]}]', 'must be instance ids'],
  ['MEDIC_SAMPLE_SECONDS', '61', 'MEDIC_SAMPLE_SECONDS'],
  ['MEDIC_COMMAND_TIMEOUT_SECONDS', '10', 'MEDIC_COMMAND_TIMEOUT_SECONDS'],
] as const)('%s=%s is refused in one sentence', (name, value, sentence) => {
  vi.stubEnv(name, value);
  expect(() => readEnvironment(name)).toThrow(sentence);
  expect(() => readEnvironment(name)).toThrow(/^The environment of this function is not usable: [^\n]*\.$/);
});

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:conntrack-medic/slack';

test.each([
  [{ MEDIC_SLACK_SECRET: ARN }, { arn: ARN }],
  [{ MEDIC_SLACK_BOT_TOKEN: 'xoxb-1' }, { plain: { botToken: 'xoxb-1' } }],
])('the Slack secret is where %o says', (variables, where) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  expect(readSlackSecret()).toEqual(where);
});

test.each([
  [{ MEDIC_SIGNING_SECRET: ARN }, { arn: ARN }],
  [{ MEDIC_SLACK_SIGNING_SECRET: 's' }, { plain: { signingSecret: 's' } }],
])('the signing secret is where %o says', (variables, where) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  expect(readSigningSecret()).toEqual(where);
});

test.each([
  ['no Slack secret', {}, readSlackSecret, 'either MEDIC_SLACK_SECRET or MEDIC_SLACK_BOT_TOKEN'],
  [
    'two Slack secrets',
    { MEDIC_SLACK_BOT_TOKEN: 'hidden', MEDIC_SLACK_SECRET: ARN },
    readSlackSecret,
    'either MEDIC_SLACK_SECRET or MEDIC_SLACK_BOT_TOKEN',
  ],
  ['no signing secret', {}, readSigningSecret, 'either MEDIC_SIGNING_SECRET or MEDIC_SLACK_SIGNING_SECRET'],
  [
    'two signing secrets',
    { MEDIC_SLACK_SIGNING_SECRET: 'hidden', MEDIC_SIGNING_SECRET: ARN },
    readSigningSecret,
    'either MEDIC_SIGNING_SECRET or MEDIC_SLACK_SIGNING_SECRET',
  ],
] as const)('%s is refused without being said', (_what, variables, read, sentence) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  expect(read).toThrow(sentence);
  expect(read).not.toThrow('hidden');
});
