import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refuseSignature } from '../../../../local/aws-key.ts';
import { ManagedSecret } from '../../../../src/adapters/managed-secret.ts';
import { NodeExporterSeries } from '../../../../src/adapters/series/node-exporter.ts';
import { PrometheusApi, type PrometheusAuth } from '../../../../src/adapters/series/prometheus-api.ts';
import {
  basicAuth,
  bearerAuth,
  LOGIN_SECRET,
  noAuth,
  signedAuth,
  TOKEN_SECRET,
} from '../../../../src/adapters/series/prometheus-auth.ts';
import { type RecordedPrometheus, startRecordedPrometheus } from '../../../support/recorded-prometheus.ts';
import { LOCAL, startResponder } from '../support.ts';

let prometheus: RecordedPrometheus;
const closing: (() => Promise<void>)[] = [];
const [warned, paused]: [string[], number[]] = [[], []];
beforeEach(async () => {
  prometheus = await startRecordedPrometheus();
  closing.push(() => prometheus.close());
  warned.length = paused.length = 0;
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The seven nodes that were scraped, as EC2 knows them. */
const NODES = Array.from({ length: 7 }, (_, index) => ({
  instanceId: `i-0000000000000000${index + 1}`,
  isOnline: true,
  hostNames: [`ip-10-0-0-${index + 1}.eu-central-1.compute.internal`],
  addresses: [`10.0.0.${index + 1}`],
}));
const [FULL, HALF, UNLIMITED, , BROKEN] = NODES.map(({ instanceId }) => instanceId);

const LABELS = { cluster: 'shop' };

function seriesAt(
  url: string,
  auth: PrometheusAuth = noAuth,
  labels: Readonly<Record<string, string>> = LABELS,
) {
  const api = new PrometheusApi({
    url,
    auth,
    pause: async (seconds) => void paused.push(seconds),
    warn: (text) => warned.push(text),
  });
  return new NodeExporterSeries(api, { labels }, { now: () => Date.now() });
}
const read = (...auth: PrometheusAuth[]) => seriesAt(prometheus.url, ...auth).read(NODES);

describe("node_exporter's series in a Prometheus", () => {
  test('are the values of the nodes that they name in one way or another', async () => {
    const began = Date.now();
    const sampled = await read();
    expect(sampled.get(FULL ?? '')).toEqual({
      at: expect.any(Number),
      numbers: {
        count: 131_000,
        max: 131_072,
        drops: 100,
        insertFailed: 20,
        earlyDrops: 0,
        bootedAt: 1_796_000_000,
        neighbours: 17,
        enaExceeded: 42,
        enaAvailable: 12_000,
      },
      kernel: '6.1.141-155.222.amzn2023.x86_64',
    });
    expect(sampled.get(HALF ?? '')?.numbers).toMatchObject({ count: 70_012, max: 131_072 });
    expect(sampled.get(HALF ?? '')?.numbers).not.toHaveProperty('enaExceeded');
    expect(sampled.get(UNLIMITED ?? '')?.numbers).toMatchObject({ count: 900_000, max: 0 });
    expect(sampled.get(BROKEN ?? '')?.numbers).toMatchObject({ count: Number.NaN, max: Number.NaN });
    // Its newest scrape was some seconds before it was asked.
    expect(Math.abs((sampled.get(FULL ?? '')?.at ?? 0) - began)).toBeLessThan(60_000);
  });

  test('are none of a node without the collector, with the name of two machines, or scraped in a pod', async () => {
    expect([...(await read()).keys()].toSorted()).toEqual([FULL, HALF, UNLIMITED, BROKEN]);
  });

  test('are asked for at one moment of the server, and tell how old they are', async () => {
    prometheus.age = 300;
    const at = (await read()).get(FULL ?? '')?.at ?? 0;
    expect(Date.now() - at).toBeGreaterThan(290_000);
    const times = prometheus.asked.map(({ body }) => new URLSearchParams(body.toString()).get('time'));
    expect(times[0]).toBeNull();
    expect(new Set(times.slice(1)).size).toBe(1);
  });

  test.each([300, -300])('are not read where the clock of the server is %i s off', async (ahead) => {
    prometheus.ahead = ahead;
    await expect(read()).rejects.toThrow(/^The clock of the Prometheus is 300 s (ahead|behind), so nothing/);
  });

  test('have the labels of the configuration, whose values stay values', async () => {
    const hostile = 'a"} or vector(1) # \\\n';
    await expect(seriesAt(prometheus.url, noAuth, { cluster: hostile }).read(NODES)).rejects.toThrow(
      'nothing',
    );
    expect(prometheus.asked[0]?.query).toContain(
      'node_nf_conntrack_entries{cluster="a\\"} or vector(1) # \\\\\\n"}',
    );
  });

  test('are asked for again while the server is away, and then it is said', async () => {
    prometheus.misbehave = (index) => (index < 2 ? { status: 503, body: 'away' } : undefined);
    expect((await read()).size).toBe(4);
    expect(paused).toEqual([1, 4]);
    prometheus.misbehave = () => ({ status: 503, body: 'away' });
    await expect(read()).rejects.toThrow(
      /^The Prometheus at 127\.0\.0\.1:\d+ could not be asked \(503\); look at sweep\.source/,
    );
  });

  const answer = (data: object, more: object = {}) =>
    JSON.stringify({ status: 'success', data: { resultType: 'vector', ...data }, ...more });
  test.each([
    ['no JSON', '<html>', /is not the answer to a query/],
    ['another result', answer({ resultType: 'matrix', result: [] }), /is not the answer to a query/],
    [
      'labels that are none',
      answer({ result: [{ metric: { a: 1 }, value: [1, '1'] }] }),
      /is not the answer/,
    ],
    ['a time that is none', answer({ result: [{ metric: {}, value: ['now', '1'] }] }), /is not the answer/],
    ['more than is read', `"${'x'.repeat(17 * 1024 * 1024)}"`, /more than 16777216 bytes/],
    [
      'an error with control characters',
      JSON.stringify({ status: 'error', errorType: 'x', error: '\u001b[2Jno' }),
      /\(\?\[2Jno\)/,
    ],
  ])('are not read out of %s', async (_, body, why) => {
    prometheus.misbehave = () => ({ status: 200, body });
    await expect(read()).rejects.toThrow(why);
  });

  test('are none where the server has none, and a warning of a part that is missing is told', async () => {
    prometheus.misbehave = () => ({
      status: 200,
      body: answer({ result: [] }, { warnings: ['a store is away'] }),
    });
    expect((await read()).size).toBe(0);
    expect(warned).toEqual(['a store is away']);
  });

  test('are not looked for where a redirect leads', async () => {
    const redirecting = await startResponder(() => undefined);
    closing.push(() => redirecting.close());
    prometheus.misbehave = () => ({ status: 302, body: '' });
    await expect(
      read(bearerAuth({ current: async () => ({ token: 't' }), renewed: async () => ({ token: 't' }) })),
    ).rejects.toThrow('302');
    expect(redirecting.seen).toEqual([]);
  });
});

describe('who asks a Prometheus', () => {
  test('shows the token of the secret, and the new one where it was refused', async () => {
    let token = 'first';
    const secrets = await startResponder(() => ({
      status: 200,
      body: { ARN: 'arn', SecretString: JSON.stringify({ token }) },
    }));
    closing.push(() => secrets.close());
    let now = Date.now();
    const client = new SecretsManagerClient({ ...LOCAL, endpoint: secrets.url });
    const secret = new ManagedSecret(client, 'prometheus', TOKEN_SECRET, { now: () => now }, () => {});
    await secret.current();
    now += 60_000;
    token = 'second';
    prometheus.misbehave = (index) => (index === 0 ? { status: 401, body: '' } : undefined);
    expect((await read(bearerAuth(secret))).size).toBe(4);
    const shown = prometheus.asked.map(({ request }) => request.headers.authorization);
    expect(shown.slice(0, 3)).toEqual(['Bearer first', 'Bearer second', 'Bearer second']);
    prometheus.misbehave = () => ({ status: 401, body: 'second is wrong' });
    const refused = read(bearerAuth(secret));
    await expect(refused).rejects.toThrow('401');
    await expect(refused).rejects.not.toThrow(/first|second/);
  });

  test('shows the name and the password of the secret, whatever is in them', async () => {
    const login = { username: 'medic', password: 'grün: "$ecret"' };
    const secrets = await startResponder(() => ({
      status: 200,
      body: { ARN: 'arn', SecretString: JSON.stringify(login) },
    }));
    closing.push(() => secrets.close());
    const client = new SecretsManagerClient({ ...LOCAL, endpoint: secrets.url });
    const clock = { now: () => Date.now() };
    const secret = new ManagedSecret(client, 'prometheus', LOGIN_SECRET, clock, () => {});
    expect((await read(basicAuth(secret))).size).toBe(4);
    const [scheme, text = ''] = (prometheus.asked[0]?.request.headers.authorization ?? '').split(' ');
    expect([scheme, Buffer.from(text, 'base64').toString('utf8')]).toEqual([
      'Basic',
      `${login.username}:${login.password}`,
    ]);
    prometheus.misbehave = () => ({ status: 401, body: text });
    await expect(read(basicAuth(secret))).rejects.not.toThrow(text);
  });

  test.each([{ username: 'a:b', password: 'c' }, { username: 'a' }, { username: 'a', password: 'b\n' }, {}])(
    'takes no secret that is no login: %j',
    async (held) => {
      const secrets = await startResponder(() => ({
        status: 200,
        body: { ARN: 'arn', SecretString: JSON.stringify(held) },
      }));
      closing.push(() => secrets.close());
      const client = new SecretsManagerClient({ ...LOCAL, endpoint: secrets.url });
      const secret = new ManagedSecret(
        client,
        'prometheus',
        LOGIN_SECRET,
        { now: () => Date.now() },
        () => {},
      );
      await expect(read(basicAuth(secret))).rejects.toThrow(
        'The secret prometheus is not JSON with username and password',
      );
      expect(prometheus.asked).toEqual([]);
    },
  );

  test('says whose series are meant with every query, under the signature too', async () => {
    const { config } = new SSMClient(LOCAL);
    const api = new PrometheusApi({
      url: prometheus.url,
      auth: signedAuth(config, 'eu-central-1'),
      tenant: 'shop|web',
      pause: async () => {},
      warn: () => {},
    });
    await new NodeExporterSeries(api, { labels: LABELS }, { now: () => Date.now() }).read(NODES);
    for (const { request, body } of prometheus.asked) {
      expect(request.headers['x-scope-orgid']).toBe('shop|web');
      expect(request.headers.authorization).toContain('x-scope-orgid');
      expect(refuseSignature(request, body, LOCAL.credentials)).toBeUndefined();
    }
  });

  test('signs each request for the workspace, as AWS holds it', async () => {
    const workspace = await startRecordedPrometheus('/workspaces/ws-1');
    closing.push(() => workspace.close());
    const { config } = new SSMClient(LOCAL);
    const auth = signedAuth(config, 'eu-central-1');
    expect((await seriesAt(`${workspace.url}/workspaces/ws-1/`, auth).read(NODES)).size).toBe(4);
    for (const { request, body } of workspace.asked) {
      expect(refuseSignature(request, body, LOCAL.credentials)).toBeUndefined();
      expect(request.headers.authorization).toContain('/eu-central-1/aps/aws4_request');
    }
  });
});
