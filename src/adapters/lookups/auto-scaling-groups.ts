import { type AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';

/** Instances that are not on their way in or out count (Amazon EC2 Auto Scaling, "instance lifecycle"). */
const SERVING: ReadonlySet<string> = new Set(['InService', 'Standby']);

/** Ids of a group's instances that serve; nothing when there is no such group. */
export async function instancesOfGroup(
  client: AutoScalingClient,
  name: string,
): Promise<readonly string[] | undefined> {
  const { AutoScalingGroups: [group] = [] } = await client.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return group?.Instances?.flatMap(({ InstanceId, LifecycleState = '' }) =>
    InstanceId !== undefined && SERVING.has(LifecycleState) ? [InstanceId] : [],
  );
}
