import { setTimeout as sleep } from 'node:timers/promises';

/** How long anything may take before a test gives up. */
const WAIT_MS = 60_000;

/** Waits until something is true. @throws with `why` when it does not become true in time */
export async function until(isTrue: () => boolean | Promise<boolean>, why: () => string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(why());
    await sleep(50);
  }
}
