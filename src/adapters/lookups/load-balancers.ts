import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type TargetGroup as ElbTargetGroup,
  LoadBalancerNotFoundException,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Place } from '../../core/record/place.ts';
import type { LoadBalancerLookups, Target, TargetGroup } from '../../core/resolve/node-lookups.ts';
import { allPages } from './pages.ts';

/** States of a target that gets no requests because it does not answer (ELB API reference, TargetHealth). */
const UNHEALTHY: ReadonlySet<string> = new Set(['unhealthy', 'unhealthy.draining', 'unavailable']);

/** Application and Network Load Balancers of one account and region. */
export class ElbLookups implements LoadBalancerLookups {
  private readonly client: ElasticLoadBalancingV2Client;
  private readonly place: Place;

  constructor(client: ElasticLoadBalancingV2Client, place: Place) {
    this.client = client;
    this.place = place;
  }

  async behind(loadBalancerId: string): Promise<readonly TargetGroup[]> {
    return await this.groups({ LoadBalancerArn: this.arn(`loadbalancer/${loadBalancerId}`) });
  }

  async group(targetGroupId: string): Promise<TargetGroup | undefined> {
    const [group] = await this.groups({ TargetGroupArns: [this.arn(targetGroupId)] });
    return group;
  }

  async targets(targetGroupArn: string): Promise<readonly Target[]> {
    const { TargetHealthDescriptions = [] } = await this.client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    return TargetHealthDescriptions.flatMap(({ Target: target, TargetHealth }) =>
      target?.Id === undefined
        ? []
        : [{ id: target.Id, isUnhealthy: UNHEALTHY.has(TargetHealth?.State ?? '') }],
    );
  }

  private async groups(
    which: { readonly LoadBalancerArn: string } | { readonly TargetGroupArns: string[] },
  ): Promise<readonly TargetGroup[]> {
    try {
      const pages = await allPages(async (Marker) => {
        const { TargetGroups = [], NextMarker } = await this.client.send(
          new DescribeTargetGroupsCommand({ ...which, Marker }),
        );
        return { TargetGroups, NextToken: NextMarker };
      });
      return pages.flatMap(({ TargetGroups }) => TargetGroups.flatMap(targetGroup));
    } catch (error) {
      if (error instanceof TargetGroupNotFoundException || error instanceof LoadBalancerNotFoundException)
        return [];
      throw error;
    }
  }

  private arn(resource: string): string {
    const { partition, region, account } = this.place;
    return `arn:${partition}:elasticloadbalancing:${region}:${account}:${resource}`;
  }
}

function targetGroup({ TargetGroupArn, TargetType = 'instance', VpcId }: ElbTargetGroup): TargetGroup[] {
  if (TargetGroupArn === undefined) return [];
  return [{ arn: TargetGroupArn, kind: TargetType, ...(VpcId === undefined ? {} : { vpc: VpcId }) }];
}
