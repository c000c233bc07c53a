import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { counted } from '../../src/core/words.ts';

const Report = z.strictObject({
  at: z.number(),
  requests: z.array(z.strictObject({ startedAt: z.number(), ms: z.number(), ok: z.boolean() })),
});

/** New connections of a user over a stretch of time. */
export interface ClientView {
  readonly attempts: number;
  readonly failures: number;
  /** Milliseconds to open a connection, over the attempts that were answered; undefined when none was. */
  readonly medianMs: number | undefined;
  readonly p99Ms: number | undefined;
}

/** What the live client in the client's namespace has reported so far. */
export class LiveClient {
  readonly #requests: { startedAt: number; ms: number; ok: boolean }[] = [];
  #listeners: (() => void)[] = [];

  /** Takes one line of the client process. */
  add(line: string): void {
    this.#requests.push(...Report.parse(JSON.parse(line)).requests);
    for (const listener of this.#listeners) listener();
  }

  /** The connections that were begun between two times, in milliseconds since the epoch. */
  view(from: number, to: number): ClientView {
    const chosen = this.#requests.filter(({ startedAt }) => startedAt >= from && startedAt < to);
    const times = chosen
      .filter(({ ok }) => ok)
      .map(({ ms }) => ms)
      .sort((a, b) => a - b);
    return {
      attempts: chosen.length,
      failures: chosen.length - times.length,
      medianMs: times[Math.floor((times.length - 1) * 0.5)],
      p99Ms: times[Math.floor((times.length - 1) * 0.99)],
    };
  }

  /** Waits for the first second of answers. @throws Error when connections through the node fail before any fault */
  async firstAnswers(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 6000);
      this.#listeners.push(() => {
        if (this.#requests.length < 10) return;
        clearTimeout(timer);
        resolve();
      });
    });
    this.#listeners = [];
    const { attempts, failures } = this.view(0, Number.POSITIVE_INFINITY);
    if (attempts === 0 || failures > 0)
      throw new Error(
        `${failures} of ${counted(attempts, 'connection')} through the lab failed before the fault was made; a firewall of this machine that drops forwarded packets (Docker sets one) has to go first.`,
      );
  }
}

/** The live client gives up on a connection after this time, so newer attempts are not yet counted. */
export const CLIENT_LAG_MS = 3200;
/** For how long its attempts are looked at, in milliseconds. */
export const WATCH_MS = 5000;
/** For how long a fault may take to be felt. */
const NOTICED_WITHIN_MS = 60_000;
const LOOK_MS = 500;

/** The newest stretch of time in which every attempt has ended. */
export function settledView(client: LiveClient, now: number): ClientView {
  return client.view(now - CLIENT_LAG_MS - WATCH_MS, now - CLIENT_LAG_MS);
}

/**
 * Waits until users notice a fault.
 * @param isNoticed what they see, and when
 * @param otherwise what has not happened by then, as a clause
 * @throws Error with one sentence where nobody notices it within a minute
 */
export async function untilNoticed(
  client: LiveClient,
  isNoticed: (view: ClientView, now: number) => boolean,
  otherwise: string,
): Promise<void> {
  const deadline = Date.now() + NOTICED_WITHIN_MS;
  for (;;) {
    await sleep(LOOK_MS);
    const now = Date.now();
    if (isNoticed(settledView(client, now), now)) return;
    if (now > deadline)
      throw new Error(`${otherwise} within 60 s; this machine is too slow or too busy for the kernel demo.`);
  }
}
