import { carriesNodeTag, type NodeTags, nodeTagsPhrase } from '../../src/core/node-tags.ts';
import { CLUSTER_TAG_PREFIX, CLUSTER_TAGS, identityOf } from '../../src/core/resolve/node-identity.ts';
import type { Instance, InstanceLookups } from '../../src/core/resolve/node-lookups.ts';
import { counted } from '../../src/core/words.ts';
import { attempt, bad, type Check, good, listOf } from './check.ts';
import type { Deployment } from './deployment.ts';

/**
 * The running instances with a configured tag by their cluster, which of them no command can reach, and which instances of
 * the same clusters lack the tag: Systems Manager does not list a machine whose agent has never reported to it, and IAM
 * refuses a command to one without the tag.
 *
 * @param online ids of the nodes that answer Systems Manager
 */
export async function clusterChecks(
  { instances, nodeTags }: Deployment,
  online: ReadonlySet<string>,
): Promise<readonly Check[]> {
  if (instances === undefined) return [];
  return await attempt(
    {
      id: 'clusters',
      service: 'EC2',
      unknown: 'which instances the clusters have',
      refused: 'The instances of the clusters could not be listed',
      fix: 'Look at what EC2 says about the tags nodeTags of the configuration.',
      permission: 'ec2:DescribeInstances',
    },
    async () => {
      const clusters = new Map<string, Instance[]>(clustersNamedBy(nodeTags).map((name) => [name, []]));
      for (const instance of (await instances.byNodeTags(nodeTags)).filter(canBeNode)) {
        const { cluster = '' } = identityOf(instance, {});
        clusters.set(cluster, [...(clusters.get(cluster) ?? []), instance]);
      }
      const inOrder = [...clusters].toSorted(([left], [right]) => left.localeCompare(right));
      const checks = inOrder.map(async ([cluster, members]) => [
        ...(members.length === 0 ? [] : [clusterCheck(cluster, members, online)]),
        ...(cluster === '' ? [] : await tagChecks(instances, cluster, nodeTags)),
      ]);
      return (await Promise.all(checks)).flat();
    },
  );
}

/** Nodes of EKS Auto Mode let nobody in over Systems Manager, and Windows has no nf_conntrack. */
const canBeNode = ({ isWindows, operator }: Instance): boolean => !isWindows && operator === undefined;

/** Clusters that the tags themselves name, so that one is looked at whose instances all lack the tag. */
function clustersNamedBy(nodeTags: NodeTags): readonly string[] {
  const clusterTags: ReadonlySet<string> = new Set(CLUSTER_TAGS);
  return nodeTags.flatMap(({ key, values }) => {
    if (key.startsWith(CLUSTER_TAG_PREFIX)) return [key.slice(CLUSTER_TAG_PREFIX.length)];
    return values === 'any' || !clusterTags.has(key) ? [] : values;
  });
}

async function tagChecks(
  instances: InstanceLookups,
  cluster: string,
  nodeTags: NodeTags,
): Promise<readonly Check[]> {
  const all = (await instances.byCluster(cluster)).filter(canBeNode);
  const untagged = all.filter(({ tags }) => !carriesNodeTag(tags, nodeTags));
  if (all.length === 0) return [];
  const id = `tags-${cluster}`;
  const tag = nodeTagsPhrase(nodeTags);
  if (untagged.length === 0)
    return [
      good(
        id,
        `Cluster ${cluster}: ${all.length === 1 ? 'its 1 running node carries' : `all ${counted(all.length, 'running node')} carry`} the tag ${tag}.`,
      ),
    ];
  const lacking = listOf(untagged.map(({ instanceId }) => instanceId));
  return [
    bad(
      id,
      `Cluster ${cluster}: ${untagged.length} of ${counted(all.length, 'running node')} ${untagged.length === 1 ? 'lacks' : 'lack'} the tag ${tag}, so no command reaches ${lacking}.`,
      'Tag them, in their launch template, EC2NodeClass or Auto Scaling group too, or add a tag that they carry to nodeTags of the configuration (docs/deploy.md lists them) and deploy.',
    ),
  ];
}

function clusterCheck(cluster: string, members: readonly Instance[], online: ReadonlySet<string>): Check {
  const name = cluster === '' ? 'Tagged instances of no cluster' : `Cluster ${cluster}`;
  const id = cluster === '' ? 'cluster' : `cluster-${cluster}`;
  const silent = members.map(({ instanceId }) => instanceId).filter((one) => !online.has(one));
  const count = `${members.length - silent.length} of ${counted(members.length, 'running node')}`;
  if (silent.length === 0) return good(id, `${name}: ${count} can be sent a command.`);
  return bad(
    id,
    `${name}: ${count} can be sent a command, and ${listOf(silent)} cannot.`,
    'Give the role of these nodes AmazonSSMManagedInstanceCore, and look at their SSM agent: systemctl status amazon-ssm-agent.',
  );
}
