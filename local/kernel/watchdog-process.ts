import { type LabProcess, nodeCommand, ProcessEndedError, startProcess } from './lab-process.ts';

/** The lock lies on the very value that the lab changes: nothing to clean up, and the kernel frees it with its holder. */
const LOCKED_FILE = '/proc/sys/net/nf_conntrack_max';
const LOCKED = 75;

/**
 * Starts the detached process that holds the lock and restores the machine when this process ends, however it ends.
 * What an earlier lab left behind is repaired first.
 * @throws Error when another lab runs on this machine
 */
export async function startWatchdog(): Promise<LabProcess & { repaired: boolean }> {
  const lock = ['flock', '--nonblock', '--conflict-exit-code', String(LOCKED), LOCKED_FILE];
  try {
    const watchdog = await startProcess([...lock, ...nodeCommand('watchdog.ts')], { detached: true });
    return { ...watchdog, repaired: watchdog.firstLine === 'repaired' };
  } catch (error) {
    if (error instanceof ProcessEndedError && error.code === LOCKED)
      throw new Error('Another kernel demo runs on this machine; wait until it has ended.', { cause: error });
    throw error;
  }
}
