import { readLabState } from '../lab-state.ts';
import { restoreMachine } from '../restore-machine.ts';

/** Seconds after which the machine is restored even if the demo is still there. */
const LIFETIME_SECONDS = 900;

/**
 * Outlives the demo. It runs in a session of its own under flock, repairs what an earlier lab left, says so, and waits
 * for the end of its stdin: the pipe closes when the demo ends it and also when the demo is killed.
 */
async function main(): Promise<void> {
  process.stdout.on('error', () => undefined);
  const left = readLabState();
  if (left !== undefined) await restoreMachine(left);
  process.stdout.write(left === undefined ? 'ready\n' : 'repaired\n');
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LIFETIME_SECONDS * 1000);
    process.stdin.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    process.stdin.resume();
  });
  const state = readLabState();
  if (state !== undefined) await restoreMachine(state);
  process.exit(0);
}

// A signal to the whole group, as Ctrl-C sends it, must not stop the one process that restores.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
