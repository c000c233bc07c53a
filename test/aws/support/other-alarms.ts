import { type LocalServer, listenLocally, readBody } from '../../../local/http-server.ts';
import { MOTO, MOTO_ACCOUNT } from './moto.ts';
import { REGION } from './resolve-function.ts';

/** An alarm that watches no metric: a rule over other alarms, or log groups. */
export type OtherAlarm = { readonly rule: string } | { readonly logGroups: readonly string[] };

/**
 * CloudWatch with composite and log alarms, which moto has none of: it passes every call on to moto, adds those of the
 * alarms that DescribeAlarms asks for by name (only when `AlarmTypes` asks for their type, as the API reference says), and
 * knows no tags of theirs. Of a metric it has what every metric has, and no percentiles.
 * @param others alarms by name
 */
export async function startWithOthers(others: Readonly<Record<string, OtherAlarm>>): Promise<LocalServer> {
  const arnOf = (name: string) => `arn:aws:cloudwatch:${REGION}:${MOTO_ACCOUNT}:alarm:${name}`;
  return await listenLocally(async (request, response) => {
    const body = (await readBody(request)).toString('utf8');
    const target = String(request.headers['x-amz-target']).split('.').at(-1);
    const wanted = JSON.parse(body) as {
      AlarmNames?: string[];
      AlarmTypes?: string[];
      ResourceARN?: string;
    };
    const isOurs = Object.keys(others).some((name) => arnOf(name) === wanted.ResourceARN);
    const answer =
      target === 'ListTagsForResource' && isOurs
        ? { Tags: [] }
        : await pass(
            request.headers as Record<string, string>,
            target === 'GetMetricData' ? plain(body) : body,
          );
    const { AlarmNames = [], AlarmTypes = [] } = wanted;
    const named = Object.entries(others).filter(([name]) => AlarmNames.includes(name));
    const common = (AlarmName: string) => ({ AlarmName, AlarmArn: arnOf(AlarmName), StateValue: 'ALARM' });
    if (target === 'DescribeAlarms' && AlarmTypes.includes('CompositeAlarm'))
      Object.assign(answer, {
        CompositeAlarms: named.flatMap(([name, alarm]) =>
          'rule' in alarm ? [{ ...common(name), AlarmRule: alarm.rule }] : [],
        ),
      });
    if (target === 'DescribeAlarms' && AlarmTypes.includes('LogAlarm'))
      Object.assign(answer, {
        LogAlarms: named.flatMap(([name, alarm]) =>
          'logGroups' in alarm
            ? [{ ...common(name), ScheduledQueryConfiguration: { LogGroupIdentifiers: alarm.logGroups } }]
            : [],
        ),
      });
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answer));
  });
}

/** What moto knows: it fails at a percentile or a share, where CloudWatch has none of what is published as sums. */
const PLAIN = /^(?:SampleCount|Average|Sum|Minimum|Maximum)$/;

/** A call of GetMetricData without the statistics that moto does not know. */
function plain(body: string): string {
  const asked = JSON.parse(body) as { MetricDataQueries: { MetricStat: { Stat: string } }[] };
  const MetricDataQueries = asked.MetricDataQueries.filter(({ MetricStat }) => PLAIN.test(MetricStat.Stat));
  return JSON.stringify({ ...asked, MetricDataQueries });
}

async function pass(headers: Record<string, string>, body: string): Promise<object> {
  const { 'x-amz-target': target = '', authorization = '' } = headers;
  const answer = await fetch(MOTO ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target, authorization },
    body,
  });
  return (await answer.json()) as object;
}
