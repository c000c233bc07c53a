import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Check } from '../../../cli/doctor/check.ts';
import type { SweepDeployment } from '../../../cli/doctor/deployment.ts';
import { sweepChecks } from '../../../cli/doctor/sweep-checks.ts';
import type { StoredSweep } from '../../../src/core/sweep/found.ts';
import { SweepSource } from '../../../src/core/sweep/source.ts';
import { type RecordedPrometheus, startRecordedPrometheus } from '../../support/recorded-prometheus.ts';
import { type Answer, LOCAL, startResponder } from '../adapters/support.ts';
import { buildDeployment } from '../support/deployments.ts';
import { buildFleet } from '../support/fleets.ts';

const closing: (() => Promise<void>)[] = [];
let prometheus: RecordedPrometheus;
beforeEach(async () => {
  prometheus = await startRecordedPrometheus();
  closing.push(() => prometheus.close());
  // Nothing of this machine's own is asked.
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  }))
    vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) await close();
});

const idOf = (index: number) => `i-${String(index).padStart(17, '0')}`;

/** Answers for one service of AWS from now on. */
async function answerFor(service: string, answer: (target: string) => Answer): Promise<void> {
  const server = await startResponder(({ target }) => answer(target));
  closing.push(() => server.close());
  vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, server.url);
}

/** Lines on a sweep of nodes by their numbers, of which those that were recorded are 1, 2, 3 and 5. */
async function linesOf(
  source: object,
  nodes: readonly number[] = [1, 2, 3],
  newest: SweepDeployment['newest'] = () => Promise.resolve(sweptAgo(60)),
): Promise<readonly Check[]> {
  const InstanceInformationList = nodes.map((index) => ({
    InstanceId: idOf(index),
    PingStatus: 'Online',
    PlatformType: 'Linux',
    ComputerName: `ip-10-0-0-${index}.eu-central-1.compute.internal`,
    IPAddress: `10.0.0.${index}`,
  }));
  const ssm = await startResponder(() => ({ status: 200, body: { InstanceInformationList } }));
  closing.push(() => ssm.close());
  return await sweepChecks(
    buildDeployment({
      ssm: new SSMClient({ ...LOCAL, endpoint: ssm.url, maxAttempts: 1 }),
      sweep: { everyMinutes: 5, source: SweepSource.parse(source), newest },
    }),
  );
}

/** What a sweep left that began so many seconds ago and saw every node. */
function sweptAgo(seconds: number, changes: Partial<StoredSweep> = {}): StoredSweep {
  const { swept } = buildFleet(20);
  const { unseen: _none, ...report } = swept.report;
  return { ...swept, report, startedAt: Date.now() - seconds * 1_000, ...changes };
}

const of = (changes: object = {}) => ({
  kind: 'prometheus',
  url: prometheus.url,
  auth: { kind: 'none' },
  labels: { cluster: 'shop' },
  ...changes,
});

describe('the newest sweep over the fleet', () => {
  const newest = async (swept: StoredSweep | undefined) =>
    (await linesOf({ kind: 'ssm' }, [], () => Promise.resolve(swept)))[0];

  test('is well where it is not older than some intervals and saw every node', async () => {
    expect(await linesOf({ kind: 'ssm' })).toEqual([
      { id: 'sweep', ok: true, what: expect.stringMatching(/began \d+ s ago and saw (\d+ nodes) of \1\.$/) },
    ]);
    expect(await newest(sweptAgo(14 * 60))).toMatchObject({ ok: true });
  });

  test('is named where there is none, it is old, it could not read its source, or missed nodes', async () => {
    expect(await newest(undefined)).toMatchObject({ ok: false, what: expect.stringContaining('No sweep') });
    expect(await newest(sweptAgo(47 * 60))).toMatchObject({
      ok: false,
      what: 'The newest sweep over the fleet began 47 min ago, and one is due every 5 minutes.',
      fix: expect.stringContaining('Read the log of the function that sweeps'),
    });
    expect(
      await newest(sweptAgo(60, { fault: 'The Prometheus at x could not be asked (403).' })),
    ).toMatchObject({
      ok: false,
      what: expect.stringMatching(/did not get all samples: The Prometheus at x .* \(403\)\.$/),
    });
    expect(await newest({ ...buildFleet(20).swept, startedAt: Date.now() })).toMatchObject({
      ok: false,
      what: expect.stringMatching(/did not see: [^:]*offline\.$/),
      fix: expect.stringContaining('medic fleet'),
    });
  });

  test('is not known where the table could not be read', async () => {
    const refused = Object.assign(new Error('no'), {
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
    });
    const [line] = await linesOf({ kind: 'ssm' }, [], () => Promise.reject(refused));
    expect(line).toMatchObject({
      ok: false,
      fix: 'The credentials need dynamodb:Query on the table of the records.',
    });
  });
});

describe('a Prometheus that a sweep reads', () => {
  const line = async (changes?: object, nodes?: readonly number[]) =>
    (await linesOf(of(changes), nodes)).find(({ id }) => id === 'sweep-source');

  test('has samples of the nodes, which are read as the sweep reads them', async () => {
    expect(await line()).toMatchObject({ ok: true, what: expect.stringContaining('of 3 nodes of 3 nodes') });
    expect(await line({ tenant: 'shop' })).toMatchObject({ ok: true });
    expect(prometheus.asked.at(-1)?.request.headers['x-scope-orgid']).toBe('shop');
  });

  test('has none of some nodes, or of any', async () => {
    expect(await line({}, [1, 2, 4])).toMatchObject({
      ok: false,
      what: expect.stringMatching(/of 2 of 3 nodes, and none that is certainly of i-0+4\.$/),
      fix: expect.stringContaining('collector conntrack'),
    });
    prometheus.age = 3_600;
    expect(await line()).toMatchObject({
      ok: false,
      what: expect.stringMatching(/answers, and has no sample of the last minutes .* of 3 nodes\.$/),
    });
  });

  test.each([
    [401, { auth: { kind: 'none' } }, false, /give auth, or tenant/],
    [404, {}, false, /before \/api\/v1\/query.*\/prometheus\.$/],
    [400, {}, false, /^Compare url, labels and tenant/],
    [503, {}, undefined, /^Run the doctor again/],
  ])('that answers %i is told with what to do about it', async (status, changes, ok, fix) => {
    prometheus.misbehave = () => ({ status, body: 'no' });
    const found = await line(changes);
    expect(found).toMatchObject({ ok, fix: expect.stringMatching(fix) });
    expect(found?.what).toContain(`${status}`);
  });

  test('that is not reached, or no Prometheus, is not taken for one that refuses', async () => {
    expect(await line({ url: 'http://127.0.0.1:1' })).toMatchObject({
      ok: undefined,
      what: expect.stringMatching(/^The Prometheus at 127\.0\.0\.1:1 was not reached/),
    });
    prometheus.misbehave = () => ({ status: 200, body: '<html>' });
    expect(await line()).toMatchObject({ ok: false, what: expect.stringContaining('is not the answer') });
  });

  test('is shown the login of the secret, which may be wrong or not for these credentials', async () => {
    const auth = { kind: 'basic', secretName: 'prometheus' };
    let answer: Answer = {
      status: 200,
      body: { ARN: 'arn', SecretString: JSON.stringify({ username: 'medic', password: 'p' }) },
    };
    await answerFor('SECRETS_MANAGER', () => answer);
    expect(await line({ auth })).toMatchObject({ ok: true });
    expect(prometheus.asked[0]?.request.headers.authorization).toBe(
      `Basic ${Buffer.from('medic:p').toString('base64')}`,
    );
    prometheus.misbehave = () => ({ status: 401, body: '' });
    expect(await line({ auth })).toMatchObject({
      ok: false,
      fix: expect.stringMatching(/^Put a login that it takes into the secret prometheus/),
    });
    answer = { status: 200, body: { ARN: 'arn', SecretString: '{"token":"t"}' } };
    expect(await line({ auth })).toMatchObject({
      ok: false,
      what: expect.stringContaining('is not JSON with username and password'),
    });
    answer = { status: 400, body: { message: 'no' }, errorType: 'AccessDeniedException' };
    expect(await line({ auth })).toMatchObject({
      ok: false,
      fix: 'The credentials need secretsmanager:GetSecretValue for prometheus.',
    });
  });

  test('that only the function reaches is not asked from here', async () => {
    const vpc = { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] };
    expect((await linesOf(of({ vpc }))).map(({ id }) => id)).toEqual(['sweep']);
    expect(prometheus.asked).toEqual([]);
  });
});

describe("the CloudWatch agent's metrics that a sweep reads", () => {
  const line = async () =>
    (await linesOf({ kind: 'cloudwatch-agent' }, [1])).find(({ id }) => id === 'sweep-source');

  test('are there, or it is said how they come to be', async () => {
    let Metrics: object[] = [];
    await answerFor('CLOUDWATCH', (target) => ({
      status: 200,
      body:
        target === 'ListMetrics'
          ? { Metrics }
          : { MetricDataResults: [{ Id: 'm0', Timestamps: [Date.now() / 1_000 - 60], Values: [7] }] },
    }));
    expect(await line()).toMatchObject({
      ok: false,
      fix: expect.stringMatching(/section ethtool .* append_dimensions, and look at namespace/),
    });
    const Dimensions = Object.entries({ InstanceId: idOf(1), interface: 'ens5' }).map(([Name, Value]) => ({
      Name,
      Value,
    }));
    Metrics = [{ Namespace: 'CWAgent', MetricName: 'ethtool_conntrack_allowance_exceeded', Dimensions }];
    expect((await line())?.ok).toBe(true);
  });

  test('may not be read by these credentials', async () => {
    await answerFor('CLOUDWATCH', () => ({
      status: 400,
      body: { message: 'no' },
      errorType: 'AccessDeniedException',
    }));
    expect(await line()).toMatchObject({
      ok: false,
      fix: 'The credentials need cloudwatch:ListMetrics and cloudwatch:GetMetricData.',
    });
  });
});
