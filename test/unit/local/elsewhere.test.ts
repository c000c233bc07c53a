import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { handlerEnvironment } from '../../../local/demo/handler-environment.ts';
import { startElsewhere } from '../../../local/elsewhere.ts';
import type { LocalServer } from '../../../local/http-server.ts';
import { LOCAL } from '../adapters/support.ts';

let elsewhere: LocalServer;
beforeAll(async () => {
  elsewhere = await startElsewhere();
});
afterAll(() => elsewhere.close());

test('whoever asks a service that is not there is told at once, in the form of its refusals', async () => {
  const at = { ...LOCAL, endpoint: elsewhere.url };
  const refused = (service: string) => ({
    name: 'NotServedHere',
    message: `there is no ${service} on this machine`,
  });
  await expect(new CloudWatchClient(at).send(new DescribeAlarmsCommand())).rejects.toMatchObject(
    refused('monitoring'),
  );
  await expect(new STSClient(at).send(new GetCallerIdentityCommand())).rejects.toMatchObject(refused('sts'));
});

test('no service of AWS that a function may ask is asked beyond this machine', () => {
  const url = 'http://127.0.0.1:1';
  const names = ['collect', 'probe', 'trace', 'raise', 'settings', 'delete-udp-entry', 'rollback'];
  const environment = handlerEnvironment({
    workDir: '/nowhere',
    table: 'table',
    ssmUrl: url,
    dynamoUrl: url,
    elsewhereUrl: url,
    slackApiUrl: `${url}/api/`,
    key: LOCAL.credentials,
    botToken: 'token',
    signingSecret: 'secret',
    webhookSecret: 'secret',
    documents: new Map(names.map((name) => [`medic-${name}`, { name, sha256: '', content: '' }] as never)),
    alarmName: 'alarm',
    instanceIds: [],
  });
  expect(environment['AWS_ENDPOINT_URL']).toBe(url);
});
