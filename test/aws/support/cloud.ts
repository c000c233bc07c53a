import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
  StopInstancesCommand,
  type Subnet,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** What a client is opened with. */
type Settings = Pick<
  ConstructorParameters<typeof EC2Client>[0] & object,
  'endpoint' | 'region' | 'credentials'
>;

/** A shop's cluster in AWS: three zones, pods and node ports behind load balancers, one group beside it. */
export interface Cloud {
  /** Ids of the instances by the name that the cases give them. */
  readonly ids: Readonly<Record<string, string>>;
  readonly privateDnsName: string;
  /** Of a pod on `b`: not the first address of its interface. */
  readonly podAddress: string;
  /** Last parts of ARNs, as the metrics' dimensions have them. */
  readonly nodePorts: string;
  readonly pods: string;
  readonly balancer: string;
  readonly autoScalingGroup: string;
  readonly subnets: readonly Subnet[];
}

/** A Linux image among those that moto comes with. */
const IMAGE = 'ami-760aaa0f';
export const CLUSTER = 'shop';
const GROUP_TAGS = { 'eks:nodegroup-name': 'workers', 'karpenter.sh/nodepool': 'general' };

/** Makes the cloud with the same calls that an operator's tools make. */
export async function makeCloud(settings: Settings): Promise<Cloud> {
  const ec2 = new EC2Client(settings);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.toSorted((a, b) =>
    (a.AvailabilityZone ?? '').localeCompare(b.AvailabilityZone ?? ''),
  );
  const owned = { [`kubernetes.io/cluster/${CLUSTER}`]: 'owned', ...GROUP_TAGS };
  const run = async (zone: number, tags: Readonly<Record<string, string>>) => {
    const { Instances: [instance] = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: IMAGE,
        InstanceType: 'm6i.large',
        MinCount: 1,
        MaxCount: 1,
        SubnetId: subnets[zone]?.SubnetId,
        TagSpecifications: [
          {
            ResourceType: 'instance',
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          },
        ],
      }),
    );
    return { id: instance?.InstanceId ?? '', privateDnsName: instance?.PrivateDnsName ?? '' };
  };
  const workers = [await run(0, owned), await run(1, owned), await run(2, owned)];
  const [a, b, c] = workers.map(({ id }) => id) as [string, string, string];
  const { id: edge } = await run(0, { role: 'edge' });
  const { id: stopped } = await run(1, owned);
  await ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
  const { id: unmanaged } = await run(2, { role: 'unmanaged' });
  const addresses = [await addInterface(ec2, subnets[0], a), await addInterface(ec2, subnets[1], b)];

  const balancing = await makeLoadBalancer(settings, subnets, [a, b], [...addresses, '10.250.0.9']);
  const group = await makeAutoScalingGroup(settings, subnets);
  return {
    ids: { a, b, c, edge, stopped, unmanaged, 'group-1': group.ids[0] ?? '', 'group-2': group.ids[1] ?? '' },
    privateDnsName: workers[1]?.privateDnsName ?? '',
    podAddress: addresses[1] ?? '',
    ...balancing,
    autoScalingGroup: group.name,
    subnets,
  };
}

/** A second interface as the VPC CNI adds them; its primary address stands for a pod's. */
async function addInterface(ec2: EC2Client, subnet: Subnet | undefined, instanceId: string): Promise<string> {
  const { NetworkInterface } = await ec2.send(
    new CreateNetworkInterfaceCommand({ SubnetId: subnet?.SubnetId, SecondaryPrivateIpAddressCount: 2 }),
  );
  await ec2.send(
    new AttachNetworkInterfaceCommand({
      NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId,
      InstanceId: instanceId,
      DeviceIndex: 1,
    }),
  );
  const secondary = NetworkInterface?.PrivateIpAddresses?.find(({ Primary }) => Primary === false);
  return secondary?.PrivateIpAddress ?? NetworkInterface?.PrivateIpAddress ?? '';
}

const lastPart = (arn: string | undefined): string => arn?.split(':').at(-1) ?? '';

async function makeLoadBalancer(
  settings: Settings,
  subnets: readonly Subnet[],
  instances: readonly string[],
  addresses: readonly string[],
): Promise<Pick<Cloud, 'nodePorts' | 'pods' | 'balancer'>> {
  const elb = new ElasticLoadBalancingV2Client(settings);
  const { LoadBalancers: [balancer] = [] } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'checkout',
      Subnets: subnets.map(({ SubnetId = '' }) => SubnetId),
      Type: 'application',
    }),
  );
  const groups: string[] = [];
  for (const [TargetType, targets] of [
    ['instance', instances],
    ['ip', addresses],
  ] as const) {
    const { TargetGroups: [group] = [] } = await elb.send(
      new CreateTargetGroupCommand({
        Name: `checkout-${TargetType}`,
        Protocol: 'HTTP',
        Port: 30_080,
        VpcId: subnets[0]?.VpcId,
        TargetType,
      }),
    );
    const TargetGroupArn = group?.TargetGroupArn ?? '';
    groups.push(lastPart(TargetGroupArn));
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: targets.map((Id) => ({ Id })) }));
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancer?.LoadBalancerArn,
        Protocol: 'HTTP',
        Port: TargetType === 'ip' ? 80 : 81,
        DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      }),
    );
  }
  const [nodePorts = '', pods = ''] = groups;
  return { nodePorts, pods, balancer: lastPart(balancer?.LoadBalancerArn).replace('loadbalancer/', '') };
}

async function makeAutoScalingGroup(
  settings: Settings,
  subnets: readonly Subnet[],
): Promise<{ readonly name: string; readonly ids: readonly string[] }> {
  const autoScaling = new AutoScalingClient(settings);
  const name = 'batch-workers';
  await autoScaling.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName: name,
      ImageId: IMAGE,
      InstanceType: 'c6i.large',
    }),
  );
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchConfigurationName: name,
      MinSize: 2,
      MaxSize: 2,
      VPCZoneIdentifier: subnets.map(({ SubnetId }) => SubnetId).join(','),
    }),
  );
  const { AutoScalingGroups: [group] = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return { name, ids: (group?.Instances ?? []).map(({ InstanceId = '' }) => InstanceId) };
}
