import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DeployConfig } from '../../../cdk/config.ts';
import { exampleConfig, templateOf } from '../cdk/support.ts';

const text = readFileSync('docs/operations.md', 'utf8');
const missing = (names: readonly string[]) => names.filter((name) => !text.includes(`\`${name}\``));

it('has every field of the configuration in its tables', () => {
  expect(missing(Object.keys(DeployConfig.shape))).toEqual([]);
});

it('has every variable of the functions in its tables, and no other', () => {
  const variables = (source: string) => [...new Set(source.match(/\bMEDIC_[A-Z_]+\b/g))].toSorted();
  expect(variables(text)).toEqual(variables(readFileSync('lambdas/environment.ts', 'utf8')));
});

it('says of every alarm of the service what to do', () => {
  const alarms = Object.keys(templateOf(exampleConfig()).findResources('AWS::CloudWatch::Alarm'));
  expect(alarms).not.toHaveLength(0);
  expect(missing(alarms.map((id) => id.replace(/^Medic(Health)?/, '').replace(/[0-9A-F]{8}$/, '')))).toEqual(
    [],
  );
});
