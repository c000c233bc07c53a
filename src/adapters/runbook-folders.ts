import { readdirSync } from 'node:fs';

/** The folder of the failure modes. */
export const RUNBOOKS = new URL('../../runbooks/', import.meta.url);

/** Names of the failure modes' folders; one whose name begins with `_` is none. */
export function runbookFolders(): readonly string[] {
  return readdirSync(RUNBOOKS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
    .map(({ name }) => name);
}
