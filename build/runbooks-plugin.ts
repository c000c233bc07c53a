import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { RUNBOOKS, runbookFolders } from '../src/adapters/runbook-folders.ts';

/** Puts the failure modes' texts and signatures into the bundle in place of the modules that read them from disk. */
export const runbooksPlugin: Plugin = {
  name: 'runbooks',
  setup(build) {
    build.onLoad({ filter: /src[\\/]adapters[\\/]runbook-texts\.ts$/ }, async () => {
      const { runbookTexts } = await import('../src/adapters/runbook-texts.ts');
      return { contents: `export const runbookTexts = ${JSON.stringify(runbookTexts)};`, loader: 'js' };
    });
    build.onLoad({ filter: /src[\\/]adapters[\\/]signature-folders\.ts$/ }, () => ({
      contents: signatureImports(runbookFolders()),
      loader: 'js',
      resolveDir: fileURLToPath(RUNBOOKS),
    }));
  },
};

function signatureImports(folders: readonly string[]): string {
  const imports = folders.map(
    (folder, index) => `import signature${index} from ${JSON.stringify(`./${folder}/signature.ts`)};`,
  );
  const entries = folders.map(
    (folder, index) => `{ folder: ${JSON.stringify(folder)}, exported: signature${index} },`,
  );
  return `${imports.join('\n')}\nexport const signatureFolders = [\n${entries.join('\n')}\n];\n`;
}
