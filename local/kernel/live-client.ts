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
