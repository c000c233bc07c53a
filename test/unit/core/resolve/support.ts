import { carriesNodeTag, type NodeTags } from '../../../../src/core/node-tags.ts';
import type { Place } from '../../../../src/core/record/place.ts';
import type { AlarmTarget } from '../../../../src/core/resolve/alarm-target.ts';
import type { ConfiguredBandwidth } from '../../../../src/core/resolve/bandwidths.ts';
import type {
  AddressOwner,
  DescribedAlarm,
  Instance,
  ManagedNode,
  NodeLookups,
  Target,
  TargetGroup,
} from '../../../../src/core/resolve/node-lookups.ts';
import { type ResolvedNodes, resolveNodes } from '../../../../src/core/resolve/resolve-nodes.ts';
import { buildAlarm, instanceId } from '../../support/diagnoses.ts';

/** Where the service of these tests runs: the account and region of the built alarm. */
export const HOME: Place = { partition: 'aws', account: '111122223333', region: 'eu-central-1' };

/** A cloud as the lookups see it; what is not given is empty. */
export interface World {
  readonly alarms?: readonly DescribedAlarm[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly instances?: readonly Instance[];
  readonly managed?: readonly ManagedNode[];
  /** Ids of the managed nodes that Systems Manager knows to carry a tag that counts. */
  readonly tagged?: readonly string[];
  readonly groups?: readonly (TargetGroup & {
    readonly behind?: string;
    readonly targets: readonly Target[];
  })[];
  readonly addresses?: ReadonlyMap<string, AddressOwner>;
  readonly metrics?: NonNullable<NodeLookups['aws']>['metrics'];
  readonly bandwidths?: NonNullable<NodeLookups['aws']>['instances']['bandwidths'];
  readonly autoScalingGroups?: Readonly<Record<string, readonly string[]>>;
}

/** An instance that runs; `zone` is its last letter. */
export const instance = (index: number, zone = 'a', changes: Partial<Instance> = {}): Instance => ({
  instanceId: instanceId(index),
  state: 'running',
  isWindows: false,
  zone: `eu-central-1${zone}`,
  instanceType: 'm6i.large',
  tags: {},
  ...changes,
});

export const managed = (index: number, changes: Partial<ManagedNode> = {}): ManagedNode => ({
  instanceId: instanceId(index),
  ping: 'Online',
  isLinux: true,
  name: `ip-10-0-0-${index}.eu-central-1.compute.internal`,
  platform: 'Amazon Linux',
  ...changes,
});

export const metricAlarm = (
  dimensions: Readonly<Record<string, string>>,
  changes: Partial<DescribedAlarm> = {},
): DescribedAlarm => ({
  name: 'checkout-p99',
  arn: buildAlarm().arn,
  isFiring: true,
  metrics: [{ dimensions }],
  ...changes,
});

export function lookupsOf(world: World): NodeLookups {
  const instances = world.instances ?? [];
  const groups = world.groups ?? [];
  const nodes = world.managed ?? [];
  const tagged = (key: string, value: string) => instances.filter(({ tags }) => tags[key] === value);
  return {
    managed: {
      byIds: async (ids) => nodes.filter((node) => ids.includes(node.instanceId)),
      byTag: async () => nodes,
      carriersOf: async (_tags, ids) => new Set((world.tagged ?? []).filter((id) => ids.includes(id))),
    },
    aws: {
      alarms: {
        describe: async (names) => (world.alarms ?? []).filter(({ name }) => names.includes(name)),
        tag: async (arn) => world.tags?.[arn],
      },
      metrics: world.metrics ?? { read: async () => [] },
      loadBalancers: {
        behind: async (id) => groups.filter(({ behind }) => behind === id),
        group: async (id) => groups.find(({ arn }) => arn.endsWith(id)),
        targets: async (arn) => groups.find((group) => group.arn === arn)?.targets ?? [],
      },
      instances: {
        byIds: async (ids) => instances.filter((one) => ids.includes(one.instanceId)),
        byTag: async (key, value) => tagged(key, value),
        byNodeTags: async (tags) => instances.filter((one) => carriesNodeTag(one.tags, tags)),
        byCluster: async (name) => tagged('aws:eks:cluster-name', name),
        bandwidths: world.bandwidths ?? (async () => new Map()),
        byPrivateDnsName: async (name) => instances.filter(({ privateDnsName }) => privateDnsName === name),
        ownersOf: async (addresses) =>
          new Map([...(world.addresses ?? [])].filter(([address]) => addresses.includes(address))),
      },
      autoScalingGroup: async (name) => world.autoScalingGroups?.[name],
    },
  };
}

/** Resolves the built alarm in a world. */
export async function resolveIn(
  world: World | NodeLookups,
  given: {
    targets?: readonly AlarmTarget[];
    maxNodes?: number;
    home?: Place;
    nodeTags?: NodeTags;
    nodeBandwidth?: ConfiguredBandwidth;
  } = {},
): Promise<ResolvedNodes> {
  const lookups =
    'managed' in world && 'byIds' in (world.managed ?? [])
      ? (world as NodeLookups)
      : lookupsOf(world as World);
  const settings = {
    home: given.home ?? HOME,
    targets: given.targets ?? [],
    maxNodes: given.maxNodes ?? 20,
    nodeTags: given.nodeTags,
    nodeBandwidth: given.nodeBandwidth,
  };
  return await resolveNodes(() => lookups, settings, buildAlarm());
}

export const idsOf = ({ nodes }: ResolvedNodes): readonly string[] => nodes.map((node) => node.instanceId);
