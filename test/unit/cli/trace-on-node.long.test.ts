import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelCommandCommand, ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newAwsKey } from '../../../local/aws-key.ts';
import { writeEndpoints } from '../../../local/demo/endpoints.ts';
import { openWorkDir } from '../../../local/demo/work-dir.ts';
import type { LocalServer } from '../../../local/http-server.ts';
import { replayTrace } from '../../../local/recorded/replay-trace.ts';
import { loadDocuments } from '../../../local/ssm/documents.ts';
import { type CommandFault, type FaultOf, startSsmEndpoint } from '../../../local/ssm/endpoint.ts';
import type { LocalNode, NodeRun } from '../../../local/ssm/local-node.ts';
import { demoEndpoints } from '../support/demo-endpoints.ts';
import { medic } from '../support/medic.ts';
import { RECORDED_TRACE } from '../support/recorded-trace.ts';

const NODE = 'i-0a1b2c3d4e5f60718';
const OFFLINE = 'i-0ffffffffffffffff';
const UNTAGGED = 'i-0badbadbadbadbadb';
const KEY = newAwsKey();

let root: string;
let endpoint: LocalServer;
let fault: FaultOf;
/** What it was sent with. */
let asked: Readonly<Record<string, string>>;
/** What the script of the node does. */
let run: (nonce: string) => Promise<NodeRun>;

const traced = async (nonce: string): Promise<NodeRun> => ({
  exitCode: 0,
  stdout: replayTrace(RECORDED_TRACE, nonce),
  stderr: '',
});

/** What a second trace says while one runs, with a mark in place of its nonce. */
const REFUSED = `=== medic/1 NONCE trace - ok 1.00
outcome=refused
code=busy
detail=Another trace runs on this node; wait for its end.
=== medic/1 NONCE end - ok 1.00
`;

const node = (instanceId: string, role: string, ping: 'Online' | 'ConnectionLost' = 'Online'): LocalNode => ({
  instanceId,
  tags: { role },
  platform: { name: 'Debian GNU/Linux', version: '13', agentVersion: '3.3.0.0' },
  ping: () => ping,
  run: async (_document, parameters) => {
    asked = parameters;
    return await run(parameters['nonce'] ?? '');
  },
});

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'medic-trace-node-'));
  endpoint = await startSsmEndpoint({
    key: KEY,
    documents: await loadDocuments(new URL('../../../dist/documents/', import.meta.url).pathname),
    nodes: [node(NODE, 'worker'), node(OFFLINE, 'worker', 'ConnectionLost'), node(UNTAGGED, 'database')],
    reachable: [{ key: 'role', values: ['worker'] }],
    faultOf: (operation, body) => fault(operation, body),
    visibleAfterMs: 20,
    secondMs: 5,
  });
  await writeEndpoints(await openWorkDir(root), demoEndpoints({ ssm: endpoint.url, credentials: KEY }));
});
beforeEach(() => {
  fault = () => undefined;
  run = traced;
});
afterAll(async () => {
  await endpoint.close();
  await rm(root, { recursive: true, force: true });
});

const trace = (...args: readonly string[]) => medic(['trace', ...args], '', { TMPDIR: root, ...QUIET });

/** The SDK's own warning that this Node is an old one is no word of ours. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

/** One sentence on one line, and the exit status of what was not reached. */
async function refusal(instanceId: string, ...others: readonly string[]): Promise<string> {
  const { status, out, error } = await trace(instanceId, '--demo', ...others);
  expect({ status, out, lines: error.trim().split('\n').length }).toEqual({ status: 2, out: '', lines: 1 });
  return error.trim().replace(/^medic: /, '');
}

describe('medic trace i-…', () => {
  it('has the document sent with what was asked for, waits, and says what was found there', async () => {
    const { status, out, error } = await trace(NODE, '--demo', '--seconds', '5', '--port', '30080');
    expect({ status, error }).toEqual({ status: 0, error: '' });
    expect(out).toContain('15 of 100 new connections to tcp 30080');
    expect(out).toContain(`${NODE}: 5 s, packets read by tcpdump`);
    expect(asked).toMatchObject({ seconds: '5', port: '30080', points: 'auto' });
  });

  it('takes the id behind --demo for the node, and prints JSON', async () => {
    const { status, out } = await trace('--demo', NODE, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ summary: { delayed: 15 } });
  });

  it('needs no more than what Run Command hands back where packets are beyond it', async () => {
    run = async (nonce) => ({
      ...(await traced(nonce)),
      stdout: `${(await traced(nonce)).stdout}${'A'.repeat(40_000)}`,
    });
    expect((await trace(NODE, '--demo')).out).toContain('15 of 100 new connections');
  });

  it('goes on waiting where Systems Manager does not answer for a while', async () => {
    let calls = 0;
    fault = (operation) => (operation === 'ListCommandInvocations' && ++calls <= 4 ? 'throttled' : undefined);
    expect((await trace(NODE, '--demo')).status).toBe(0);
    expect(calls).toBeGreaterThan(4);
  });

  it.each<[what: string, instanceId: string, says: RegExp]>([
    [
      'not there, or not to be sent to',
      'i-0123456789abcdef0',
      /IAM lets these credentials send nothing to it, so they lack ssm:SendCommand on it/,
    ],
    [
      'without the tag',
      UNTAGGED,
      /IAM lets these credentials send nothing to it.*; look at the node's tags and at the policy\.$/,
    ],
    [
      'offline',
      OFFLINE,
      /could not be delivered, so nothing ran; the node is gone or its SSM agent is offline\.$/,
    ],
  ])('says in one sentence what is wrong with a node that is %s', async (_, instanceId, says) => {
    const said = await refusal(instanceId);
    expect(said).toMatch(says);
    expect(said).toMatch(new RegExp(`^${instanceId}\\b`));
  });

  it.each<[what: string, NodeRun | 'never', says: RegExp]>([
    [
      'runs out of time',
      'never',
      /the script ran out of time and was stopped; the node may be overloaded\.$/,
    ],
    [
      'says nothing',
      { exitCode: 127, stdout: '', stderr: 'sh: 1: not found' },
      /ended with code 127 and wrote nothing but “sh: 1: not found”; look at the node\.$/,
    ],
    [
      'is cut',
      { exitCode: 0, stdout: RECORDED_TRACE.slice(0, 1500), stderr: '' },
      /: this is not the whole output of a trace; trace again\.$/,
    ],
    [
      'belongs to another run',
      { exitCode: 0, stdout: RECORDED_TRACE, stderr: '' },
      /: this is not the whole output of a trace; trace again\.$/,
    ],
    [
      'refuses',
      { exitCode: 3, stdout: REFUSED, stderr: '' },
      /: Another trace runs on this node; wait for its end\.$/,
    ],
  ])('says in one sentence that the script there %s', async (_, ran, says) => {
    run = async (nonce) =>
      ran === 'never'
        ? await new Promise(() => {})
        : { ...ran, stdout: ran.stdout.replaceAll('NONCE', nonce) };
    expect(await refusal(NODE)).toMatch(says);
  });

  it('says in one sentence that somebody cancelled the command', async () => {
    const client = new SSMClient({ endpoint: endpoint.url, region: 'eu-central-1', credentials: KEY });
    run = async () => {
      const { Commands = [] } = await client.send(new ListCommandsCommand({}));
      const { CommandId = '' } = Commands.at(-1) ?? {};
      await client.send(new CancelCommandCommand({ CommandId }));
      return await new Promise(() => {});
    };
    expect(await refusal(NODE)).toBe(`${NODE}: the command was cancelled in Systems Manager.`);
  });

  it.each<[what: string, operation: string, fault: CommandFault, says: RegExp]>([
    [
      'is asked too much',
      'SendCommand',
      'throttled',
      /can not be traced \(ThrottlingException: Rate exceeded\); wait a minute, then trace again\.$/,
    ],
    [
      'is cut off',
      'SendCommand',
      'lost',
      /can not be traced \(.*socket hang up\); wait a minute, then trace again\.$/,
    ],
    [
      'keeps the output to itself',
      'GetCommandInvocation',
      'lost',
      /was sent medic-trace, and what came of it can not be read \(.*socket hang up\); look at the command [0-9a-f-]{36} in Systems Manager/,
    ],
  ])('says in one sentence that Systems Manager %s', async (_, operation, what, says) => {
    fault = (called) => (called === operation ? what : undefined);
    expect(await refusal(NODE)).toMatch(says);
  });
});
