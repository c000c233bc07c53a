import type { Handler } from 'aws-lambda';
import { DurableRuntime } from './durable-runtime.ts';
import { startFunctionUrl } from './function-url.ts';
import { ALIAS, type HostedFunction, loadFunctions, MEDIC_FUNCTIONS } from './functions.ts';
import { startLambdaEndpoint, type Throttled } from './lambda-endpoint.ts';

/** What the parent may ask for while it runs. */
export type HostOrder =
  | { readonly throttle: Throttled | null }
  | { readonly deploy: string; readonly environment: Readonly<Record<string, string>> };

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
  /** What has begun goes on with the functions that it began with; every call from now on reaches these. */
  const deploy = async (bundles: string) => {
    functions = await loadFunctions(bundles, MEDIC_FUNCTIONS);
    for (const { name } of functions) {
      invocable.set(`${name}:${ALIAS}`, (event, context, callback) => {
        const hosted = functions.find((one) => one.name === name);
        if (hosted?.kind !== 'plain') throw new Error(`${name} cannot be invoked from an execution.`);
        return hosted.handler(event, context, callback);
      });
    }
  };
  process.on('message', (message: HostOrder) => {
    if ('throttle' in message) {
      throttled = message.throttle ?? undefined;
      process.send?.({ kind: 'throttling' });
      return;
    }
    // Bundles read it when they are loaded, so those of before keep what they read.
    Object.assign(process.env, message.environment);
    deploy(message.deploy).then(
      () => process.send?.({ kind: 'deployed', why: '' }),
      (error: unknown) => process.send?.({ kind: 'deployed', why: String(error) }),
    );
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
  await deploy(bundleFolder);
  process.send({ kind: 'ready', lambdaUrl: lambda.url, slackUrl: slack.url, webhookUrl: webhook.url });
}
