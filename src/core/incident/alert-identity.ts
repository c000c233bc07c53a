import type { Alarm, AlertSender } from '../record/alarm.ts';
import type { Place } from '../record/place.ts';
import { sha256 } from '../sha256.ts';

/**
 * The identity and place of an alert that CloudWatch does not know.
 * @param home where the service runs; senders outside of AWS know no account
 * @param key what the sender tells its alerts apart by
 */
export function alertIdentity(
  sender: AlertSender,
  home: Place,
  key: string,
): Pick<Alarm, 'arn' | 'accountId' | 'region'> {
  const { partition, region, account } = home;
  const hash = sha256(key).slice(0, 32);
  return {
    arn: `alert:${partition}:${sender}:${region}:${account}:${hash}`,
    accountId: account,
    region,
  };
}
