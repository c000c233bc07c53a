import {
  DescribeInstanceInformationCommand,
  type InstanceInformation,
  type InstanceInformationStringFilter,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { NodeTags } from '../../core/node-tags.ts';
import type { ManagedNode, ManagedNodes } from '../../core/resolve/node-lookups.ts';
import { nodeTagFilter } from './node-tag-filter.ts';
import { allPages, inBatches } from './pages.ts';

/** Instances that one DescribeInstanceInformation filter takes. */
const FILTER_MAX_VALUES = 50;

/** Machines as Systems Manager knows them. */
export class SsmManagedNodes implements ManagedNodes {
  private readonly client: SSMClient;

  constructor(client: SSMClient) {
    this.client = client;
  }

  async byIds(instanceIds: readonly string[]): Promise<readonly ManagedNode[]> {
    const found: ManagedNode[] = [];
    for (const Values of inBatches(instanceIds, FILTER_MAX_VALUES))
      found.push(...(await this.describe([instances(Values)])));
    return found;
  }

  async byTag(key: string, value: string): Promise<readonly ManagedNode[]> {
    return await this.describe([{ Key: `tag:${key}`, Values: [value] }]);
  }

  async carriersOf(tags: NodeTags, instanceIds: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    // Filters are a conjunction: one call finds the carriers of one key.
    for (const tag of tags)
      for (const Values of inBatches(instanceIds, FILTER_MAX_VALUES))
        for (const { instanceId } of await this.describe([instances(Values), nodeTagFilter(tag)]))
          found.add(instanceId);
    return found;
  }

  private async describe(Filters: InstanceInformationStringFilter[]): Promise<readonly ManagedNode[]> {
    const pages = await allPages((NextToken) =>
      this.client.send(new DescribeInstanceInformationCommand({ Filters, MaxResults: 50, NextToken })),
    );
    return pages.flatMap(({ InstanceInformationList = [] }) => InstanceInformationList.flatMap(managedNode));
  }
}

const instances = (ids: readonly string[]): InstanceInformationStringFilter => ({
  Key: 'InstanceIds',
  Values: [...ids],
});

function managedNode(information: InstanceInformation): ManagedNode[] {
  const { InstanceId, PingStatus = 'unknown', PlatformType, ComputerName, PlatformName } = information;
  if (InstanceId === undefined) return [];
  return [
    {
      instanceId: InstanceId,
      ping: PingStatus,
      isLinux: PlatformType === undefined || PlatformType === 'Linux',
      ...(ComputerName === undefined ? {} : { name: ComputerName }),
      ...(PlatformName === undefined ? {} : { platform: PlatformName }),
    },
  ];
}
