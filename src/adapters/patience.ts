/** For how long a client of AWS waits, and how often it asks. Without it the SDK waits for ever for who stays silent. */
export interface Patience {
  /** For a connection, in milliseconds. */
  readonly connectionMs: number;
  /** For an answer once there is one, and within the answer for its next bytes, in milliseconds. */
  readonly answerMs: number;
  /** The first one counts. */
  readonly maxAttempts: number;
}

/** For services that answer within a second or two; a function that asks has minutes. */
export const PATIENT: Patience = { connectionMs: 2000, answerMs: 10_000, maxAttempts: 3 };

/** For the record and what starts a workflow: a function that takes in alarms or clicks has seconds. */
export const PROMPT: Patience = { connectionMs: 2000, answerMs: 5000, maxAttempts: 3 };

/** The ends of every wait, in milliseconds, as the SDK's handler of requests takes them. */
interface Timeouts {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly socketTimeout: number;
  readonly throwOnRequestTimeout: true;
}

/**
 * The settings of a client of AWS, with an end to every wait; its own `maxAttempts` stays. What takes longer fails as a
 * `TimeoutError`, of which nobody knows whether the service did what it was asked.
 */
export function withPatience<T extends object>(
  settings: T,
  { connectionMs, answerMs, maxAttempts }: Patience = PATIENT,
): T & { readonly requestHandler: Timeouts } {
  const own =
    'requestHandler' in settings && typeof settings.requestHandler === 'object'
      ? settings.requestHandler
      : {};
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
  };
}
