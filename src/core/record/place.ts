import type { Alarm } from './alarm.ts';

/** An AWS account and region, which is where an API call is made. */
export interface Place {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
}

/** Where an alarm is: its ARN says so, whichever way it came. */
export function placeOf({ arn, accountId, region }: Pick<Alarm, 'arn' | 'accountId' | 'region'>): Place {
  return { partition: arn.split(':')[1] ?? 'aws', account: accountId, region };
}

/** Whether calls for both go to the same endpoint with the same credentials. */
export const isSamePlace = (a: Place, b: Place): boolean => a.account === b.account && a.region === b.region;

/** `account 111122223333, eu-central-1`. */
export const placePhrase = ({ account, region }: Pick<Place, 'account' | 'region'>): string =>
  `account ${account}, ${region}`;
