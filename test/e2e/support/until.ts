import { setTimeout as sleep } from 'node:timers/promises';

/** How long anything may take before a test gives up: the timeout of the tests themselves, less the time to say why. */
const WAIT_MS = 150_000;

/** Often enough for people, and seldom enough not to keep a core busy with looking. */
const POLL_MS = 200;

/** Waits until something is true. @throws with `why` when it does not become true in time */
export async function until(isTrue: () => boolean | Promise<boolean>, why: () => string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(why());
    await sleep(POLL_MS);
  }
}
