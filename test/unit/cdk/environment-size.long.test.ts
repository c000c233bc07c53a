import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { buildApp } from '../../../cdk/build-app.ts';
import type { DeployConfig } from '../../../cdk/config.ts';
import { exampleConfig, HUB, withApp } from './support.ts';

/** What synth refuses, over every stack of the configuration. */
function refusals(changes: Partial<DeployConfig>): string[] {
  return withApp((app) => {
    buildApp(exampleConfig(changes), app);
    return app.node.children
      .filter((child) => Stack.isStack(child))
      .flatMap((stack) => Annotations.fromStack(stack).findError('*', Match.anyValue()))
      .map(({ id, entry }) => `${id} ${JSON.stringify(entry.data)}`);
  });
}

const targets = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    alarm: `shop-checkout-p99-${index}`,
    tag: { key: 'eks:cluster-name', value: 'shop' },
  }));
const spokes = Array.from({ length: 3 }, (_, index) => ({
  account: `22223333444${index}`,
  region: 'eu-west-1',
  externalId: 'x'.repeat(1_200),
}));

it.each<[string, Partial<DeployConfig>, readonly RegExp[]]>([
  [
    '60 alarm targets',
    { alarmTargets: targets(60) },
    [/Resolve.*MEDIC_ALARM_TARGETS has \d+: say which nodes an alarm means on the alarm itself/],
  ],
  [
    '350 approvers',
    { approvers: Array.from({ length: 350 }, (_, index) => `U${String(index).padStart(10, '0')}`) },
    [/Remediate.*MEDIC_APPROVERS/, /Slack.*name fewer approvers/],
  ],
  [
    'long external ids',
    { ...HUB, spokes },
    [/Remediate.*MEDIC_SPOKES/, /Resolve/, /Incident.*deploy a second service/],
  ],
])('%s are more than Lambda takes, which is said before a deployment fails', (_, changes, sentences) => {
  const found = refusals(changes);
  expect(found).toHaveLength(sentences.length);
  for (const sentence of sentences) expect(found).toContainEqual(expect.stringMatching(sentence));
});

it('takes what fits', () => {
  expect(refusals({ alarmTargets: targets(30) })).toEqual([]);
  expect(refusals({ ...HUB, spokes: spokes.slice(0, 2) })).toEqual([]);
});
