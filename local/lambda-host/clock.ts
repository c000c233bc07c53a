import { AsyncLocalStorage } from 'node:async_hooks';
import * as z from 'zod';
import { allowCompressed } from '../aws-key.ts';

/** How far the clock of whoever runs now is behind, in milliseconds. */
const behind = new AsyncLocalStorage<number>();
let isInstalled = false;

/**
 * Runs something, and all that it waits for, on a clock that is behind this machine's: a day that a demo compresses is past for
 * whoever looks at it, and everybody else in this process keeps the present.
 * @param behindMs milliseconds; 0 is the machine's own clock
 */
export function onClockBehind<T>(behindMs: number, run: () => T): T {
  if (behindMs === 0) return isInstalled ? behind.run(0, run) : run();
  if (!isInstalled) {
    const { now } = Date;
    Date.now = () => now() - (behind.getStore() ?? 0);
    isInstalled = true;
    allowCompressed(behindMs);
  }
  return behind.run(behindMs, run);
}

/** What a caller says of itself in the client context of an invocation (Lambda API reference, Invoke). */
const Clocked = z.object({ custom: z.object({ behindMs: z.coerce.number().int().min(0) }) });

/** The client context that asks for a clock which is so far behind. */
export const clockContext = (behindMs: number): string =>
  Buffer.from(JSON.stringify({ custom: { behindMs: String(behindMs) } })).toString('base64');

/** How far the clock is behind that a client context asks for; 0 where it asks for none. */
export function behindOf(clientContext: string | undefined): number {
  if (clientContext === undefined) return 0;
  try {
    return Clocked.parse(JSON.parse(Buffer.from(clientContext, 'base64').toString('utf8'))).custom.behindMs;
  } catch {
    return 0;
  }
}
