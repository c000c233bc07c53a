import { inLink } from '../../in-link.ts';
import { type Alarm, isCloudWatchAlarm } from '../../record/alarm.ts';
import type { IncidentNode } from '../../record/incident.ts';

/** Hosts of the AWS console by the partition of an ARN (docs.aws.amazon.com, AWS Management Console endpoints). */
const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

const REGION = /^[a-z0-9-]{5,25}$/;
const EC2_INSTANCE = /^i-[0-9a-f]{8,17}$/;
const MANAGED_NODE = /^mi-[0-9a-f]{8,17}$/;

/** Where CloudWatch shows the alarm; nothing for what another system raised, whose address nobody told. */
export function alarmLink(alarm: Alarm): string | undefined {
  if (!isCloudWatchAlarm(alarm)) return undefined;
  const place = consoleAt(alarm, alarm.region);
  return place && `${place.host}/cloudwatch/home?region=${place.region}#alarmsV2:alarm/${inLink(alarm.name)}`;
}

/** Where EC2, or Systems Manager for a machine that is none of EC2's, shows the node; nothing for what has no id of theirs. */
export function nodeLink({ instanceId, region }: IncidentNode, alarm: Alarm): string | undefined {
  const place = consoleAt(alarm, region ?? alarm.region);
  if (place === undefined) return undefined;
  if (EC2_INSTANCE.test(instanceId))
    return `${place.host}/ec2/home?region=${place.region}#InstanceDetails:instanceId=${instanceId}`;
  if (MANAGED_NODE.test(instanceId))
    return `${place.host}/systems-manager/fleet-manager/managed-nodes/${instanceId}/general?region=${place.region}`;
  return undefined;
}

/** The console of the alarm's partition in a region; nothing where no console is known for it. */
function consoleAt(
  { arn }: Alarm,
  region: string,
): { readonly host: string; readonly region: string } | undefined {
  const [, partition = ''] = arn.split(':');
  const console = Object.hasOwn(CONSOLES, partition) ? CONSOLES[partition] : undefined;
  return console === undefined || !REGION.test(region)
    ? undefined
    : { host: `https://${region}.${console}`, region };
}
