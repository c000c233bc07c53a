import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as z from 'zod';
import { buildApp } from '../../../cdk/build-app.ts';
import { exampleConfig, HUB, OUTPUT, SPOKE } from './support.ts';

const Report = z.object({
  pluginReports: z.array(
    z.object({
      conclusion: z.string(),
      violations: z.array(z.unknown()),
      suppressedViolations: z.array(z.object({ ruleName: z.string(), reason: z.string() })),
    }),
  ),
});

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'nag-'));
});
afterEach(() => rmSync(outdir, { recursive: true, force: true }));

/** Synthesizes service and spoke under the AwsSolutions rules; the CDK throws at what nobody acknowledged. */
function check(change: (stack: Stack) => unknown = () => undefined): z.infer<typeof Report> {
  const app = new App({ outdir });
  change(buildApp(exampleConfig({ ...HUB, spokes: [SPOKE], commandOutput: OUTPUT }), app));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  return Report.parse(JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')));
}

it('the stacks pass the AwsSolutions rules of cdk-nag, and each exception says in a sentence why it is one', () => {
  const [report] = check().pluginReports;
  expect(report).toMatchObject({ conclusion: 'success', violations: [] });
  const exceptions = report?.suppressedViolations ?? [];
  const rules = new Set(exceptions.map(({ ruleName }) => ruleName.replace(/\[.*/, '')));
  expect(rules).toEqual(new Set(['AwsSolutions-S1', 'AwsSolutions-IAM4', 'AwsSolutions-IAM5']));
  expect(exceptions.filter(({ reason }) => !/^[A-Z].{20,}\.$/.test(reason))).toEqual([]);
});

it('a bucket that anyone could read without encryption does not pass', () => {
  expect(() => check((stack) => new Bucket(stack, 'Careless'))).toThrow('AwsSolutions-S10');
});
