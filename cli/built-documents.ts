import { readFileSync } from 'node:fs';
import { assembleScripts, buildDocuments } from '../nodes/documents.ts';
import type { DocumentText } from '../src/core/record/document-pin.ts';

/** The SSM documents of this checkout with the hash of each. */
export function builtDocuments(): readonly DocumentText[] {
  const scripts = assembleScripts((path) =>
    readFileSync(new URL(`../nodes/${path}`, import.meta.url), 'utf8'),
  );
  return buildDocuments(scripts).map(({ name, sha256 }) => ({ name, hash: sha256 }));
}
