import type { Plugin } from 'esbuild';

/** Puts the runbook texts into the bundle in place of the module that reads them from disk. */
export const runbookTextsPlugin: Plugin = {
  name: 'runbook-texts',
  setup(build) {
    build.onLoad({ filter: /src[\\/]adapters[\\/]runbook-texts\.ts$/ }, async () => {
      const { runbookTexts } = await import('../src/adapters/runbook-texts.ts');
      return { contents: `export const runbookTexts = ${JSON.stringify(runbookTexts)};`, loader: 'js' };
    });
  },
};
