import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listenLocally } from '../../http-server.ts';
import { blockActionsPayload, type Click, signatureOf } from '../../slack/interactions.ts';
import { APPROVER } from '../../slack/people.ts';
import type { LocalService } from '../service.ts';

const BUNDLE = fileURLToPath(new URL('../../../dist/lambdas/slack.mjs', import.meta.url));
const CONTEXT = { invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:f' };

/** What of the service such a click needs. */
type Clickable = Pick<LocalService, 'slack' | 'signingSecret' | 'environment'>;

/**
 * Clicks as the approver, and has the built Slack function, in a process of its own, killed when it is about to wake the
 * workflow: by then the decision is stored, and nobody knows of it.
 * @throws one sentence when it was not killed, so that nothing is shown by what follows
 */
export async function clickAndKill(service: Clickable, click: Click): Promise<void> {
  let child: ChildProcess | undefined;
  const lambda = await listenLocally(async () => {
    child?.kill('SIGKILL');
  });
  try {
    const call = `await handler(${JSON.stringify(eventOf(service, click))}, ${JSON.stringify(CONTEXT)});`;
    const script = `const { handler } = await import(${JSON.stringify(pathToFileURL(BUNDLE).href)}); ${call}`;
    const env = { PATH: process.env['PATH'], ...service.environment, AWS_ENDPOINT_URL_LAMBDA: lambda.url };
    child = spawn(process.execPath, ['--input-type=module', '-e', script], { env, stdio: 'ignore' });
    const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
      child?.once('error', reject);
      child?.once('exit', (_code, by) => resolve(by));
    });
    if (signal !== 'SIGKILL') throw new Error('The Slack function ended before it woke anybody.');
  } finally {
    await lambda.close();
  }
}

/** What the function URL hands the Slack function for a click. */
function eventOf({ slack, signingSecret }: Clickable, click: Click): object {
  const payload = blockActionsPayload(slack.workspace, APPROVER, click, `${slack.url}/respond`);
  if (payload === undefined) throw new Error('That button is not on the message any more.');
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signatureOf(signingSecret, timestamp, body),
  };
  return { headers, body, isBase64Encoded: false, requestContext: { http: { method: 'POST' } } };
}
