import { setTimeout as sleep } from 'node:timers/promises';
import { counted } from '../../src/core/words.ts';
import { command } from '../kernel/command.ts';
import { readCount } from '../kernel/kernel-values.ts';

/** Waits until the table holds so many entries. @throws Error when it does not within four minutes */
export async function untilCount(atLeast: number): Promise<void> {
  await until(() => readCount() >= atLeast, `the table never held ${counted(atLeast, 'entry')}`);
}

/** Waits until the table has drained below a number. @throws Error when it does not within four minutes */
export async function untilDrained(below: number): Promise<void> {
  await until(() => readCount() < below, `the table never drained below ${counted(below, 'entry')}`);
}

/**
 * Waits until the table lists UDP entries of a port in a way that is asked for, for a busy machine delays whoever sends.
 * @param isReached judges what `conntrack -L` prints of them
 * @throws Error when it does not within four minutes
 */
export async function untilUdpEntries(
  port: number,
  isReached: (list: string) => boolean,
  failure: string,
): Promise<void> {
  const list = () => command('conntrack', ['-L', '-p', 'udp', '--orig-port-dst', String(port)]);
  await until(async () => isReached(await list()), failure);
}

async function until(
  isReached: () => boolean | Promise<boolean>,
  failure: string,
  seconds = 240,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await isReached())) {
    if (Date.now() > deadline) throw new Error(`Recording failed: ${failure}; it holds ${readCount()}.`);
    await sleep(200);
  }
}
