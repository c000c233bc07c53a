import type { Alarm } from './alarm.ts';
import type { IncidentHead } from './incident.ts';

/** An AWS account and region, which is where an API call is made. */
export interface Place {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
}

/** Where nodes are that are not in the service's own account and region. */
export type NodePlace = Pick<Place, 'account' | 'region'>;

/** Where an alarm is: its ARN says so, whichever way it came. */
export function placeOf({ arn, accountId, region }: Pick<Alarm, 'arn' | 'accountId' | 'region'>): Place {
  return { partition: arn.split(':')[1] ?? 'aws', account: accountId, region };
}

/** Whether calls for both go to the same endpoint with the same credentials. */
export const isSamePlace = (a: Place, b: Place): boolean => a.account === b.account && a.region === b.region;

/** `account 111122223333, eu-central-1`. */
export const placePhrase = ({ account, region }: NodePlace): string => `account ${account}, ${region}`;

/**
 * Where these nodes of an incident are; nothing stands for the service's own account and region. An incident asks nodes of
 * one place only, so the first that says where it is speaks for all.
 */
export function placeOfNodes(
  { nodes }: Pick<IncidentHead, 'nodes'>,
  instanceIds: readonly string[],
): NodePlace | undefined {
  const wanted = new Set(instanceIds);
  for (const { instanceId, account, region } of nodes) {
    if (account !== undefined && region !== undefined && wanted.has(instanceId)) return { account, region };
  }
  return undefined;
}
