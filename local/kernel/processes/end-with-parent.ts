/**
 * Ends this process when its parent is gone (stdin closes) and at the latest after the given time, so that nothing that
 * makes load can outlive the lab.
 */
export function endWithParent(seconds: number): void {
  process.stdin.on('close', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
  process.stdout.on('error', () => process.exit(0));
  setTimeout(() => process.exit(0), seconds * 1000).unref();
}
