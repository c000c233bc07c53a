import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { newAwsKey } from '../../local/aws-key.ts';
import { MEDIC_FUNCTIONS } from '../../local/lambda-host/functions.ts';
import { startLambdaHost } from '../../local/lambda-host/start.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-host-test-'));
  await writeFile(
    join(folder, 'intake.mjs'),
    `import { writeFileSync } from 'node:fs';
     writeFileSync(${JSON.stringify(join(folder, 'seen.json'))},
       JSON.stringify({ pid: process.pid, table: process.env.MEDIC_TABLE, lambda: process.env.AWS_ENDPOINT_URL_LAMBDA, secret: process.env.NOT_GIVEN }));
     export const handler = async () => { throw new Error('nobody waits for this'); };`,
  );
  for (const { bundle } of MEDIC_FUNCTIONS.filter((hosted) => hosted.bundle !== 'intake.mjs'))
    await writeFile(join(folder, bundle), 'export const handler = async () => "ok";');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function seen(): Promise<{ pid: number; table: string; lambda: string; secret?: string }> {
  for (;;) {
    const text = await readFile(join(folder, 'seen.json'), 'utf8').catch(() => '');
    if (text.endsWith('}')) return JSON.parse(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function hasEnded(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
}

test('the Lambda process gives the bundles their own environment and tells of failures that nobody waits for', async () => {
  const key = newAwsKey();
  vi.stubEnv('NOT_GIVEN', 'stays here');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const failures: string[] = [];
  const host = await startLambdaHost({
    bundles: folder,
    logFile: join(folder, 'lambda.log'),
    environment: {
      MEDIC_TABLE: 'given',
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    },
    onFailure: (name, why) => failures.push(`${name}: ${why}`),
  });
  const { pid, ...environment } = await seen();
  expect(environment).toEqual({ table: 'given', lambda: host.lambdaUrl });
  const client = new LambdaClient({
    endpoint: host.lambdaUrl,
    region: 'eu-central-1',
    credentials: { ...key },
  });
  const { StatusCode } = await client.send(
    new InvokeCommand({ FunctionName: 'medic-intake:live', InvocationType: 'Event', Payload: '{}' }),
  );
  expect(StatusCode).toBe(202);
  await expect.poll(() => failures).toEqual(['medic-intake: Error: nobody waits for this']);
  await host.close();
  expect(isRunning(pid)).toBe(false);
});

test('a bundle that does not load is reported with its own words', async () => {
  await writeFile(join(folder, 'slack.mjs'), 'throw new Error("MEDIC_SLACK_CHANNEL is not set");');
  const starting = startLambdaHost({
    bundles: folder,
    logFile: join(folder, 'lambda.log'),
    environment: {},
    onFailure: () => {},
  });
  await expect(starting).rejects.toThrow('MEDIC_SLACK_CHANNEL is not set');
});

test('the Lambda process ends when the demo is killed with SIGKILL', async () => {
  const script = fileURLToPath(new URL('local-host-parent.ts', import.meta.url));
  const parent = spawn(process.execPath, ['--import', 'tsx', script, folder, join(folder, 'lambda.log')]);
  const { pid } = await seen();
  expect(isRunning(pid)).toBe(true);
  parent.kill('SIGKILL');
  await hasEnded(pid);
});
