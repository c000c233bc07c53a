import * as z from 'zod';
import { consoleTraces } from '../../core/incident/trace-link.ts';
import { Alarm } from '../../core/record/alarm.ts';
import { UnreadableAlarmError } from '../errors.ts';
import {
  EventConfiguration,
  type MetricEntry,
  metricPhrase,
  type OtherKind,
  otherKind,
  SnsTrigger,
} from './alarm-metrics.ts';
import { readAlarm } from './read-alarm.ts';

const StateValue = z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']);

/** What an EventBridge event and a direct alarm action have in common (Amazon CloudWatch User Guide). */
const AlarmData = z.looseObject({
  alarmName: z.string(),
  state: z.looseObject({ value: StateValue, reason: z.string().default(''), timestamp: z.string() }),
  configuration: EventConfiguration,
});

const EventBridgeEvent = z.looseObject({
  source: z.literal('aws.cloudwatch'),
  'detail-type': z.literal('CloudWatch Alarm State Change'),
  resources: z.array(z.string()).min(1),
  detail: AlarmData,
});

const DirectAction = z.looseObject({ alarmArn: z.string(), alarmData: AlarmData });

const SnsMessage = z.looseObject({
  AlarmName: z.string(),
  AlarmArn: z.string(),
  NewStateValue: StateValue,
  NewStateReason: z.string().default(''),
  StateChangeTime: z.string(),
  Trigger: SnsTrigger.optional(),
});

const SnsEvent = z.looseObject({
  Records: z.array(z.looseObject({ Sns: z.looseObject({ Message: z.string() }) })).length(1),
});

/**
 * Brings an alarm to one form, whichever way it came: EventBridge event, direct alarm action or SNS message. The same
 * state change gives the same object, byte for byte once serialised.
 * @throws UnreadableAlarmError with one sentence when the event is of no known shape
 */
export function readAlarmEvent(event: unknown): Alarm {
  if (typeof event === 'object' && event !== null) {
    if ('detail-type' in event) {
      const { resources, detail } = parse(EventBridgeEvent, event, 'EventBridge event');
      return alarmOf(resources[0] ?? '', detail);
    }
    if ('alarmData' in event) {
      const { alarmArn, alarmData } = parse(DirectAction, event, 'alarm action');
      return alarmOf(alarmArn, alarmData);
    }
    if ('Records' in event) {
      const [record] = parse(SnsEvent, event, 'SNS event').Records;
      return fromSns(parse(SnsMessage, parseJson(record?.Sns.Message ?? ''), 'SNS message'));
    }
  }
  throw new UnreadableAlarmError(
    `This event is no CloudWatch alarm: it is ${described(event)}. Send EventBridge alarm state changes, alarm actions or SNS alarm messages here.`,
  );
}

function alarmOf(arn: string, { alarmName, state, configuration }: z.output<typeof AlarmData>): Alarm {
  return build({
    arn,
    name: alarmName,
    state: state.value,
    changedAt: state.timestamp,
    reason: state.reason,
    metrics: configuration.metrics,
    kind: configuration.otherKind,
  });
}

function fromSns(message: z.output<typeof SnsMessage>): Alarm {
  return build({
    arn: message.AlarmArn,
    name: message.AlarmName,
    state: message.NewStateValue,
    changedAt: message.StateChangeTime,
    reason: message.NewStateReason,
    metrics: message.Trigger?.metrics ?? [],
    kind: otherKind([...Object.keys(message), ...(message.Trigger?.keys ?? [])]),
  });
}

interface Parts extends Pick<Alarm, 'arn' | 'name' | 'state' | 'changedAt' | 'reason'> {
  readonly metrics: readonly MetricEntry[];
  /** What the alarm is where it has no metrics. */
  readonly kind: OtherKind;
}

function build({ arn, name, state, changedAt, reason, metrics, kind }: Parts): Alarm {
  // Region and account come from the ARN: SNS gives the region's display name instead.
  const [, , , region = '', accountId = ''] = arn.split(':');
  const alarm = {
    arn,
    name,
    accountId,
    region,
    state,
    changedAt: isoTime(changedAt),
    reason: reason.slice(0, 1024),
    metric: metricPhrase(metrics, kind).slice(0, 255),
    dimensions: sortedDimensions(metrics),
  };
  const parsed = parse(Alarm, alarm, 'alarm');
  const traceUrl = consoleTraces(
    parsed,
    metrics.map(({ namespace }) => namespace),
  );
  return traceUrl === undefined ? parsed : { ...parsed, traceUrl };
}

/** CloudWatch writes `2026-11-23T14:02:11.000+0000`, with or without milliseconds, or `Z`. */
function isoTime(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(Z|[+-]\d{2}:?\d{2})$/.exec(text);
  const zone = match?.[2]?.replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2');
  const time = match === null ? Number.NaN : Date.parse(`${match[1]}${zone}`);
  if (Number.isNaN(time))
    throw new UnreadableAlarmError(`The alarm's time of state change is not a time: ${described(text)}.`);
  return new Date(time).toISOString();
}

function sortedDimensions(metrics: readonly MetricEntry[]): Alarm['dimensions'] {
  const all = metrics.flatMap(({ dimensions }) => dimensions);
  const keys = all.map((dimension) => JSON.stringify([dimension.name, dimension.value]));
  return all
    .filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
    .map(({ name, value }) => ({ name, value }))
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.value, b.value));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = `The SNS message is not JSON, so it is no alarm: ${described(text)}.`;
    throw new UnreadableAlarmError(why, { cause });
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  return readAlarm(schema, value, `The ${what} is not one of a CloudWatch alarm`);
}

/** What something is, short enough for a log line. */
function described(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)?.slice(0, 80) ?? 'undefined';
  return Array.isArray(value)
    ? 'a list'
    : `an object with ${Object.keys(value).slice(0, 8).join(', ').slice(0, 200)}`;
}
