import { consoleAt } from '../../aws-console.ts';
import { inLink } from '../../in-link.ts';
import { type Alarm, isCloudWatchAlarm } from '../../record/alarm.ts';
import type { IncidentNode } from '../../record/incident.ts';

const EC2_INSTANCE = /^i-[0-9a-f]{8,17}$/;
const MANAGED_NODE = /^mi-[0-9a-f]{8,17}$/;

/** Where CloudWatch shows the alarm; nothing for what another system raised, whose address nobody told. */
export function alarmLink(alarm: Alarm): string | undefined {
  if (!isCloudWatchAlarm(alarm)) return undefined;
  const place = consoleAt(alarm.arn, alarm.region);
  return place && `${place.host}/cloudwatch/home?region=${place.region}#alarmsV2:alarm/${inLink(alarm.name)}`;
}

/** Where EC2, or Systems Manager for a machine that is none of EC2's, shows the node; nothing for what has no id of theirs. */
export function nodeLink({ instanceId, region }: IncidentNode, alarm: Alarm): string | undefined {
  const place = consoleAt(alarm.arn, region ?? alarm.region);
  if (place === undefined) return undefined;
  if (EC2_INSTANCE.test(instanceId))
    return `${place.host}/ec2/home?region=${place.region}#InstanceDetails:instanceId=${instanceId}`;
  if (MANAGED_NODE.test(instanceId))
    return `${place.host}/systems-manager/fleet-manager/managed-nodes/${instanceId}/general?region=${place.region}`;
  return undefined;
}
