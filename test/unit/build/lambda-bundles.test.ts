import { readFileSync } from 'node:fs';
import { build, type Metafile } from 'esbuild';
import { expect, it } from 'vitest';
import { checkBundle } from '../../../build/lambda-bundles.ts';

/** What esbuild says about a bundle of this one line. */
async function metafileOf(contents: string): Promise<Metafile> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    outfile: 'out/slack.mjs',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  return metafile;
}

it('a bundle with Bolt’s unused receivers in it fails the build', async () => {
  const metafile = await metafileOf("export { App } from '@slack/bolt';");
  expect(() => checkBundle('slack', Number.MAX_SAFE_INTEGER, metafile)).toThrow(
    'a receiver that is not used',
  );
});

it('a bundle over its budget fails the build, and one within it does not', async () => {
  const metafile = await metafileOf(`export const text = '${'x'.repeat(3000)}';`);
  expect(() => checkBundle('slack', 2048, metafile)).toThrow('slack.mjs has 3 KB, its budget is 2 KB');
  expect(checkBundle('slack', 4096, metafile)).toMatchObject({ name: 'slack', budget: 4096 });
});

it('the built bundles hold zod’s core without the locales that its other import brings', () => {
  for (const name of ['intake', 'incident', 'remediate', 'resolve', 'slack', 'webhook'])
    expect(readFileSync(`dist/lambdas/${name}.mjs`, 'utf8')).not.toContain('Ongeldig');
});

it.each([
  ['an operation that no function calls', 'CreateCodeSigningConfig'],
  ['what only a listening server of Bolt needs', 'The receiver cannot be started'],
  ['a look for credentials in files of a person', 'source_profile'],
])('the built bundle of Slack holds nothing of %s', (_, mark) => {
  expect(readFileSync('dist/lambdas/slack.mjs', 'utf8')).not.toContain(mark);
});
