import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** Takes the place of what is left out. */
export const LEFT_OUT_MODULE = fileURLToPath(new URL('left-out.cjs', import.meta.url));

/** Bolt's ways to listen that are not Lambda's, each a module that its index loads. */
const RECEIVERS =
  /^\.\.?\/(?:receivers\/)?(?:ExpressReceiver|HTTPReceiver|SocketModeReceiver|HTTPModuleFunctions|SocketModeFunctions)(?:\.js)?$/;

/** Leaves out of the bundles what no function uses and esbuild cannot see to be unused. */
export const unusedPartsPlugin: Plugin = {
  name: 'unused-parts',
  setup(build) {
    build.onResolve({ filter: RECEIVERS }, ({ importer }) =>
      /[\\/]@slack[\\/]bolt[\\/]/.test(importer) ? { path: LEFT_OUT_MODULE } : undefined,
    );
    build.onLoad({ filter: /[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: withPlainKeys(await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};

/**
 * The AWS SDK writes the shapes of all its operations as `[3, n0, _X, { [_h]: 1 }]` with `const _h = "http"`. A computed key may
 * do anything when it is evaluated, so that esbuild keeps every such shape; one that is written out does nothing.
 */
function withPlainKeys(code: string): string {
  const constants = new Map(
    [...code.matchAll(/^const (\w+) = ("[^"\\\n]*");$/gm)].map(([, name = '', text = '']) => [name, text]),
  );
  return code.replace(/([{,]\s*)\[(\w+)\]:/g, (all, before: string, name: string) => {
    const text = constants.get(name);
    return text === undefined ? all : `${before}${text}:`;
  });
}
