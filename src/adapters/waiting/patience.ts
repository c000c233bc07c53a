import { withMembers } from '../with-members.ts';

/** For how long a client of AWS waits, and how often it asks. Without it the SDK waits for ever for who stays silent. */
export interface Patience {
  /** For a connection, in milliseconds. */
  readonly connectionMs: number;
  /** For an answer once there is one, and within the answer for its next bytes, in milliseconds. */
  readonly answerMs: number;
  /** The first one counts. */
  readonly maxAttempts: number;
  /** For all attempts and the pauses between them, in milliseconds: none is begun that could end later. */
  readonly totalMs: number;
}

/** For services that answer within a second or two; a function that asks has minutes. */
export const PATIENT: Patience = { connectionMs: 2000, answerMs: 10_000, maxAttempts: 3, totalMs: 26_000 };

/** For the record and what starts a workflow: a function that takes in alarms or clicks has seconds. */
export const PROMPT: Patience = { connectionMs: 2000, answerMs: 5000, maxAttempts: 3, totalMs: 14_000 };

/** For what a click waits for, in a function that has ten seconds. */
export const CLICK: Patience = { connectionMs: 1000, answerMs: 2000, maxAttempts: 2, totalMs: 7000 };

/** The ends of every wait, in milliseconds, as the SDK's handler of requests takes them. */
interface Timeouts {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly socketTimeout: number;
  readonly throwOnRequestTimeout: true;
}

/** What a client lets an extension change of how it asks again. */
interface RetryConfiguration {
  retryStrategy(): () => Promise<object>;
  setRetryStrategy(strategy: never): void;
}

/**
 * The settings of a client of AWS, with an end to every wait and to all of them together; its own `maxAttempts` stays. What
 * takes longer fails as a `TimeoutError`, of which nobody knows whether the service did what it was asked.
 */
export function withPatience<T extends object>(
  settings: T,
  { connectionMs, answerMs, maxAttempts, totalMs }: Patience = PATIENT,
): T & {
  readonly requestHandler: Timeouts;
  readonly extensions: { configure(of: RetryConfiguration): void }[];
} {
  const own =
    'requestHandler' in settings && typeof settings.requestHandler === 'object'
      ? settings.requestHandler
      : {};
  const latestMs = totalMs - connectionMs - answerMs;
  return {
    maxAttempts,
    ...settings,
    requestHandler: {
      ...own,
      connectionTimeout: connectionMs,
      requestTimeout: answerMs,
      socketTimeout: answerMs,
      // Without this the SDK writes a warning after the time and waits on.
      throwOnRequestTimeout: true,
    },
    extensions: [
      {
        configure(client) {
          const strategy = client.retryStrategy();
          let bounded: object | undefined;
          client.setRetryStrategy((async () => (bounded ??= until(latestMs, await strategy()))) as never);
        },
      },
    ],
  };
}

/** The same strategy of a client, which begins no attempt after so many milliseconds. */
function until<S extends object>(latestMs: number, strategy: S): S {
  const begun = new WeakMap<object, number>();
  const noted = (token: object, at: number) => {
    begun.set(token, at);
    return token;
  };
  const replaced: Readonly<Record<string, (...args: readonly never[]) => Promise<object>>> = {
    acquireInitialRetryToken: async (...args) => {
      const at = Date.now();
      return noted(await called(strategy, 'acquireInitialRetryToken', args), at);
    },
    refreshRetryTokenForRetry: async (...args) => {
      const at = begun.get(args[0] ?? {}) ?? Date.now();
      // The strategy has paused when this returns; the client then fails with what the last attempt failed with.
      const token = await called(strategy, 'refreshRetryTokenForRetry', args);
      if (Date.now() - at > latestMs) throw new Error('No time is left for another attempt.');
      return noted(token, at);
    },
  };
  return withMembers(strategy, replaced);
}

async function called(strategy: object, method: string, args: readonly never[]): Promise<object> {
  const member: unknown = Reflect.get(strategy, method);
  if (typeof member !== 'function') throw new Error(`The retry strategy of the SDK has no ${method}.`);
  return (await member.apply(strategy, args)) as object;
}

/**
 * The settings of a client of Slack's Web API, with the same ends to its waits. Where Slack is asked too much it says how long
 * to wait, and the call fails with that at once.
 */
export function slackPatience({ answerMs, maxAttempts, totalMs }: Patience): {
  readonly timeout: number;
  readonly retryConfig: { readonly retries: number; readonly maxRetryTime: number };
  readonly rejectRateLimitedCalls: true;
  readonly allowAbsoluteUrls: false;
} {
  return {
    timeout: answerMs,
    retryConfig: { retries: maxAttempts - 1, maxRetryTime: totalMs - answerMs },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
  };
}
