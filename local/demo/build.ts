import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs the build, as `npm run build` does, unless nothing has changed since the last one: what the demo shows is what
 * would be deployed.
 * @param interrupted fires when nobody waits for it any more; it is ended then
 * @throws with the build's own words when it fails, without where in its code that was
 */
export async function buildForDemo(interrupted?: AbortSignal): Promise<void> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const build = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), 'build/if-changed.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: interrupted,
  });
  let said = '';
  for (const stream of [build.stdout, build.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    build.once('error', reject);
    build.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The build failed:\n${wordsOf(said)}`);
}

/** Longest part of what a failed build said that is shown: its end, where the reason is. */
const SAID_CHARS = 2000;

/** What went wrong, where the bundler says so in lines of its own; else all but the places in code that it passed through. */
function wordsOf(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !/^\s*at /.test(line));
  const errors = lines.filter((line) => /^\S+:\d+:\d+: ERROR: /.test(line));
  return [...new Set(errors.length > 0 ? errors : lines)].join('\n').slice(-SAID_CHARS);
}
