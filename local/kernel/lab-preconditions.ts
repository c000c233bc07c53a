import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { counted } from '../../src/core/words.ts';
import { readCount } from './kernel-values.ts';
import { checkTools } from './lab-tools.ts';

/** More tracked connections than this and the machine is somebody's server, not a machine to try faults on. */
const MAX_OWN_ENTRIES = 2000;

/**
 * Checks that the lab can run here, before anything is changed.
 * @throws Error with one sentence on what is missing
 */
export async function checkPreconditions(): Promise<void> {
  if (process.platform !== 'linux')
    throw new Error('The kernel demo needs Linux; run it without --kernel here.');
  if (process.getuid?.() !== 0)
    throw new Error(
      'The kernel demo changes kernel values and needs root; run it without --kernel otherwise.',
    );
  await checkTools();
  if (!existsSync('/proc/sys/net/nf_conntrack_max'))
    throw new Error(
      'This is not the initial network namespace, or nf_conntrack is not loaded (modprobe nf_conntrack): the kernel demo cannot run here.',
    );
}

/**
 * Checks that this machine tracks hardly any connections itself. Entries of a lab that was just repaired take a moment
 * to go.
 * @throws Error with one sentence when it does
 */
export async function checkIsIdle(): Promise<void> {
  for (let tries = 0; tries < 10 && readCount() > MAX_OWN_ENTRIES; tries += 1) await sleep(500);
  const count = readCount();
  if (count > MAX_OWN_ENTRIES)
    throw new Error(
      `This machine tracks ${counted(count, 'connection')} of its own; the kernel demo is meant for a throwaway machine and stops here.`,
    );
}
