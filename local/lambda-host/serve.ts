import type { Handler } from 'aws-lambda';
import { DurableRuntime } from './durable-runtime.ts';
import { startFunctionUrl } from './function-url.ts';
import { ALIAS, type HostedFunction, loadFunctions, MEDIC_FUNCTIONS } from './functions.ts';
import { startLambdaEndpoint, type Throttled } from './lambda-endpoint.ts';

/**
 * Loads the built bundles from the folder that this process was started with, and serves the Lambda API and the function
 * URLs of Slack and of the webhook. The handlers' environment is this process's own.
 * @throws when it was not forked, or a bundle does not load
 */
export async function serve(): Promise<void> {
  const [bundleFolder, waitSecondMs] = process.argv.slice(2);
  if (bundleFolder === undefined || waitSecondMs === undefined || process.send === undefined) {
    throw new Error('This process is started by local/lambda-host/start.ts.');
  }
  // Ctrl-C reaches the whole process group; the parent ends this process when it has finished with it.
  process.on('SIGINT', () => {});

  const invocable = new Map<string, Handler>();
  const runtime = new DurableRuntime(invocable, Number(waitSecondMs));
  await runtime.open();
  let functions: readonly HostedFunction[] = [];
  const onFailure = (functionName: string, why: string) =>
    process.send?.({ kind: 'failure', functionName, why });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env;
  const key = { accessKeyId, secretAccessKey };
  let throttled: Throttled | undefined;
  process.on('message', (message: { readonly throttle: Throttled | null }) => {
    throttled = message.throttle ?? undefined;
    process.send?.({ kind: 'throttling' });
  });
  const lambda = await startLambdaEndpoint({
    key,
    functions: () => functions,
    runtime,
    onFailure,
    throttled: () => throttled,
  });
  const urlOf = (wanted: string) =>
    startFunctionUrl(() => functions.find(({ name }) => name === wanted), onFailure);
  const [slack, webhook] = [await urlOf('medic-slack'), await urlOf('medic-webhook')];

  // The SDK's own variable, set before the bundles build their clients.
  process.env['AWS_ENDPOINT_URL_LAMBDA'] = lambda.url;
  functions = await loadFunctions(bundleFolder, MEDIC_FUNCTIONS);
  for (const hosted of functions) {
    if (hosted.kind === 'plain') invocable.set(`${hosted.name}:${ALIAS}`, hosted.handler);
  }
  process.send({ kind: 'ready', lambdaUrl: lambda.url, slackUrl: slack.url, webhookUrl: webhook.url });
}
