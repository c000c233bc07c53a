import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenLocally } from '../../local/http-server.ts';
import { blockActionsPayload, signatureOf } from '../../local/slack/interactions.ts';
import { APPROVER } from '../../local/slack/people.ts';
import type { Patient } from './support/patient.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1]);
});
afterAll(() => scenario.close());

/** What the function URL hands the Slack function for a click on this button. */
async function clickEvent(it: Patient, actionId: string): Promise<object> {
  const { slack, signingSecret } = it.service;
  const ts = (await it.head()).card?.message ?? '';
  const blocks = slack.workspace.message(ts)?.attachments.flatMap((attachment) => attachment.blocks) ?? [];
  const block = blocks.find((one) => JSON.stringify(one).includes(`"${actionId}"`));
  const click = { ts, blockId: block?.block_id ?? '', actionId };
  const payload = blockActionsPayload(slack.workspace, APPROVER, click, `${slack.url}/respond`);
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signatureOf(signingSecret, timestamp, body),
  };
  return { headers, body, isBase64Encoded: false, requestContext: { http: { method: 'POST' } } };
}

/** Runs the built Slack function in a process of its own that is killed when it is about to wake the workflow. */
async function clickAndDie(it: Patient): Promise<NodeJS.Signals | null> {
  let child: ChildProcess | undefined;
  const lambda = await listenLocally(async () => {
    child?.kill('SIGKILL');
  });
  const bundle = pathToFileURL('dist/lambdas/slack.mjs').href;
  const event = JSON.stringify(await clickEvent(it, 'medic.apply-one'));
  const context = JSON.stringify({
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:f',
  });
  const script = `const { handler } = await import('${bundle}'); await handler(${event}, ${context});`;
  child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], ...it.service.environment, AWS_ENDPOINT_URL_LAMBDA: lambda.url },
    stdio: 'ignore',
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    child?.once('exit', (_code, by) => resolve(by));
  });
  await lambda.close();
  return signal;
}

test('a click whose function was killed after it stored the decision is carried out all the same, once', async () => {
  const it = scenario.take(1);
  await it.fallIll();
  await until(
    async () => (await it.buttons()).includes('apply-one'),
    () => 'The card has no button.',
  );
  expect(await clickAndDie(it)).toBe('SIGKILL');
  expect((await it.head()).decisions).toMatchObject([{ kind: 'apply-one' }]);
  await it.service.reconcile();
  await it.reach('resolved');
  await it.cardSays('Verified');
  expect(it.nodes[0]?.times('medic-raise')).toBe(1);
});
