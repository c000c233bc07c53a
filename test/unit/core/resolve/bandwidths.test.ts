import { expect, test } from 'vitest';
import { instanceId } from '../../support/diagnoses.ts';
import { instance, managed, resolveIn } from './support.ts';

const targets = [{ alarm: 'checkout-p99', instanceIds: [0, 1].map(instanceId) }];
const world = {
  instances: [instance(0), instance(1, 'b', { instanceType: 'x9z.huge' })],
  managed: [managed(0), managed(1)],
};
const bandwidths = async (types: readonly string[]) =>
  new Map(types.includes('m6i.large') ? [['m6i.large', { baselineGbps: 0.781, burstGbps: 12.5 }]] : []);
const said = ({ nodes }: Awaited<ReturnType<typeof resolveIn>>) => nodes.map(({ bandwidth }) => bandwidth);

test('a node says what its network may carry, by its type or by the configuration', async () => {
  const ofEc2 = { baselineGbps: 0.781, burstGbps: 12.5, from: 'ec2' };
  expect(said(await resolveIn({ ...world, bandwidths }, { targets }))).toEqual([ofEc2, undefined]);
  expect(
    said(await resolveIn({ ...world, bandwidths }, { targets, nodeBandwidth: { baselineGbps: 25 } })),
  ).toEqual([ofEc2, { baselineGbps: 25, from: 'configuration' }]);
});

test('a role that may not ask loses that and nothing else, and is told', async () => {
  const denied = async () => {
    throw new Error('You are not authorized to perform: ec2:DescribeInstanceTypes');
  };
  const resolved = await resolveIn({ ...world, bandwidths: denied }, { targets });
  expect(said(resolved)).toEqual([undefined, undefined]);
  expect(resolved.gaps).toEqual([
    expect.stringMatching(/^Bandwidth of the instance types could not be looked up: .*DescribeInstanceTypes/),
  ]);
});
