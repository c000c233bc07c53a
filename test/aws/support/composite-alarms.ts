import { type LocalServer, listenLocally, readBody } from '../../../local/http-server.ts';
import { MOTO, MOTO_ACCOUNT } from './moto.ts';
import { REGION } from './resolve-function.ts';

/**
 * CloudWatch with composite alarms, which moto has none of: it passes every call on to moto, adds the composite alarms that
 * DescribeAlarms asks for by name (only when `AlarmTypes` asks for them, as the API reference says), and knows no tags of
 * theirs.
 * @param rules rule by the name of the alarm
 */
export async function startWithComposites(rules: Readonly<Record<string, string>>): Promise<LocalServer> {
  const arnOf = (name: string) => `arn:aws:cloudwatch:${REGION}:${MOTO_ACCOUNT}:alarm:${name}`;
  return await listenLocally(async (request, response) => {
    const body = (await readBody(request)).toString('utf8');
    const target = String(request.headers['x-amz-target']).split('.').at(-1);
    const wanted = JSON.parse(body) as {
      AlarmNames?: string[];
      AlarmTypes?: string[];
      ResourceARN?: string;
    };
    const isOurs = Object.keys(rules).some((name) => arnOf(name) === wanted.ResourceARN);
    const answer =
      target === 'ListTagsForResource' && isOurs
        ? { Tags: [] }
        : await pass(request.headers as Record<string, string>, body);
    if (target === 'DescribeAlarms' && wanted.AlarmTypes?.includes('CompositeAlarm') === true) {
      const composites = Object.entries(rules).filter(([name]) => wanted.AlarmNames?.includes(name));
      Object.assign(answer, {
        CompositeAlarms: composites.map(([AlarmName, AlarmRule]) => ({
          AlarmName,
          AlarmArn: arnOf(AlarmName),
          AlarmRule,
          StateValue: 'ALARM',
        })),
      });
    }
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answer));
  });
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
