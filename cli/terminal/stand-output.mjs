// @ts-check
import { printable } from '../../src/core/printable.mjs';

/** Exit status where what was to be printed is lost. */
const LOST = 2;

/**
 * Lives with a standard output that takes nothing more. A reader that has seen enough, such as `head`, is no news: the
 * command ends with its own status. A full disk or any other failure is told in one sentence. Where standard error fails
 * nobody is left to be told.
 *
 * @param {Pick<NodeJS.Process, 'stdout' | 'stderr' | 'exitCode'>} streams
 */
export function standOutput(streams) {
  streams.stderr.on('error', () => {});
  streams.stdout.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code === 'EPIPE') return;
    const reason = printable(error.message);
    streams.stderr.write(`medic: Standard output can not be written (${reason}); the answer is lost.\n`);
    streams.exitCode = LOST;
  });
}
