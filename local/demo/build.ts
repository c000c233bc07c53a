import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs the build, as `npm run build` does, unless nothing has changed since the last one: what the demo shows is what
 * would be deployed.
 * @param interrupted fires when nobody waits for it any more; it is ended then
 * @throws with the build's own words when it fails
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
  if (code !== 0) throw new Error(`The build failed:\n${said.slice(-2000)}`);
}
