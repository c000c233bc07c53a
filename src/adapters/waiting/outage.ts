/** Refusals of AWS that only say that it is asked too much at this moment. */
const THROTTLES: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** What a failed call of the AWS SDK tells beside its message. */
interface Failure {
  readonly name: string;
  /** Of a connection that failed: `ECONNRESET` and the like. */
  readonly code?: string | number;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * Whether a call of AWS failed because the service, or the way to it, is away for now: a connection that failed, an answer
 * that did not come in time, a fault of the service itself or a throttle. Anything else stays as it is when it is asked again.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, $metadata }: Failure = error;
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 500 || name === 'TimeoutError' || THROTTLES.has(name) || /^E[A-Z_]+$/.test(String(code));
}
