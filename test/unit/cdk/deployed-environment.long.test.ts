import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalServer } from '../../../local/http-server.ts';
import { startResponder } from '../adapters/support.ts';
import { exampleConfig, flat, HUB, OUTPUT, SPOKE, templateOf } from './support.ts';

const run = promisify(execFile);
const LOADER = 'const { handler } = await import(process.argv[1]); console.log(typeof handler);';
const SECRETS = { botToken: 'xoxb-1', signingSecret: 'k'.repeat(32), webhookSecret: 'sixteen-characters' };

const functions = Object.values(
  templateOf(
    exampleConfig({ ...HUB, slackTeam: 'T0123456789', spokes: [SPOKE], commandOutput: OUTPUT }),
  ).findResources('AWS::Lambda::Function'),
).map(({ Properties }) => ({
  handler: String(Properties.Handler),
  variables: Object.entries<unknown>(Properties.Environment.Variables).map(([name, value]) => [
    name,
    deployed(flat(value)),
  ]),
}));

/** A value as CloudFormation would fill it in. */
function deployed(text: string): string {
  return text
    .replaceAll('<AWS::Partition>', 'aws')
    .replaceAll(
      /<Medic\w+FunctionAliaslive\w+>/g,
      `arn:aws:lambda:${HUB.region}:${HUB.account}:function:f:live`,
    )
    .replaceAll(/<(\w+)>/g, (_, id: string) => id.toLowerCase());
}

let secretsManager: LocalServer;
beforeAll(async () => {
  const body = { Name: 'slack', SecretString: JSON.stringify(SECRETS) };
  secretsManager = await startResponder(() => ({ status: 200, body }));
});
afterAll(() => secretsManager.close());

describe('with the environment that the stack gives it', () => {
  it.each(functions)('$handler loads from its bundle and is a function', async ({ handler, variables }) => {
    const [bundle = '', name] = handler.split('.');
    expect(name).toBe('handler');
    const { stdout } = await run(
      process.execPath,
      ['--input-type=module', '--eval', LOADER, resolve(`dist/lambdas/${bundle}.mjs`)],
      {
        env: {
          AWS_REGION: HUB.region,
          AWS_ACCESS_KEY_ID: 'local',
          AWS_SECRET_ACCESS_KEY: 'local',
          AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
          ...Object.fromEntries(variables),
        },
      },
    );
    expect(stdout.trim()).toBe('function');
  });
});
