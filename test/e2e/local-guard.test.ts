import { type IncomingHttpHeaders, request } from 'node:http';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListCommandInvocationsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsKey, newAwsKey } from '../../local/aws-key.ts';
import { startDynamo } from '../../local/dynamo.ts';
import type { LocalServer } from '../../local/http-server.ts';
import { DurableRuntime } from '../../local/lambda-host/durable-runtime.ts';
import { startFunctionUrl } from '../../local/lambda-host/function-url.ts';
import { startLambdaEndpoint } from '../../local/lambda-host/lambda-endpoint.ts';
import { APPROVER } from '../../local/slack/people.ts';
import { type LocalSlack, startSlack } from '../../local/slack/server.ts';
import { startSsmEndpoint } from '../../local/ssm/endpoint.ts';

const key = newAwsKey();
const REGION = 'eu-central-1';
const CALLED: string[] = [];

const called = {
  name: 'called',
  kind: 'plain',
  handler: async (event: unknown) => {
    CALLED.push(JSON.stringify(event));
    return 'done';
  },
} as const;

/** Each stand-in for a service of AWS, with a call that its real client makes. */
const STAND_INS = {
  ssm: {
    start: () => startSsmEndpoint({ key, documents: new Map(), nodes: [] }),
    call: (settings: Settings) => new SSMClient(settings).send(new ListCommandInvocationsCommand({})),
  },
  lambda: {
    start: () =>
      startLambdaEndpoint({
        key,
        functions: () => [called],
        runtime: new DurableRuntime(new Map()),
        onFailure: () => {},
      }),
    call: (settings: Settings) => {
      const FunctionName = 'arn:aws:lambda:eu-central-1:123456789012:function:called';
      return new LambdaClient(settings).send(
        new InvokeCommand({ FunctionName, Qualifier: 'live', Payload: '{"é":"~ *"}' }),
      );
    },
  },
  dynamo: {
    start: () => startDynamo(key),
    call: (settings: Settings) => new DynamoDBClient(settings).send(new ListTablesCommand({})),
  },
} as const;

interface Settings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: AwsKey;
  readonly maxAttempts: number;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A POST with the headers as they are given, the name of the host among them, and the path as it is. */
const post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body = '{}',
  path = new URL(url).pathname,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request(url, { method: 'POST', headers, path }, (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
    })
      .on('error', reject)
      .end(body);
  });

describe.each(Object.entries(STAND_INS))('the stand-in for %s', (_name, { start, call }) => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());
  const settings = (credentials: AwsKey) => ({
    endpoint: server.url,
    region: REGION,
    credentials,
    maxAttempts: 1,
  });

  test('answers what is signed with its key', async () => {
    await expect(call(settings(key))).resolves.toBeDefined();
  });

  test('refuses another key, and the same id with another secret', async () => {
    const before = CALLED.length;
    await expect(call(settings({ ...key, secretAccessKey: 'local' }))).rejects.toThrow(/not valid/);
    await expect(call(settings({ ...key, accessKeyId: 'other' }))).rejects.toThrow(/not valid/);
    expect(CALLED).toHaveLength(before);
  });

  test('refuses a request that came under a name of somebody else, and lets no page read the answer', async () => {
    const port = new URL(server.url).port;
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port}1`]) {
      const { status, headers } = await post(server.url, { host, origin: `http://${host}` });
      expect([host, status]).toEqual([host, 403]);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('refuses what is not signed', async () => {
    const unsigned = await post(server.url, { 'x-amz-target': 'AmazonSSM.ListCommandInvocations' });
    expect([400, 403]).toContain(unsigned.status);
    expect(unsigned.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('refuses what was changed after it was signed', async () => {
    const client = new SSMClient({ ...settings(key), endpoint: 'http://127.0.0.1:9' });
    let signed: Readonly<Record<string, string>> = {};
    client.middlewareStack.add(
      (next) => async (args) => {
        signed = (args.request as { headers: Record<string, string> }).headers;
        return await next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await client.send(new ListCommandInvocationsCommand({ CommandId: 'x' })).catch(() => {});
    const { status } = await post(
      server.url,
      { ...signed, host: new URL(server.url).host, 'content-length': '2' },
      '{}',
    );
    expect(signed['authorization']).toContain('Signature=');
    expect([400, 403]).toContain(status);
  });
});

/** Paths that no client of ours asks for, and that a browser or a script may. */
const ODD_PATHS = ['//', '///', '//x', '//[', '/\\', '/%', '/%ff?%', '/?', '*', 'http://[/'];
const WITHOUT_ERROR = /^[2-4]\d\d$/;

describe.each(Object.entries(STAND_INS))(
  'unsigned, at odd paths, the stand-in for %s',
  (_name, { start }) => {
    test('says in words what is wrong', async () => {
      const server = await start();
      for (const path of ODD_PATHS) {
        const { status, body } = await post(server.url, {}, '{', path);
        expect([path, status, body]).toEqual([
          path,
          expect.toBeOneOf([400, 403, 404]),
          expect.stringMatching(/\w{3}/),
        ]);
        expect(body).not.toContain('Invalid URL');
      }
      await server.close();
    });
  },
);

describe('the page', () => {
  let page: LocalSlack;
  const url = 'http://127.0.0.1:9';
  beforeAll(async () => {
    const labels = { nodes: 'none' };
    page = await startSlack({
      botToken: 'xoxb-local',
      signingSecret: 'x',
      interactivityUrl: () => url,
      labels,
    });
  });
  afterAll(() => page.close());

  test.each(ODD_PATHS)('answers %s with a sentence', async (path) => {
    const { status, body } = await post(page.url, {}, '{}', path);
    expect(status).toBeOneOf([400, 404]);
    expect(body).toMatch(/^[A-Z][^{}]*\.$/);
  });

  const SENT = { as: APPROVER.id, ts: '1.2', blockId: 'a', actionId: 'b' };
  test.each([
    ['', 400],
    ['{', 400],
    ['null', 400],
    ['[]', 400],
    ['"x"', 400],
    ['{}', 400],
    [JSON.stringify({ ...SENT, as: 1 }), 400],
    [JSON.stringify({ ...SENT, ts: null }), 400],
    [JSON.stringify({ ...SENT, option: 0.5 }), 400],
    [JSON.stringify({ ...SENT, as: 'nobody' }), 404],
    [JSON.stringify({ ...SENT, padding: 'x'.repeat(9_000_000) }), 413],
  ])('answers a click that it never sends with a sentence', async (body, expected) => {
    const answer = await post(`${page.url}/click`, { 'content-type': 'application/json' }, body);
    expect(answer.status).toBe(expected);
    expect(answer.body).toMatch(/^[A-Z][^{}]*\.$/);
  });

  test('answers arguments that are no JSON object with a sentence', async () => {
    for (const body of ['{', '7', '[]', '']) {
      const answer = await post(`${page.url}/api/auth.test`, { 'content-type': 'application/json' }, body);
      expect([body, answer.status, answer.body]).toEqual([
        body,
        400,
        expect.stringMatching(/JSON object\.$/),
      ]);
    }
  });
});

test.each(ODD_PATHS)('a function URL takes %s as a path, or says that it is none', async (path) => {
  const failures: string[] = [];
  const server = await startFunctionUrl(
    () => called,
    (_name, why) => failures.push(why),
  );
  const { status } = await post(server.url, {}, '{}', path);
  expect(String(status)).toMatch(WITHOUT_ERROR);
  expect(failures.join('\n')).toBe('');
  await server.close();
});

test('a function URL serves nobody under a name of somebody else', async () => {
  const server = await startFunctionUrl(
    () => called,
    () => {},
  );
  const before = CALLED.length;
  expect((await post(server.url, { host: 'evil.example' })).status).toBe(403);
  expect(CALLED).toHaveLength(before);
  await server.close();
});
