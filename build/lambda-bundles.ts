import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { PICTURE_ASSETS } from '../src/adapters/png.ts';
import { replaceFile } from './replace-file.ts';
import { runbooksPlugin } from './runbooks-plugin.ts';
import { LEFT_OUT_MODULE, unusedPartsPlugin } from './unused-parts-plugin.ts';

/** A bundle with what it may weigh. */
export interface BundleSize {
  readonly name: string;
  readonly bytes: number;
  readonly budget: number;
}

const KIB = 1024;
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The functions of the stack. Slack answers within three seconds, so its cold start gets the small budget. */
const FUNCTIONS = [
  { name: 'intake', budget: 3072 * KIB },
  { name: 'incident', budget: 3072 * KIB },
  { name: 'reconcile', budget: 3072 * KIB },
  { name: 'remediate', budget: 3072 * KIB },
  { name: 'resolve', budget: 3072 * KIB },
  { name: 'slack', budget: 1024 * KIB },
  { name: 'sweep', budget: 3072 * KIB },
  { name: 'webhook', budget: 3072 * KIB },
] as const;

/** What only Bolt's unused receivers need, and where the AWS SDK looks for credentials that a function has from its role. */
const LEFT_OUT = [
  'express',
  '@slack/socket-mode',
  '@slack/oauth',
  'raw-body',
  'path-to-regexp',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/token-providers',
];
/** Packages that show that one of them came back. */
const CREPT_IN = /node_modules\/(express|undici|iconv-lite|jsonwebtoken)\//;

/**
 * Bundles the functions to `outdir`, each one file with everything inside; beside them lies what drawing pictures needs.
 * @throws Error when a bundle is over its budget or holds what it must not
 */
export async function buildLambdas(outdir: string): Promise<readonly BundleSize[]> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(FUNCTIONS.map(({ name }) => [name, `lambdas/${name}.ts`])),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    // Error classes are told apart by name in the logs of the durable runtime.
    keepNames: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    alias: Object.fromEntries(LEFT_OUT.map((name) => [name, LEFT_OUT_MODULE])),
    plugins: [runbooksPlugin, unusedPartsPlugin],
    // CommonJS inside an ESM bundle asks for a `require` that is not there.
    banner: {
      js: "import{createRequire as medicRequire}from'node:module';const require=medicRequire(import.meta.url);",
    },
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const sizes = FUNCTIONS.map(({ name, budget }) => checkBundle(name, budget, metafile));
  for (const { path, contents } of outputFiles) await replaceFile(path, contents);
  for (const [name, from] of Object.entries(PICTURE_ASSETS))
    await replaceFile(join(outdir, name), await readFile(join(ROOT, 'node_modules', from)));
  return sizes;
}

/**
 * What a bundle weighs.
 *
 * @param budget - bytes that it may have
 * @throws Error when it has more, or holds what only a receiver that is not used needs
 */
export function checkBundle(name: string, budget: number, { outputs }: Metafile): BundleSize {
  const output = Object.entries(outputs).find(([path]) => path.endsWith(`/${name}.mjs`))?.[1];
  if (output === undefined) throw new Error(`The build wrote no ${name}.mjs.`);
  const crept = Object.keys(output.inputs).find((path) => CREPT_IN.test(path));
  if (crept !== undefined)
    throw new Error(`${name}.mjs contains ${crept}, which belongs to a receiver that is not used.`);
  if (output.bytes > budget) {
    throw new Error(
      `${name}.mjs has ${Math.ceil(output.bytes / KIB)} KB, its budget is ${budget / KIB} KB; look at what was added.`,
    );
  }
  return { name, bytes: output.bytes, budget };
}
