import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startDynamo } from '../../../local/dynamo.ts';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { tableDefinition } from '../../../src/adapters/dynamo/table.ts';
import { ANA, buildIncident, NOW } from '../support/incidents.ts';
import { clickRequest, SIGNING_SECRET, startSlackStandIn } from './slack-stand-in.ts';

let slack: Awaited<ReturnType<typeof startSlackStandIn>>;
let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let client: DynamoDBClient;
let lambda: Server;
const asked: string[] = [];

/** Lambda's API, as far as waking a workflow uses it. */
async function startLambdaStandIn(): Promise<string> {
  lambda = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request
      .resume()
      .on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((resolve) => {
    lambda.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  slack = await startSlackStandIn();
  dynamo = await startDynamo({ accessKeyId: 'local', secretAccessKey: 'local' });
  const environment = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_LAMBDA: await startLambdaStandIn(),
    MEDIC_TABLE: 'handler',
    MEDIC_INCIDENT_FUNCTION: 'medic-incident:live',
    MEDIC_INTAKE_FUNCTION: 'medic-intake:live',
    MEDIC_SLACK_SIGNING_SECRET: SIGNING_SECRET,
    MEDIC_SLACK_BOT_TOKEN: 'xoxb-test',
    MEDIC_SLACK_API_URL: slack.apiUrl,
    MEDIC_SLACK_CHANNEL: 'C0INCIDENTS',
    MEDIC_APPROVERS: ANA.id,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.spyOn(console, 'log').mockReturnValue();
  client = new DynamoDBClient({});
  await client.send(new CreateTableCommand(tableDefinition('handler')));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  client.destroy();
  lambda.closeAllConnections();
  lambda.close();
  await dynamo.close();
  await slack.close();
});

it('the Slack function stores a signed click and completes the callback that the workflow waits on', async () => {
  const { handler } = await import('../../../lambdas/slack.ts');
  const store = new DynamoIncidentStore(client, 'handler', { nodeLockSeconds: 60 });
  const { head } = buildIncident('awaiting-approval');
  const shift = Date.now() - NOW;
  const later = (iso: string) => new Date(Date.parse(iso) + shift).toISOString();
  const callback =
    head.callback === undefined
      ? {}
      : { callback: { ...head.callback, expiresAt: later(head.callback.expiresAt) } };
  await store.open({ ...head, ...callback, evidenceAt: new Date().toISOString() });

  const value = { incident: head.id, plan: head.plan?.digest };
  const answer = await handler(
    clickRequest({ action: 'medic.apply-one', value, responseUrl: slack.responseUrl }),
    { invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:slack' },
  );

  expect(answer).toEqual({ statusCode: 200, body: '' });
  expect((await store.head(head.id))?.decisions.map(({ kind, actor }) => ({ kind, actor }))).toEqual([
    { kind: 'apply-one', actor: ANA },
  ]);
  expect(asked).toEqual(['POST /2025-12-01/durable-execution-callbacks/callback-id/succeed']);
  // All that it says is the card, which shows the decision.
  await expect
    .poll(() => slack.calls.map(({ path }) => path), { timeout: 30_000 })
    .toEqual(['/api/chat.update']);
});
