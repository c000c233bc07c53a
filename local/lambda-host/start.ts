import { fork } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Throttled } from './lambda-endpoint.ts';
import type { HostOrder } from './serve.ts';

const Message = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ready'),
    lambdaUrl: z.string(),
    slackUrl: z.string(),
    webhookUrl: z.string(),
  }),
  z.object({ kind: z.literal('throttling') }),
  z.object({ kind: z.literal('deployed'), why: z.string() }),
  z.object({ kind: z.literal('failure'), functionName: z.string(), why: z.string() }),
]);

/** The running Lambda process. */
export interface LambdaHost {
  /** Where `@aws-sdk/client-lambda` finds the Lambda API. */
  readonly lambdaUrl: string;
  /** Function URL of the Slack handler: where Slack sends interactions. */
  readonly slackUrl: string;
  /** Function URL of the webhook: where monitoring systems send alerts. */
  readonly webhookUrl: string;
  /** Has the service turn calls of this kind away from now on, or with nothing none. */
  throttle(what: Throttled | undefined): Promise<void>;
  /**
   * Puts functions of another build behind the alias, as a deployment does: executions that run go on with theirs.
   * @param bundles folder of the build; another one than before
   * @throws Error when a bundle does not load
   */
  deploy(bundles: string, environment: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** How to start it. */
export interface LambdaHostOptions {
  /** Folder with the built `*.mjs`. */
  readonly bundles: string;
  /** Environment of the handlers: the MEDIC_ variables and the SDK's own; nothing else is passed on but PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long a second of a wait of a durable function takes, in milliseconds; 1000 unless told. */
  readonly waitSecondMs?: number;
  /** File that gets everything the handlers log. */
  readonly logFile: string;
  /** Told of asynchronous invocations that failed. */
  readonly onFailure: (functionName: string, why: string) => void;
}

/**
 * Starts the Lambda process and waits until the bundles are loaded.
 * @throws one sentence with the end of its log when it dies first
 */
export async function startLambdaHost(options: LambdaHostOptions): Promise<LambdaHost> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const child = fork(
    fileURLToPath(new URL('main.mjs', import.meta.url)),
    [options.bundles, String(options.waitSecondMs ?? 1000)],
    {
      execArgv: [],
      env: { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const log = createWriteStream(options.logFile, { flags: 'a' });
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      tail = (tail + chunk.toString('utf8')).slice(-20_000);
    });
  }
  // Its last words arrive after 'exit'.
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await closed;
    log.end();
  };
  let isThrottling = () => {};
  let isDeployed = (_why: string) => {};
  const order = (what: HostOrder) => child.send(what);
  const urls = await new Promise<Pick<LambdaHost, 'lambdaUrl' | 'slackUrl' | 'webhookUrl'>>(
    (resolve, reject) => {
      child.on('message', (message) => {
        const parsed = Message.parse(message);
        if (parsed.kind === 'ready') resolve(parsed);
        else if (parsed.kind === 'throttling') isThrottling();
        else if (parsed.kind === 'deployed') isDeployed(parsed.why);
        else options.onFailure(parsed.functionName, parsed.why);
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        reject(
          new Error(`The Lambda process ended with code ${code} before it was ready: ${lastWords(tail)}`),
        );
      });
    },
  );
  const { lambdaUrl, slackUrl, webhookUrl } = urls;
  const throttle = async (what: Throttled | undefined) => {
    await new Promise<void>((resolve) => {
      isThrottling = resolve;
      order({ throttle: what ?? null });
    });
  };
  const deploy = async (bundles: string, environment: Readonly<Record<string, string>>) => {
    const why = await new Promise<string>((resolve) => {
      isDeployed = resolve;
      order({ deploy: bundles, environment });
    });
    if (why !== '') throw new Error(`The functions in ${bundles} could not be deployed: ${why}`);
  };
  return { lambdaUrl, slackUrl, webhookUrl, throttle, deploy, close };
}

/** The end of a log without minified source, which Node prints whole when a bundle throws. */
function lastWords(tail: string): string {
  const lines = tail.split('\n').filter((line) => line.trim() !== '' && line.length < 300);
  return lines.slice(-12).join('\n');
}
