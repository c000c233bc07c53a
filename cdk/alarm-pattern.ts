import type { EventPattern } from 'aws-cdk-lib/aws-events';

/** Source and type of the events by which EventBridge tells of an alarm's change of state. */
export const ALARM_EVENT = { source: 'aws.cloudwatch', detailType: 'CloudWatch Alarm State Change' } as const;

/** Matches the state changes that open and close incidents: of CloudWatch alarms whose name begins so. */
export function alarmPattern(alarmNamePrefix: string): EventPattern {
  return {
    source: [ALARM_EVENT.source],
    detailType: [ALARM_EVENT.detailType],
    detail: { alarmName: [{ prefix: alarmNamePrefix }], state: { value: ['ALARM', 'OK'] } },
  };
}
