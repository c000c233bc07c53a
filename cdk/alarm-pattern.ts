import type { EventPattern } from 'aws-cdk-lib/aws-events';

/** Matches the state changes that open and close incidents: of CloudWatch alarms whose name begins so. */
export function alarmPattern(alarmNamePrefix: string): EventPattern {
  return {
    source: ['aws.cloudwatch'],
    detailType: ['CloudWatch Alarm State Change'],
    detail: { alarmName: [{ prefix: alarmNamePrefix }], state: { value: ['ALARM', 'OK'] } },
  };
}
