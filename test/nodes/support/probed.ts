import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProbe } from '../../../src/core/fleet/probe-output.ts';
import type { ProbeReading } from '../../../src/core/fleet/reading.ts';
import { NONCE, shipped } from './scripts.ts';
import { type Finished, run } from './shells.ts';
import { temporaryDirectory } from './temporary.ts';

/** A moment at which a service would have had the probe run. */
const AT = Date.UTC(2026, 10, 20);

/** A file that holds the probe as the agent would run it. */
export async function probeFile(sampleSeconds = '2'): Promise<string> {
  const path = join(await temporaryDirectory(), 'probe.sh');
  await writeFile(path, shipped('medic-probe', { nonce: NONCE, sampleSeconds }));
  return path;
}

/** Runs the probe on this machine as it is. */
export async function probe(
  shell: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return run([...shell, await probeFile()], environment);
}

/**
 * What the service makes of a probe's output.
 * @throws Error where it takes nothing of it
 */
export function readingOf(stdout: string): ProbeReading {
  const read = readProbe(stdout, { nonce: NONCE, at: AT });
  if (!read.isRead) throw new Error(`${read.why}: ${stdout}`);
  return read.reading;
}
