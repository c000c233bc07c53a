import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../runbooks/', import.meta.url);

/**
 * Every failure mode's runbook text by id, read from its folder. In the Lambda bundles the build puts the same texts in
 * place of this module (build/runbook-texts-plugin.ts).
 */
export const runbookTexts: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
    .map(({ name }) => [name, readFileSync(new URL(`${name}/runbook.md`, FOLDER), 'utf8')]),
);
