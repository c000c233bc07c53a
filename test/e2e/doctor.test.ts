import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Check } from '../../cli/doctor/check.ts';
import type { Deployment } from '../../cli/doctor/deployment.ts';
import { openDemo } from '../../cli/doctor/open-deployment.ts';
import { checkAll } from '../../cli/doctor-command.ts';
import { writeEndpoints } from '../../local/demo/endpoints.ts';
import { type LocalService, startService } from '../../local/demo/service.ts';
import { openWorkDir } from '../../local/demo/work-dir.ts';
import { APP } from '../../local/slack/people.ts';
import { WELL_INSTALLED } from '../../local/slack/workspace.ts';
import type { LocalNode } from '../../local/ssm/local-node.ts';
import { ALL_SCOPES } from '../../src/slack/manifest.ts';
import { type Answer, medic } from '../unit/support/medic.ts';
import { ModelNode } from './support/model-node.ts';
import { nodesUnderTest } from './support/nodes-under-test.ts';

const MEDIC = fileURLToPath(new URL('../../cli/medic.mjs', import.meta.url));

let root: string;
let workDir: string;
let service: LocalService;
let deployment: Deployment;
const state: { ping: 'Online' | 'ConnectionLost'; agent: string; cut: boolean } = {
  ping: 'Online',
  agent: '3.3.3572.0',
  cut: false,
};

/** A node that can be broken while the service runs. */
function breakable(node: ModelNode): LocalNode {
  return {
    instanceId: node.instanceId,
    tags: node.tags,
    get platform() {
      return { ...node.platform, agentVersion: state.agent };
    },
    ping: () => state.ping,
    run: async (document, parameters) => {
      const ran = await node.run(document, parameters);
      return state.cut ? { ...ran, stdout: ran.stdout.slice(0, ran.stdout.length / 2) } : ran;
    },
  };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'medic-doctor-test-'));
  vi.stubEnv('TMPDIR', root);
  workDir = await openWorkDir(root);
  service = await startService({
    nodes: nodesUnderTest('model nodes of the tests', [breakable(new ModelNode(1, 'workers'))]),
    workDir,
    port: 0,
    onFailure: () => {},
  });
  const opened = await openDemo();
  deployment = opened.deployment as Deployment;
});

afterAll(async () => {
  await service.close();
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

/** The command as a user starts it. The service lives in this process, so nothing may wait for it in one go. */
async function medicAsUsers(...args: string[]): Promise<Answer> {
  return await new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: root };
    execFile(process.execPath, [MEDIC, ...args], { env }, (error, out, said) => {
      resolve({ status: error === null ? 0 : Number(error.code), out, error: said });
    });
  });
}

const wrong = (checks: readonly Check[]) => checks.filter(({ ok }) => ok !== true);

describe('a demo that is well', () => {
  test('every line is ✓ and the command exits with 0', async () => {
    const { status, out } = await medicAsUsers('doctor', '--local');
    expect(out).not.toMatch(/[✗–]/);
    expect(out).toContain('✓ Only clicks and commands from T0LOCAL001 count.');
    expect(out).toContain('✓ The request URL refuses a wrong signature and takes a right one.');
    expect(out).toMatch(/✓ i-[0-9a-f]{17} was read: \d+ sections, complete\./);
    expect(out).toContain('All is as it should be.');
    expect(status).toBe(0);
  });

  test('--json says the same for a script', async () => {
    const { out } = await medic(['doctor', '--local', '--json']);
    const { schema, ok, checks } = JSON.parse(out) as { schema: string; ok: boolean; checks: Check[] };
    expect([schema, ok, wrong(checks)]).toEqual(['medic.doctor/1', true, []]);
  });

  test('looking at it opens no incident and posts nothing', () => {
    expect(service.slack.workspace.channelAs('U0LOCALANA')).toEqual([]);
  });
});

describe('what is broken is named, with what to do', () => {
  const slackWith = (token: string) =>
    new WebClient(token, { slackApiUrl: service.slack.apiUrl, retryConfig: { retries: 0 } });
  const cases: readonly (readonly [string, () => Partial<Deployment>, string, RegExp])[] = [
    ['a revoked token', () => ({ slack: slackWith('xoxb-old') }), 'slack-token', /invalid_auth/],
    ['another channel', () => ({ channel: 'C0ELSEWHERE' }), 'slack-channel', /channel_not_found/],
    ['another workspace', () => ({ team: 'T0OTHER001' }), 'slack-team', /T0OTHER001.*is of T0LOCAL001/],
    ['an approver who left', () => ({ approvers: ['U0GONE'] }), 'approvers', /U0GONE.*user_not_found/],
    ['an approver who is a bot', () => ({ approvers: [APP.userId] }), 'approvers', /is a bot/],
    ['no approver at all', () => ({ approvers: [] }), 'approvers', /Nobody may approve/],
    ['another signing secret', () => ({ signingSecret: 'other' }), 'slack-url', /answered 401/],
    ['another server behind the URL', () => ({ slackUrl: service.slack.url }), 'slack-url', /answered 404/],
    ['another webhook secret', () => ({ webhookSecret: 'other' }), 'webhook-url', /answered 401/],
    [
      'a document of another version',
      () => ({ documents: [{ name: 'medic-raise', hash: '0'.repeat(64) }] }),
      'document-medic-raise',
      /another one than this checkout builds/,
    ],
    [
      'a document that is missing',
      () => ({ documents: [{ name: 'medic-gone', hash: '0'.repeat(64) }] }),
      'document-medic-gone',
      /is not there/,
    ],
    [
      'a tag that no node carries',
      () => ({ nodeTags: [{ key: 'medic', values: ['nobody'] }] }),
      'nodes',
      /knows no Linux node with the tag medic=nobody/,
    ],
  ];
  test.each(cases)('%s', async (_what, change, id, what) => {
    const found = wrong(await checkAll({ ...deployment, ...change() }));
    const [first] = found.filter((check) => check.id === id);
    expect(first?.what).toMatch(what);
    expect(first?.fix).toMatch(/^[A-Z].*\.$/);
    // Nothing else is called broken, except what could not be looked at because of it.
    expect(found.filter((check) => check.ok === false)).toEqual([first]);
  });

  test('that no workspace is pinned is no fault, and it is said how to pin this one', async () => {
    const checks = await checkAll({ ...deployment, team: undefined });
    expect(wrong(checks)).toEqual([]);
    expect(checks.find(({ id }) => id === 'slack-team')?.what).toContain('"slackTeam": "T0LOCAL001"');
  });

  test('a URL where nothing listens, of which nothing else is known', async () => {
    const found = wrong(await checkAll({ ...deployment, slackUrl: 'http://127.0.0.1:9/' }));
    expect(found).toEqual([
      {
        id: 'slack-url',
        ok: undefined,
        what: expect.stringMatching(/was not reached, so whether the request URL works is not known/),
        fix: expect.stringMatching(/^Look at what is between here and /),
      },
    ]);
  });

  test.each([
    ['a node whose agent is silent', { ping: 'ConnectionLost' }, 'nodes-offline'],
    ['an agent that is too old', { agent: '3.2.2303.0' }, 'agents'],
    ['output that was cut off', { cut: true }, 'collection'],
  ] as const)('%s', async (_what, change, id) => {
    const before = { ...state };
    Object.assign(state, change);
    const found = wrong(await checkAll(deployment));
    Object.assign(state, before);
    expect(found.map((check) => check.id)).toContain(id);
  });

  test.each([
    ['an archived channel', { isArchived: true }, 'slack-channel', '#node-incidents is archived.'],
    [
      'a channel that the app is not in',
      { isMember: false },
      'slack-channel',
      'The app is not in #node-incidents.',
    ],
    [
      'an approver whose account was deactivated',
      { deactivated: ['U0LOCALANA'] },
      'approvers',
      'The approver U0LOCALANA (ana) is deactivated.',
    ],
    [
      'a token from before the doctor needed more scopes',
      { scopes: ALL_SCOPES.filter((scope) => scope !== 'groups:read') },
      'slack-scopes',
      'The token has no scope groups:read.',
    ],
  ] as const)('%s', async (_what, change, id, what) => {
    Object.assign(service.slack.workspace.installation, change);
    const found = wrong(await checkAll(deployment));
    Object.assign(service.slack.workspace.installation, WELL_INSTALLED);
    expect(found).toEqual([{ id, ok: false, what, fix: expect.stringMatching(/^[A-Z].*\.$/) }]);
  });

  test('a token without the scope to look people up is told apart from people who are not there', async () => {
    service.slack.workspace.installation.scopes = ALL_SCOPES.filter((scope) => scope !== 'users:read');
    const found = wrong(await checkAll(deployment));
    Object.assign(service.slack.workspace.installation, WELL_INSTALLED);
    expect(found.map(({ what }) => what)).toEqual([
      'The token has no scope users:read.',
      'The approver U0LOCALANA cannot be looked up: missing_scope.',
    ]);
  });

  test('the command says so and exits with 1', async () => {
    await writeEndpoints(workDir, { ...service.endpoints, approvers: ['U0GONE'] });
    const { status, out } = await medic(['doctor', '--local']);
    await writeEndpoints(workDir, service.endpoints);
    expect(out).toContain('✗ The approver U0GONE cannot be looked up: user_not_found.\n    Put the right');
    expect(out).toContain('1 of');
    expect(status).toBe(1);
  });
});

test('without a demo it says how to start one', async () => {
  const empty = await mkdtemp(join(root, 'empty-'));
  expect(await medic(['doctor', '--local'], '', { TMPDIR: empty })).toMatchObject({
    status: 2,
    error: 'medic: No demo runs on this machine; start one with npm run demo and leave it open.\n',
  });
});

test('medic incident opens an incident for the node', async () => {
  const node = service.environment['MEDIC_ALARM_TARGETS'] ?? '';
  const id = /i-[0-9a-f]{17}/.exec(node)?.[0] ?? '';
  expect((await medic(['incident', '--local', id])).out).toContain(`Reading ${id}`);
  expect((await medic(['incident', '--local', id])).out).toContain('being looked at already');
  expect(await medic(['incident', '--local', 'i-1; reboot'])).toMatchObject({ status: 2, out: '' });
});
