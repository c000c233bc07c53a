import { expect, it } from 'vitest';
import { clusterChecks } from '../../../cli/doctor/cluster-checks.ts';
import type { NodeTags } from '../../../src/core/node-tags.ts';
import type { Instance } from '../../../src/core/resolve/node-lookups.ts';
import { instance, lookupsOf } from '../core/resolve/support.ts';
import { buildDeployment } from '../support/deployments.ts';
import { instanceId } from '../support/diagnoses.ts';

const CLUSTER = { 'aws:eks:cluster-name': 'shop' };
const node = (index: number, tags: Readonly<Record<string, string>>, changes: Partial<Instance> = {}) =>
  instance(index, 'a', { tags: { ...CLUSTER, ...tags }, ...changes });

async function linesFor(instances: readonly Instance[], nodeTags: NodeTags) {
  const deployment = buildDeployment({ nodeTags, instances: lookupsOf({ instances }).aws?.instances });
  return await clusterChecks(deployment, new Set(instances.map((one) => one.instanceId)));
}

const MEDIC = [{ key: 'medic', values: ['yes'] }];

it('names the nodes of a cluster that lack the tag, with what to do', async () => {
  const lines = await linesFor(
    [
      node(0, { medic: 'yes' }),
      node(1, { medic: 'yes' }),
      node(2, {}),
      node(3, { medic: 'no' }),
      node(4, {}, { isWindows: true }),
      node(5, {}, { operator: 'eks.amazonaws.com' }),
    ],
    MEDIC,
  );
  expect(lines.map(({ id, ok }) => [id, ok])).toEqual([
    ['cluster-shop', true],
    ['tags-shop', false],
  ]);
  expect(lines[1]).toMatchObject({
    what: `Cluster shop: 2 of 4 running nodes lack the tag medic=yes, so no command reaches ${instanceId(2)}, ${instanceId(3)}.`,
    fix: expect.stringMatching(/^Tag them, .* nodeTags of the configuration/),
  });
});

it('looks at a cluster that the tags name even where none of its nodes carries them', async () => {
  const lines = await linesFor([node(0, {})], [{ key: 'eks:cluster-name', values: ['shop'] }]);
  expect(lines).toMatchObject([{ id: 'tags-shop', ok: false }]);
});

it('is content where every node carries one of the tags', async () => {
  const tags: NodeTags = [...MEDIC, { key: 'karpenter.sh/nodepool', values: 'any' }];
  const lines = await linesFor(
    [node(0, { medic: 'yes' }), node(1, { 'karpenter.sh/nodepool': 'spot' })],
    tags,
  );
  expect(lines.every(({ ok }) => ok === true)).toBe(true);
  expect(lines.map(({ id }) => id)).toEqual(['cluster-shop', 'tags-shop']);
});
