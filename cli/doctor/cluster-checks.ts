import { identityOf } from '../../src/core/resolve/node-identity.ts';
import type { Instance } from '../../src/core/resolve/node-lookups.ts';
import { attempt, bad, type Check, good, listOf } from './check.ts';
import type { Deployment } from './deployment.ts';

/**
 * The running instances with the configured tag by their cluster, and which of them no command can reach: Systems Manager
 * does not list a machine whose agent has never reported to it.
 *
 * @param online ids of the nodes that answer Systems Manager
 */
export async function clusterChecks(
  { instances, nodeTag }: Deployment,
  online: ReadonlySet<string>,
): Promise<readonly Check[]> {
  if (instances === undefined || nodeTag === undefined) return [];
  return await attempt(
    {
      id: 'clusters',
      service: 'EC2',
      unknown: 'which instances the clusters have',
      refused: 'The instances of the clusters could not be listed',
      fix: 'Look at what EC2 says about the tag nodeTag of the configuration.',
      permission: 'ec2:DescribeInstances',
    },
    async () => {
      const tagged = await instances.byTag(nodeTag.key, nodeTag.value);
      const clusters = new Map<string, Instance[]>();
      for (const instance of tagged.filter(({ isWindows }) => !isWindows)) {
        const { cluster = '' } = identityOf(instance, {});
        clusters.set(cluster, [...(clusters.get(cluster) ?? []), instance]);
      }
      return [...clusters]
        .toSorted(([left], [right]) => left.localeCompare(right))
        .map(([cluster, members]) => clusterCheck(cluster, members, online));
    },
  );
}

function clusterCheck(cluster: string, members: readonly Instance[], online: ReadonlySet<string>): Check {
  const name = cluster === '' ? 'Tagged instances of no cluster' : `Cluster ${cluster}`;
  const id = cluster === '' ? 'cluster' : `cluster-${cluster}`;
  const silent = members.map(({ instanceId }) => instanceId).filter((one) => !online.has(one));
  const count = `${members.length - silent.length} of ${members.length}`;
  if (silent.length === 0) return good(id, `${name}: ${count} running nodes can be sent a command.`);
  return bad(
    id,
    `${name}: ${count} running nodes can be sent a command, and ${listOf(silent)} cannot.`,
    'Give the role of these nodes AmazonSSMManagedInstanceCore, and look at their SSM agent: systemctl status amazon-ssm-agent.',
  );
}
