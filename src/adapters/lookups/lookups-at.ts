import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Place } from '../../core/record/place.ts';
import type { LookupsAt, NodeLookups } from '../../core/resolve/node-lookups.ts';
import type { ClientSettings, SpokeAccess } from '../spoke-access.ts';
import { withPatience } from '../waiting/patience.ts';
import { instancesOfGroup } from './auto-scaling-groups.ts';
import { CloudWatchAlarms } from './cloudwatch-alarms.ts';
import { CloudWatchMetrics } from './cloudwatch-metrics.ts';
import { Ec2Lookups } from './ec2-instances.ts';
import { ElbLookups } from './load-balancers.ts';
import { SsmManagedNodes } from './ssm-managed-nodes.ts';

/**
 * Lookups in any account and region that the service can get into; clients are kept for the next alarm.
 * @param extent `ssm` where Systems Manager is all there is, as on one machine
 */
export function lookupsThrough(access: SpokeAccess, extent: 'aws' | 'ssm'): LookupsAt {
  const opened = new Map<string, NodeLookups>();
  return (place) => {
    const key = `${place.account}/${place.region}`;
    const known = opened.get(key);
    if (known !== undefined) return known;
    const settings = withPatience(access.settingsFor(place));
    const managed = new SsmManagedNodes(new SSMClient(settings));
    const lookups = extent === 'ssm' ? { managed } : { managed, aws: awsLookups(settings, place) };
    opened.set(key, lookups);
    return lookups;
  };
}

function awsLookups(settings: ClientSettings, place: Place): NonNullable<NodeLookups['aws']> {
  const autoScaling = new AutoScalingClient(settings);
  const cloudWatch = new CloudWatchClient(settings);
  return {
    alarms: new CloudWatchAlarms(cloudWatch),
    metrics: new CloudWatchMetrics(cloudWatch),
    loadBalancers: new ElbLookups(new ElasticLoadBalancingV2Client(settings), place),
    instances: new Ec2Lookups(new EC2Client(settings)),
    autoScalingGroup: (name) => instancesOfGroup(autoScaling, name),
  };
}
