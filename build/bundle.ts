import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assembleScripts, buildDocuments } from '../nodes/documents.ts';
import { buildLambdas } from './lambda-bundles.ts';
import { replaceFile } from './replace-file.ts';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

/** Writes dist/documents/NAME.json: the exact text whose hash the functions pin. */
async function writeDocuments(): Promise<void> {
  const scripts = assembleScripts((path) =>
    readFileSync(new URL(`../nodes/${path}`, import.meta.url), 'utf8'),
  );
  for (const { name, content } of buildDocuments(scripts)) {
    await replaceFile(`${DIST}documents/${name}.json`, content);
    console.log(`documents/${name}.json`.padEnd(32), kilobytes(Buffer.byteLength(content)));
  }
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1024)} KB`.padStart(8);

await writeDocuments();
for (const { name, bytes, budget } of await buildLambdas(`${DIST}lambdas`)) {
  console.log(`lambdas/${name}.mjs`.padEnd(32), kilobytes(bytes), `of ${kilobytes(budget).trim()}`);
}
