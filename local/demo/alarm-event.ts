import { randomUUID } from 'node:crypto';

/** Account and region of the local mode: AWS's example account. */
const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';

/** What tells one alarm event from another. */
export interface AlarmEventOptions {
  readonly name: string;
  readonly reason: string;
  readonly state: 'ALARM' | 'OK';
  /** Time of the state change in milliseconds since the epoch. */
  readonly at: number;
}

/** ARN of an alarm of the local mode. */
export function alarmArn(name: string): string {
  return `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${name}`;
}

/** A "CloudWatch Alarm State Change" event as EventBridge delivers it (Amazon CloudWatch User Guide). */
export function alarmEvent({ name, reason, state, at }: AlarmEventOptions): object {
  // CloudWatch writes its own times with `+0000`, the envelope has whole seconds and `Z`.
  const stamp = (time: number) => new Date(time).toISOString().replace('Z', '+0000');
  const metric = {
    namespace: 'AWS/ApplicationELB',
    name: 'TargetResponseTime',
    dimensions: {
      LoadBalancer: 'app/checkout/50dc6c495c0c9188',
      TargetGroup: 'targetgroup/checkout/73e2d6bc24d8a067',
    },
  };
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: ACCOUNT,
    time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    region: REGION,
    resources: [alarmArn(name)],
    detail: {
      alarmName: name,
      state: { value: state, reason, reasonData: '{"version":"1.0","threshold":0.5}', timestamp: stamp(at) },
      previousState: {
        value: state === 'ALARM' ? 'OK' : 'ALARM',
        reason: 'Threshold Crossed: the previous state of this alarm.',
        timestamp: stamp(at - 600_000),
      },
      configuration: {
        description: 'Latency of the checkout service',
        metrics: [{ id: 'm1', metricStat: { metric, period: 60, stat: 'p99' }, returnData: true }],
      },
    },
  };
}
