import { EC2Client } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { STACK_OUTPUTS } from '../../../cdk/outputs.ts';
import type { Check } from '../../../cli/doctor/check.ts';
import { clusterChecks } from '../../../cli/doctor/cluster-checks.ts';
import type { Deployment } from '../../../cli/doctor/deployment.ts';
import { documentChecks, nodeChecks } from '../../../cli/doctor/node-checks.ts';
import { openStack } from '../../../cli/doctor/open-deployment.ts';
import { slackChecks, urlChecks } from '../../../cli/doctor/slack-checks.ts';
import type { LocalServer } from '../../../local/http-server.ts';
import { Ec2Lookups } from '../../../src/adapters/lookups/ec2-instances.ts';
import { type Answer, LOCAL, startResponder } from '../adapters/support.ts';
import { buildDeployment } from '../support/deployments.ts';

/** What a service does, as the doctor sees it. */
type Mood = 'refuses' | 'throttles' | 'is broken' | 'is a page to log in' | 'is not there';
const MOODS: readonly Mood[] = ['refuses', 'throttles', 'is broken', 'is a page to log in', 'is not there'];

const PAGE = {
  status: 200,
  body: '<!doctype html><html lang="en"><meta charset="utf-8"><title>Log in to the network</title><p>Log in<br></html>',
};
const denied = (code: string) =>
  `<Response><Errors><Error><Code>${code}</Code><Message>no</Message></Error></Errors></Response>`;
const deniedQuery = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;

/** The protocols of what the doctor asks, each with its own way to refuse. */
const WIRES = {
  json: { refusal: { status: 400, body: { message: 'no' }, errorType: 'AccessDeniedException' } },
  ec2: { refusal: { status: 403, body: denied('UnauthorizedOperation') } },
  query: { refusal: { status: 403, body: deniedQuery('AccessDenied') } },
  slack: { refusal: { status: 200, body: { ok: false, error: 'invalid_auth' } } },
} as const satisfies Readonly<Record<string, { refusal: Answer }>>;
type Wire = keyof typeof WIRES;

/** What is asked before the check that is looked at, and answers well. */
const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::111122223333:user/ana</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`;
const STACK = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>ConntrackMedic</StackName>
<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${Object.keys(
  STACK_OUTPUTS,
)
  .map((name) => `<member><OutputKey>${name}</OutputKey><OutputValue>x</OutputValue></member>`)
  .join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
const NODES = {
  InstanceInformationList: [
    {
      InstanceId: 'i-0123456789abcdef0',
      PingStatus: 'Online',
      AgentVersion: '3.3.3572.0',
      PlatformType: 'Linux',
    },
  ],
};

let mood: Mood = 'refuses';
let well: LocalServer;
const servers = new Map<Wire, LocalServer>();
beforeAll(async () => {
  for (const wire of Object.keys(WIRES) as Wire[])
    servers.set(
      wire,
      await startResponder(() => {
        if (mood === 'is a page to log in') return PAGE;
        if (mood === 'throttles') return { status: 429, body: {}, errorType: 'ThrottlingException' };
        if (mood === 'is broken') return { status: 503, body: {} };
        return WIRES[wire].refusal;
      }),
    );
});
beforeAll(async () => {
  well = await startResponder(({ body, target }) => {
    if (target.includes('DescribeInstanceInformation')) return { status: 200, body: NODES };
    return { status: 200, body: body.includes('DescribeStacks') ? STACK : IDENTITY };
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await well.close();
  for (const server of servers.values()) await server.close();
});

const NOWHERE = 'http://127.0.0.1:1';
const urlOf = (wire: Wire) => (mood === 'is not there' ? NOWHERE : (servers.get(wire)?.url ?? ''));

function deployment(): Deployment {
  const at = (wire: Wire) => ({ ...LOCAL, endpoint: urlOf(wire), maxAttempts: 1 });
  return buildDeployment({
    region: LOCAL.region,
    ssm: new SSMClient(at('json')),
    slack: new WebClient('xoxb-1', {
      slackApiUrl: `${urlOf('slack')}/`,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    }),
    channel: 'C0123456789',
    approvers: ['U0ANA'],
    slackUrl: `${urlOf('slack')}/`,
    signingSecret: 'key',
    webhookUrl: `${urlOf('slack')}/`,
    instances: new Ec2Lookups(new EC2Client(at('ec2'))),
    documents: [{ name: 'medic-collect', hash: '0'.repeat(64) }],
    collect: { name: 'medic-collect', hash: '0'.repeat(64) },
  });
}

/** The nodes are listed, and then the service is as it is. */
function withNodes(): Deployment {
  const one = deployment();
  const listing = new SSMClient({ ...LOCAL, endpoint: well.url, maxAttempts: 1 });
  const ssm = new Proxy(one.ssm, {
    get: (client, key) =>
      key === 'send'
        ? (command: DescribeInstanceInformationCommand) =>
            (command instanceof DescribeInstanceInformationCommand ? listing : client).send(command)
        : Reflect.get(client, key),
  });
  return { ...one, ssm, instances: undefined };
}

/** @param before services that answer well, as the SDK's variables call them */
async function stackOf(wire: Wire, ...before: readonly string[]): Promise<readonly Check[]> {
  vi.unstubAllEnvs();
  const logIn = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_MAX_ATTEMPTS: '1' };
  for (const name of before) vi.stubEnv(`AWS_ENDPOINT_URL_${name}`, well.url);
  for (const [name, value] of Object.entries({ ...logIn, AWS_ENDPOINT_URL: urlOf(wire) }))
    vi.stubEnv(name, value);
  return (await openStack('ConntrackMedic', LOCAL.region)).checks;
}

const CHECKS: readonly (readonly [id: string, fix: RegExp, () => Promise<readonly Check[]>])[] = [
  ['credentials', /Log in/, () => stackOf('query')],
  ['slack-token', /Install the app/, () => slackChecks(deployment())],
  ['document-medic-collect', /need ssm:DescribeDocument\b/, () => documentChecks(deployment())],
  ['nodes', /need ssm:DescribeInstanceInformation\b/, () => nodeChecks(deployment())],
  ['stack', /need cloudformation:DescribeStacks\b/, () => stackOf('query', 'STS')],
  ['signing-secret', /need secretsmanager:GetSecretValue\b/, () => stackOf('json', 'STS', 'CLOUDFORMATION')],
  ['secret', /need secretsmanager:GetSecretValue\b/, () => stackOf('json', 'STS', 'CLOUDFORMATION')],
  ['collection', /need ssm:SendCommand\b/, () => nodeChecks(withNodes())],
  ['clusters', /need ec2:DescribeInstances\b/, () => clusterChecks(deployment(), new Set())],
];

describe.each(CHECKS)('the doctor’s check of %s', (id, fix, run) => {
  // EC2's client reads a page as an empty list; the credentials, which are asked first on the same way, tell of it.
  const moods = id === 'clusters' ? MOODS.filter((one) => one !== 'is a page to log in') : MOODS;
  it.each(moods)('tells a service that %s from every other', async (present) => {
    mood = present;
    // The SDK asks again after a part of a second or two that it draws by lot: none of it.
    const lot = vi.spyOn(Math, 'random').mockReturnValue(0);
    onTestFinished(() => lot.mockRestore());
    const line = (await run()).find((check) => check.id === id);
    if (present === 'refuses') {
      expect(line).toMatchObject({ ok: false, fix: expect.stringMatching(fix) });
      expect(line?.what).not.toMatch(/not reached|no usable answer/);
      return;
    }
    // Nothing is said of what was asked, and nobody is sent to change it.
    const isFar = present === 'is not there' || present === 'is a page to log in';
    expect(line).toMatchObject({ ok: undefined });
    expect(line?.what).toMatch(
      isFar ? /was not reached, so .* is not known: \S/ : /gave no usable answer, so .* is not known: \S/,
    );
    expect(line?.fix).toMatch(
      isFar ? /^Look at what is between here and / : /^Run the doctor again in a minute/,
    );
  });
});

it('looks for nothing behind a door that it did not reach, and says what comes first', async () => {
  mood = 'is not there';
  const slack = await slackChecks(deployment());
  expect(slack.map(({ ok }) => ok)).toEqual([undefined, undefined, undefined]);
  expect(slack[1]?.fix).toBe('Put the way to Slack right first, then run the doctor again.');
  const nodes = await nodeChecks(deployment());
  expect(nodes.map(({ id, ok }) => `${id} ${ok}`)).toEqual([
    'nodes undefined',
    'clusters undefined',
    'collection undefined',
  ]);
  const urls = await urlChecks(deployment());
  expect(urls.map(({ id, ok }) => `${id} ${ok}`)).toEqual(['slack-url undefined', 'webhook-url undefined']);
});

describe('the doctor’s check of the workspace', () => {
  const lineFor = async (team: string | undefined, identity: object) => {
    const server = await startResponder(() => ({
      status: 200,
      body: { ok: true, team: 'shop', ...identity },
    }));
    const slack = new WebClient('xoxb-1', { slackApiUrl: `${server.url}/`, retryConfig: { retries: 0 } });
    const checks = await slackChecks({ ...deployment(), slack, team });
    await server.close();
    return checks.find(({ id }) => id === 'slack-team');
  };
  const inCorp = { team_id: 'T0SHOP001', enterprise_id: 'E0CORP001' };

  it.each([
    ['its workspace', 'T0SHOP001', inCorp],
    ['its enterprise', 'E0CORP001', inCorp],
    ['the enterprise that installed the app', 'E0CORP001', { team_id: 'E0CORP001' }],
  ])('is content where %s is pinned', async (_what, team, identity) => {
    expect(await lineFor(team, identity)).toMatchObject({ ok: true });
  });

  it('says what to put where when it is another one', async () => {
    const line = await lineFor('T0OTHER01', inCorp);
    expect(line).toMatchObject({ ok: false });
    expect(line?.fix).toMatch(/^Put "slackTeam": "T0SHOP001" into the configuration and deploy it, or .*\.$/);
  });

  it('names the id to put into the configuration where none is pinned', async () => {
    expect(await lineFor(undefined, inCorp)).toMatchObject({
      ok: true,
      what: expect.stringContaining('"slackTeam": "T0SHOP001"'),
    });
  });
});

it('tells a function that fails from one that refuses', async () => {
  mood = 'is broken';
  for (const { ok, what, fix } of await urlChecks(deployment())) {
    expect(ok).toBe(false);
    expect(what).toMatch(/was reached and fails: it answered 503/);
    expect(fix).toMatch(/^Look at the log of the (slack|webhook) function/);
  }
});

it('says that AWS was never asked where this machine has no credentials', async () => {
  mood = 'refuses';
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_PROFILE', 'no-such-profile');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  const { checks } = await openStack('ConntrackMedic', LOCAL.region);
  vi.unstubAllEnvs();
  expect(checks).toEqual([
    {
      id: 'credentials',
      ok: undefined,
      what: expect.stringMatching(/^AWS was not asked, so /),
      fix: expect.stringMatching(/^Log in /),
    },
  ]);
});
