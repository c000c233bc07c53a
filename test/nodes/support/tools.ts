import { readdirSync, symlinkSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary.ts';

/** A directory that stands first in PATH and holds one tool of our making. */
export async function withTool(name: string, script: string): Promise<{ PATH: string }> {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(directory, name), 0o755);
  return { PATH: `${directory}:${process.env['PATH'] ?? ''}` };
}

/** By the tools that are left out, so that a test file links all others once. */
const made = new Map<string, Promise<{ PATH: string }>>();

/** A PATH on which everything of this machine can be found but the named tools. */
export function withoutTools(...names: readonly string[]): Promise<{ PATH: string }> {
  const key = names.toSorted().join(' ');
  const path = made.get(key) ?? linkAllBut(new Set(names));
  made.set(key, path);
  return path;
}

async function linkAllBut(seen: Set<string>): Promise<{ PATH: string }> {
  const directory = await temporaryDirectory();
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    for (const tool of namesIn(folder)) {
      if (seen.has(tool)) continue;
      seen.add(tool);
      symlinkSync(join(folder, tool), join(directory, tool));
    }
  }
  return { PATH: directory };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
