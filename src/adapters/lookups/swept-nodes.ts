import {
  DescribeInstanceInformationCommand,
  type InstanceInformationStringFilter,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { NodeTags } from '../../core/node-tags.ts';
import { identityOf } from '../../core/resolve/node-identity.ts';
import type { InstanceLookups } from '../../core/resolve/node-lookups.ts';
import type { SweptNode } from '../../core/sweep/found.ts';
import type { SweptNodes } from '../../core/sweep/ports.ts';
import { nodeTagFilter } from './node-tag-filter.ts';
import { allPages } from './pages.ts';

/** Pages of fifty that a list of nodes is read from, at most: 25,000 nodes. */
const PAGES_MOST = 500;

/** What Systems Manager says of a machine: whether its agent answers, and what the agent calls it. */
interface Managed {
  readonly isOnline: boolean;
  readonly name?: string | undefined;
  readonly address?: string | undefined;
}

/** The nodes of the fleet, as Systems Manager has them and with what EC2's tags say of each. */
export class FoundNodes implements SweptNodes {
  readonly #client: SSMClient;
  readonly #nodeTags: NodeTags;
  readonly #instances: Pick<InstanceLookups, 'byNodeTags'> | undefined;

  /** @param instances EC2; without it nothing is known of where a node belongs */
  constructor(
    client: SSMClient,
    nodeTags: NodeTags,
    instances: Pick<InstanceLookups, 'byNodeTags'> | undefined,
  ) {
    this.#client = client;
    this.#nodeTags = nodeTags;
    this.#instances = instances;
  }

  async list(): Promise<{ readonly nodes: readonly SweptNode[]; readonly untagged: readonly string[] }> {
    const tagged = new Map<string, Managed>();
    for (const tag of this.#nodeTags)
      for (const [id, managed] of await this.#managed([nodeTagFilter(tag)])) tagged.set(id, managed);
    const all = await this.#managed([]);
    const instances = (await this.#instances?.byNodeTags(this.#nodeTags)) ?? [];
    const byId = new Map(instances.map((one) => [one.instanceId, one]));
    // One that runs and that Systems Manager has never heard of has no agent that answers.
    for (const { instanceId, isWindows } of instances)
      if (!tagged.has(instanceId) && !isWindows) tagged.set(instanceId, { isOnline: false });
    const nodes = [...tagged].map(([instanceId, { isOnline, name, address }]) => {
      const instance = byId.get(instanceId);
      const { cluster, nodeGroup, nodePool, instanceType, zone, launchedAt } = identityOf(instance, {});
      const group = nodeGroup ?? nodePool;
      const hostNames = known([instance?.privateDnsName, name]).map((one) => one.toLowerCase());
      const addresses = instance?.addresses ?? known([address]);
      return {
        instanceId,
        isOnline,
        ...(cluster === undefined ? {} : { cluster }),
        ...(group === undefined ? {} : { nodeGroup: group }),
        ...(instanceType === undefined ? {} : { instanceType }),
        ...(zone === undefined ? {} : { zone }),
        ...(launchedAt === undefined ? {} : { launchedAt }),
        ...(hostNames.length === 0 ? {} : { hostNames }),
        ...(addresses.length === 0 ? {} : { addresses }),
      };
    });
    return { nodes, untagged: [...all.keys()].filter((id) => !tagged.has(id)) };
  }

  /** Linux machines by id. */
  async #managed(Filters: InstanceInformationStringFilter[]): Promise<ReadonlyMap<string, Managed>> {
    const pages = await allPages(
      (NextToken) =>
        this.#client.send(new DescribeInstanceInformationCommand({ Filters, MaxResults: 50, NextToken })),
      PAGES_MOST,
    );
    return new Map(
      pages
        .flatMap(({ InstanceInformationList = [] }) => InstanceInformationList)
        .flatMap(({ InstanceId, PingStatus, PlatformType = 'Linux', ComputerName, IPAddress }) =>
          InstanceId === undefined || PlatformType !== 'Linux'
            ? []
            : [[InstanceId, { isOnline: PingStatus === 'Online', name: ComputerName, address: IPAddress }]],
        ),
    );
  }
}

const known = (texts: readonly (string | undefined)[]): readonly string[] =>
  texts.flatMap((text) => (text === undefined || text === '' ? [] : [text]));
