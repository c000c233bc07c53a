/** How many calls of a method Slack takes, and how many at once. */
interface Limit {
  /** Between two calls, in seconds. */
  readonly every: number;
  /** Calls beyond that which are taken all the same when none came before them. */
  readonly burst: number;
  /** Whether each channel has a limit of its own. */
  readonly isPerChannel: boolean;
}

/** 50 calls a minute, where bursts are welcome. */
const TIER_3: Limit = { every: 1.2, burst: 20, isPerChannel: false };

/**
 * One message a second and channel with short bursts, and each method of tier 3 by itself (docs.slack.dev, rate limits; the
 * references of the methods name their tier). How large a burst may be Slack does not say.
 */
const LIMITS: Readonly<Record<string, Limit>> = {
  'chat.postMessage': { every: 1, burst: 3, isPerChannel: true },
  'chat.update': TIER_3,
  'conversations.history': TIER_3,
  'conversations.replies': TIER_3,
};

/** Slack's limits on how often an app may call, as this workspace holds them. */
export class RateLimits {
  readonly #secondMs: number;
  /** When all calls so far would have been made at the limit's own pace, in milliseconds, by method and channel. */
  readonly #paidUntil = new Map<string, number>();

  /** Calls that were one too many. */
  refused = 0;

  /** @param secondMs length of a second of these limits, in milliseconds */
  constructor(secondMs: number) {
    this.#secondMs = secondMs;
  }

  /** @returns the seconds of `Retry-After` where the call is one too many; nothing where it is taken */
  refuse(method: string, channel: string, now: number): number | undefined {
    const limit = Object.hasOwn(LIMITS, method) ? LIMITS[method] : undefined;
    if (limit === undefined) return undefined;
    const key = limit.isPerChannel ? `${method} ${channel}` : method;
    const everyMs = limit.every * this.#secondMs;
    const paidUntil = Math.max(this.#paidUntil.get(key) ?? 0, now);
    const waitMs = paidUntil - limit.burst * everyMs - now;
    if (waitMs > 0) {
      this.refused += 1;
      return Math.ceil(waitMs / 1000);
    }
    this.#paidUntil.set(key, paidUntil + everyMs);
    return undefined;
  }
}
