import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LocalServer } from '../../../local/http-server.ts';
import { startResponder } from '../adapters/support.ts';
import { medic } from '../support/medic.ts';

const STACK = `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
<StackName>ConntrackMedic</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>
<Outputs><member><OutputKey>IntakeFunction</OutputKey><OutputValue>intake</OutputValue></member></Outputs>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;

/** AWS with a stack whose intake is of another version. */
let aws: LocalServer;
let folder: string;
beforeAll(async () => {
  aws = await startResponder(({ body }) =>
    body.includes('Action=DescribeStacks')
      ? { status: 200, body: STACK }
      : { status: 200, body: { opened: true } },
  );
  folder = await mkdtemp(join(tmpdir(), 'medic-sentences-'));
  const demo = join(folder, 'conntrack-medic-demo-1');
  await mkdir(demo);
  await writeFile(join(demo, 'pid'), String(process.pid));
  await writeFile(join(demo, 'endpoints.json'), '{"version": 0}');
});
afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

const LOGGED_IN = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_MAX_ATTEMPTS: '1',
  AWS_REGION: 'eu-west-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};
const INCIDENT = 'inc-0123456789abcdef0123';
const NODE = 'i-0123456789abcdef0';

it.each<[string, readonly string[], RegExp, () => Record<string, string>]>([
  // Newer versions of Node take such a path for one that does not exist.
  [
    'a path below a file',
    ['diagnose', 'package.json/x'],
    /ENOTDIR.*check the path|does not exist; give/,
    () => ({}),
  ],
  ['a name that no file can have', ['diagnose', 'x'.repeat(300)], /ENAMETOOLONG.*check the path/, () => ({})],
  [
    'a demo of another version',
    ['audit', INCIDENT, '--local'],
    /another version; end it/,
    () => ({ TMPDIR: folder }),
  ],
  [
    'the same for an incident',
    ['incident', NODE, '--local'],
    /another version; end it/,
    () => ({ TMPDIR: folder }),
  ],
  ['the same for the doctor', ['doctor', '--local'], /another version; end it/, () => ({ TMPDIR: folder })],
  [
    'an intake of another version',
    ['incident', NODE],
    /answered what this version does not know; deploy/,
    () => ({ ...LOGGED_IN, AWS_ENDPOINT_URL: aws.url }),
  ],
  [
    'a service that is not reached',
    ['incident', NODE],
    /The stack ConntrackMedic cannot be read/,
    () => ({ ...LOGGED_IN, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }),
  ],
])('medic tells of %s in one sentence', async (_, args, sentence, environment) => {
  const { status, error } = await medic(args, '', environment());
  expect(error.trim().split('\n')).toEqual([expect.stringMatching(/^medic: .*\.$/)]);
  expect(error).toMatch(sentence);
  expect(status).toBe(2);
});
