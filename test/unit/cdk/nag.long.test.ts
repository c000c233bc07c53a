import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as z from 'zod';
import { buildApp } from '../../../cdk/build-app.ts';
import type { DeployConfig } from '../../../cdk/config.ts';
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
function check(
  change: (stack: Stack) => unknown = () => undefined,
  source: DeployConfig['sweep']['source'] = { kind: 'ssm' },
): z.infer<typeof Report> {
  const app = new App({ outdir });
  const sweep = { ...exampleConfig().sweep, source };
  change(buildApp(exampleConfig({ ...HUB, spokes: [SPOKE], commandOutput: OUTPUT, sweep }), app));
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

it.each<DeployConfig['sweep']['source']>([
  { kind: 'cloudwatch-agent', namespace: 'CWAgent' },
  {
    kind: 'prometheus',
    url: 'https://prometheus.example.com',
    labels: {},
    auth: { kind: 'bearer', secretName: 'prometheus' },
    vpc: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
  },
])('the stacks pass them with samples from $kind', (source) => {
  expect(check(() => undefined, source).pluginReports[0]).toMatchObject({
    conclusion: 'success',
    violations: [],
  });
});

it('a bucket that anyone could read without encryption does not pass', () => {
  expect(() => check((stack) => new Bucket(stack, 'Careless'))).toThrow('AwsSolutions-S10');
});
