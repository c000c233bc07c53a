import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NONCE, shipped } from './scripts.ts';
import { type Finished, run } from './shells.ts';
import { temporaryDirectory } from './temporary.ts';

export interface CollectedSection {
  readonly status: string;
  readonly uptime: number;
  readonly lines: readonly string[];
}

/** The sections of a collection by `source sample`, read independently of the product's own parser. */
export function sectionsOf(output: string): Map<string, CollectedSection> {
  const sections = new Map<string, CollectedSection>();
  const header = new RegExp(
    `^=== medic/1 ${NONCE} ([A-Za-z0-9_-]+) ([01-]) (ok|missing|denied|timeout|truncated) (\\d+\\.\\d+)$`,
  );
  let lines: string[] = [];
  for (const line of output.split('\n')) {
    const [, source, sample, status, uptime] = header.exec(line) ?? [];
    if (source === undefined || status === undefined) {
      lines.push(line);
      continue;
    }
    lines = [];
    sections.set(`${source} ${sample}`, { status, uptime: Number(uptime), lines });
  }
  // What follows the last line feed is no line.
  lines.pop();
  return sections;
}

/** A file that holds the collector as the agent would run it. */
export async function collectorFile(sampleSeconds = '2'): Promise<string> {
  const path = join(await temporaryDirectory(), 'collect.sh');
  await writeFile(path, shipped('medic-collect', { nonce: NONCE, sampleSeconds }));
  return path;
}

/** Runs the collector on this machine as it is. */
export async function collect(
  shell: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return run([...shell, await collectorFile()], environment);
}
