import type { IncomingMessage } from 'node:http';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startDynamo } from '../../../local/dynamo.ts';
import { type LocalServer, listenLocally, readBody } from '../../../local/http-server.ts';
import { tableDefinition } from '../../../src/adapters/dynamo/table.ts';
import type { Pace } from '../../../src/adapters/waiting/pace.ts';

/** What every client against a server of this machine needs. */
export const LOCAL = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

export const TABLE = 'conntrack-medic';

/** Turns to speak in Slack where nobody else speaks. */
export const FREE_PACE: Pace = { turn: async () => {}, cardTurn: async () => {}, hold: async () => {} };

/** Starts the local DynamoDB, or takes the one that MEDIC_TEST_MOTO names, with the product's table in it. */
export async function startTable(): Promise<{
  client: DynamoDBClient;
  url: string;
  close: () => Promise<void>;
}> {
  const moto = process.env['MEDIC_TEST_MOTO'];
  const server = moto === undefined ? await startDynamo(LOCAL.credentials) : await emptyMoto(moto);
  const client = new DynamoDBClient({ ...LOCAL, endpoint: server.url });
  await client.send(new CreateTableCommand(tableDefinition(TABLE)));
  const status = async () =>
    (await client.send(new DescribeTableCommand({ TableName: TABLE }))).Table?.TableStatus;
  while ((await status()) !== 'ACTIVE') await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    client,
    url: server.url,
    close: async () => {
      client.destroy();
      await server.close();
    },
  };
}

async function emptyMoto(url: string): Promise<LocalServer> {
  await fetch(`${url}/moto-api/reset`, { method: 'POST' });
  return { url, close: async () => {} };
}

/** One request as a service would see it. */
export interface SeenRequest {
  readonly target: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What the service answers; nothing cuts the connection. */
export type Answer =
  | {
      readonly status: number;
      /** JSON, or text as it goes over the wire. */
      readonly body: object | string;
      readonly errorType?: string;
    }
  | undefined;

/** A service that answers as the test wants and remembers what it was asked. */
export async function startResponder(
  respond: (request: SeenRequest, index: number) => Answer,
): Promise<LocalServer & { readonly seen: SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const server = await listenLocally(async (request, response) => {
    const one = {
      target: String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, ''),
      path: request.url ?? '',
      headers: request.headers,
      body: (await readBody(request)).toString('utf8'),
    };
    seen.push(one);
    const answer = respond(one, seen.length - 1);
    if (answer === undefined) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, {
      'content-type': 'application/x-amz-json-1.1',
      ...(answer.errorType === undefined ? {} : { 'x-amzn-errortype': answer.errorType }),
    });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  return { ...server, seen };
}

/** An error of a JSON service. */
export const refusal = (type: string, status = 400): Answer => ({
  status,
  body: { __type: type, message: `${type} for the test.` },
});
