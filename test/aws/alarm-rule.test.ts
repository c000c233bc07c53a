import {
  CreateArchiveCommand,
  DescribeArchiveCommand,
  EventBridgeClient,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { beforeAll, describe, expect, test } from 'vitest';
import { alarmEvent } from '../../local/demo/alarm-event.ts';
import { exampleConfig, templateOf } from '../unit/cdk/support.ts';
import { AT_MOTO, MOTO, MOTO_ACCOUNT, startEmpty } from './support/moto.ts';

const ARCHIVE = 'matched';
const { alarmNamePrefix } = exampleConfig();

/** Pattern of the deployed rule that opens incidents. */
function patternOfRule(): object {
  const rules = Object.values(templateOf(exampleConfig()).findResources('AWS::Events::Rule'));
  const patterns = rules.map(
    ({ Properties }) => Properties.EventPattern as { source?: string[] } | undefined,
  );
  const pattern = patterns.find((one) => one?.source?.includes('aws.cloudwatch') === true);
  if (pattern === undefined) throw new Error('The stack has no rule for alarms.');
  return pattern;
}

describe.skipIf(MOTO === undefined)('EventBridge, with the pattern of the deployed rule', () => {
  startEmpty();
  const client = new EventBridgeClient(AT_MOTO);

  // An archive counts what its pattern matches, and so shows what the rule would pass on.
  beforeAll(async () => {
    await client.send(
      new CreateArchiveCommand({
        ArchiveName: ARCHIVE,
        EventSourceArn: `arn:aws:events:eu-central-1:${MOTO_ACCOUNT}:event-bus/default`,
        EventPattern: JSON.stringify(patternOfRule()),
      }),
    );
  });

  async function isMatched(event: Record<string, unknown>): Promise<boolean> {
    const count = async () =>
      (await client.send(new DescribeArchiveCommand({ ArchiveName: ARCHIVE }))).EventCount ?? 0;
    const before = await count();
    const answer = await client.send(
      new PutEventsCommand({
        Entries: [
          {
            Source: String(event['source']),
            DetailType: String(event['detail-type']),
            Resources: event['resources'] as string[],
            Detail: JSON.stringify(event['detail']),
          },
        ],
      }),
    );
    expect(answer.FailedEntryCount).toBe(0);
    return (await count()) > before;
  }
  const event = (name: string, state: 'ALARM' | 'OK') =>
    alarmEvent({ name, reason: 'for the test', state, at: Date.now() }) as Record<string, unknown>;

  test('an alarm that fires and one that is over are passed on', async () => {
    expect(await isMatched(event(`${alarmNamePrefix}latency`, 'ALARM'))).toBe(true);
    expect(await isMatched(event(`${alarmNamePrefix}latency`, 'OK'))).toBe(true);
  });

  test('alarms of others, other states and other events are not', async () => {
    expect(await isMatched(event('other-latency', 'ALARM'))).toBe(false);
    expect(await isMatched(event(`${alarmNamePrefix}latency`, 'INSUFFICIENT_DATA' as 'OK'))).toBe(false);
    expect(
      await isMatched({
        ...event(`${alarmNamePrefix}latency`, 'ALARM'),
        'detail-type': 'CloudWatch Alarm Configuration Change',
      }),
    ).toBe(false);
  });
});
