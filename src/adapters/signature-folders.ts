import type { SignatureFolder } from '../core/diagnosis/catalogue.ts';
import { brokenFolder } from './broken-folder.ts';
import { RUNBOOKS, runbookFolders } from './runbook-folders.ts';

/**
 * What the signature.ts of every failure mode's folder exports, so that a new folder needs no list to be written into.
 * In the Lambda bundles the build puts imports of the same files in place of this module (build/runbooks-plugin.ts). One that
 * can not be loaded, as half-way through an edit, stops every command with a BrokenCatalogueError that names it.
 */
export const signatureFolders: readonly SignatureFolder[] = await Promise.all(
  runbookFolders().map(async (folder) => {
    try {
      const loaded = (await import(new URL(`${folder}/signature.ts`, RUNBOOKS).href)) as {
        default?: unknown;
      };
      return { folder, exported: loaded.default };
    } catch (error) {
      throw brokenFolder(`${folder}/signature.ts`, error);
    }
  }),
);
