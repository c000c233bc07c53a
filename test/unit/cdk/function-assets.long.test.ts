import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, expect, test } from 'vitest';
import { buildApp } from '../../../cdk/build-app.ts';
import { exampleConfig } from './support.ts';

const outdir = mkdtempSync(join(tmpdir(), 'medic-assets-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

test('a function is deployed with its bundle alone, and the one that draws with what drawing takes', () => {
  const app = new App({ outdir });
  buildApp(exampleConfig(), app);
  const { directory } = app.synth();
  const deployed = readdirSync(directory)
    .filter((name) => name.startsWith('asset.') && existsSync(join(directory, name)))
    .map((name) => readdirSync(join(directory, name)).toSorted());
  const bundles = deployed.filter((files) => files.some((file) => file.endsWith('.mjs')));
  expect(bundles.filter((files) => files.length > 1)).toEqual([
    ['incident.mjs', 'picture-bold.woff2', 'picture.wasm', 'picture.woff2'],
  ]);
  expect(bundles.length).toBeGreaterThan(6);
});
