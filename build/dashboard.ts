import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replaceFile } from './replace-file.ts';

// Writes dist/dashboard.json: the dashboard of the stack as CloudFormation would hand it to CloudWatch, with the names of resources
// in the place of what they become. It is synthesized only where it may have changed, because that takes seconds.
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const FILE = `${ROOT}dist/dashboard.json`;

const writtenAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = [
  ...readdirSync(`${ROOT}cdk`).map((name) => `${ROOT}cdk/${name}`),
  `${ROOT}src/core/sweep/metric-names.ts`,
  `${ROOT}build/dashboard.ts`,
];
if (!existsSync(FILE) || sources.some((path) => writtenAt(path) > writtenAt(FILE))) await write();

async function write(): Promise<void> {
  const { App } = await import('aws-cdk-lib');
  const { buildApp } = await import('../cdk/build-app.ts');
  const { readConfig } = await import('../cdk/config.ts');
  const config = readConfig(`${ROOT}cdk/config.example.json`);
  const outdir = mkdtempSync(join(tmpdir(), 'medic-dashboard-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  const app = new App({ analyticsReporting: false, outdir });
  const stack = buildApp(config, app);
  const { Resources } = app.synth().getStackByName(stack.stackName).template as {
    Resources: Record<string, { Type: string; Properties: { DashboardBody?: unknown } }>;
  };
  const dashboard = Object.values(Resources).find(({ Type }) => Type === 'AWS::CloudWatch::Dashboard');
  if (dashboard === undefined) throw new Error('The stack has no dashboard.');
  await replaceFile(FILE, flat(dashboard.Properties.DashboardBody));
}

/** A text with the functions of CloudFormation in it as plain text. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, ...functions } = Object(value) as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (Ref !== undefined) return Ref;
  const joined = functions['Fn::Join'];
  if (joined !== undefined) return joined[1].map(flat).join(joined[0]);
  return String(Object.values(functions)[0]);
}
