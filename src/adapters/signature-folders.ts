import type { SignatureFolder } from '../core/diagnosis/catalogue.ts';
import { RUNBOOKS, runbookFolders } from './runbook-folders.ts';

/**
 * What the signature.ts of every failure mode's folder exports, so that a new folder needs no list to be written into.
 * In the Lambda bundles the build puts imports of the same files in place of this module (build/runbooks-plugin.ts).
 */
export const signatureFolders: readonly SignatureFolder[] = await Promise.all(
  runbookFolders().map(async (folder) => {
    const loaded = (await import(new URL(`${folder}/signature.ts`, RUNBOOKS).href)) as { default?: unknown };
    return { folder, exported: loaded.default };
  }),
);
