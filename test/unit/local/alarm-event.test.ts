import { expect, test } from 'vitest';
import { alarmArn, alarmEvent } from '../../../local/demo/alarm-event.ts';
import { readAlarmEvent } from '../../../src/adapters/alarm/alarm-event.ts';

test('the demo’s event is one that the intake reads, with its time to the millisecond', () => {
  const at = Date.parse('2026-11-23T14:02:03.456Z');
  const event = alarmEvent({ name: 'checkout-p99', reason: 'Threshold Crossed', state: 'ALARM', at });
  expect(readAlarmEvent(event)).toMatchObject({
    arn: alarmArn('checkout-p99'),
    name: 'checkout-p99',
    state: 'ALARM',
    changedAt: '2026-11-23T14:02:03.456Z',
    reason: 'Threshold Crossed',
  });
});
