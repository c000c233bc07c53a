import { readFileSync } from 'node:fs';
import { brokenFolder } from './broken-folder.ts';
import { RUNBOOKS, runbookFolders } from './runbook-folders.ts';

/**
 * Every failure mode's runbook text by id, read from its folder. In the Lambda bundles the build puts the same texts in
 * place of this module (build/runbooks-plugin.ts).
 */
export const runbookTexts: Readonly<Record<string, string>> = Object.fromEntries(
  runbookFolders().map((name) => [name, textOf(name)]),
);

function textOf(name: string): string {
  try {
    return readFileSync(new URL(`${name}/runbook.md`, RUNBOOKS), 'utf8');
  } catch (error) {
    throw brokenFolder(`${name}/runbook.md`, error);
  }
}
