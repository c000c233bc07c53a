import { spawnSync } from 'node:child_process';
import { isBuildFresh } from '../../../build/freshness.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** Builds `dist/` once before the tests, unless nothing that it is built from has changed since the last build. */
export function setup(): void {
  if (isBuildFresh()) return;
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'build/bundle.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm run build fails, so the unit tests have no bundles: ${stderr}`);
}
