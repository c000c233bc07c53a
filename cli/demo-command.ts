import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const DEMO = fileURLToPath(new URL('../local/demo.ts', import.meta.url));

/** `medic demo`: the same program as `npm run demo`, with the same options. */
export async function runDemoCommand(options: readonly string[]): Promise<void> {
  const loader = import.meta.resolve('tsx');
  const demo = spawn(process.execPath, ['--import', loader, DEMO, ...options], { stdio: 'inherit' });
  // The terminal sends its signals to the demo as well, which cleans up; this process waits for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => demo.kill(signal));
  const [status] = (await once(demo, 'exit')) as [number | null];
  process.exitCode = status ?? 1;
}
