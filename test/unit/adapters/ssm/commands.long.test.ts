import { readFileSync } from 'node:fs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, test } from 'vitest';
import { parseDocument, resolveParameters } from '../../../../local/ssm/documents.ts';
import { assembleScripts, buildDocuments } from '../../../../nodes/documents.ts';
import { SsmCollectCommands, SsmRemediateCommands } from '../../../../src/adapters/ssm/commands.ts';
import type { NodePlan } from '../../../../src/core/record/plan.ts';
import { buildNodePlan } from '../../support/diagnoses.ts';
import { type Answer, LOCAL, refusal, type SeenRequest, startResponder } from '../support.ts';

const [NODE, OTHER] = ['i-0aaaaaaaaaaaaaaaa', 'i-0bbbbbbbbbbbbbbbb'] as const;
const COMMAND = '11111111-2222-3333-4444-555555555555';
const HASH = 'a'.repeat(64);
const COMMON = { instanceId: NODE, arithmetic: [], layers: [], warnings: [] };
const SENT: Answer = { status: 200, body: { Command: { CommandId: COMMAND } } };
const request = { instanceIds: [NODE], nonce: 'a1b2c3d4e5f6a7b8', incidentId: 'inc-0123456789abcdef0123' };

const shippedDocuments = () =>
  buildDocuments(
    assembleScripts((path) => readFileSync(new URL(`../../../../nodes/${path}`, import.meta.url), 'utf8')),
  );

let server: Awaited<ReturnType<typeof startResponder>> | undefined;
afterEach(() => server?.close());

async function open(respond: (request: SeenRequest, index: number) => Answer) {
  const versionOf = async () => '3';
  const readerAt = () => client(3);
  server = await startResponder(respond);
  const client = (maxAttempts: number) =>
    new SSMClient({ ...LOCAL, endpoint: server?.url ?? '', maxAttempts });
  const documents = {
    raise: { name: 'medic-raise', hash: HASH },
    settings: { name: 'medic-settings', hash: HASH },
    deleteUdpEntry: { name: 'medic-delete-udp-entry', hash: HASH },
    rollback: { name: 'medic-rollback', hash: HASH },
  };
  const nodeTags = [{ key: 'medic', values: ['yes'] }];
  const changes = { deliverySeconds: 120, nodeTags, pause: async () => {} };
  return {
    seen: server.seen,
    collect: new SsmCollectCommands(() => client(3), { name: 'medic-collect', hash: HASH }, versionOf, {
      sampleSeconds: 10,
      deliverySeconds: 120,
      nodeTags,
    }),
    remediate: new SsmRemediateCommands(() => client(1), readerAt, documents, versionOf, changes),
    retrying: new SsmRemediateCommands(readerAt, readerAt, documents, versionOf, changes),
  };
}

describe('sending', () => {
  test('a collection is pinned to the document, typed and marked with the incident', async () => {
    const { collect, seen } = await open(() => SENT);
    expect(await collect.collect(request)).toEqual({
      commands: [{ commandId: COMMAND, instanceIds: [NODE] }],
      documentHash: HASH,
      refused: [],
    });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      DocumentName: 'medic-collect',
      DocumentVersion: '3',
      DocumentHash: HASH,
      DocumentHashType: 'Sha256',
      InstanceIds: [NODE],
      Parameters: { nonce: [request.nonce], sampleSeconds: ['10'] },
      Comment: `conntrack-medic collect ${request.incidentId}`,
      TimeoutSeconds: 120,
      MaxConcurrency: '50',
      MaxErrors: '100%',
    });
  });

  test('a raise carries the numbers of the plan and refuses to be exact about nothing else', async () => {
    const { remediate, seen } = await open(() => SENT);
    const sent = await remediate.change({ ...request, plan: buildNodePlan() });
    expect(sent).toEqual([{ kind: 'sent', commandId: COMMAND, documentHash: HASH, instanceIds: [NODE] }]);
    // One node that fails or refuses keeps the change from the nodes that wait.
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ MaxConcurrency: '10', MaxErrors: '0' });
    expect(JSON.parse(seen[0]?.body ?? '').Parameters).toEqual({
      nonce: [request.nonce],
      incident: [request.incidentId],
      mode: ['exact'],
      fromMax: ['131072'],
      toMax: ['262144'],
      fromBuckets: ['32768'],
      toBuckets: ['65536'],
    });
  });

  test.each<[string, NodePlan, Record<string, string[]>, string]>([
    [
      'settings carry each key with its numbers',
      {
        ...COMMON,
        kind: 'raise-neighbour-thresholds',
        changes: [
          { key: 'net.ipv4.neigh.default.gc_thresh3', from: 1_024, to: 4_096 },
          { key: 'net.ipv4.neigh.default.gc_thresh2', from: 512, to: 2_048 },
        ],
      },
      {
        changes: ['net.ipv4.neigh.default.gc_thresh3=1024:4096,net.ipv4.neigh.default.gc_thresh2=512:2048'],
      },
      'medic-settings',
    ],
    [
      'a deletion names service and backend',
      { ...COMMON, kind: 'delete-udp-entries', destination: '10.96.0.10', port: 53, target: '10.0.0.7' },
      { destination: ['10.96.0.10'], port: ['53'], target: ['10.0.0.7'] },
      'medic-delete-udp-entry',
    ],
  ])('%s, and the service takes them', async (_what, plan, parameters, name) => {
    const { remediate, seen } = await open(() => SENT);
    await remediate.change({ ...request, plan });
    const sent = JSON.parse(seen[0]?.body ?? '');
    expect(sent).toMatchObject({
      DocumentName: name,
      Parameters: { nonce: [request.nonce], incident: [request.incidentId], ...parameters },
    });
    const document = shippedDocuments().find((one) => one.name === name);
    expect(() =>
      resolveParameters(parseDocument(name, document?.content ?? ''), sent.Parameters),
    ).not.toThrow();
  });

  const FIFTY = Array.from({ length: 50 }, (_, index) => `i-0${String(index).padStart(16, '0')}`);
  const denial = (resource: string): Answer => ({
    status: 400,
    body: {
      __type: 'AccessDeniedException',
      message: `User: medic is not authorized to perform: ssm:SendCommand on resource: arn:aws:${resource} because no identity-based policy allows the ssm:SendCommand action`,
    },
  });
  const isAsked = (id: string, body: string) => body.includes(`"${id}"`);

  test.each<[string, (bad: readonly string[]) => Answer, number, RegExp]>([
    ['IAM names', ([first]) => denial(`ec2:eu-central-1:1:instance/${first}`), 4, /lacks the tag medic=yes/],
    [
      'Systems Manager names',
      (bad) => ({
        status: 400,
        body: {
          __type: 'InvalidInstanceId',
          message: `Instances [[${bad.join(', ')}]] not in a valid state`,
        },
      }),
      2,
      /not managed by Systems Manager any more/,
    ],
    ['IAM does not name', () => refusal('AccessDeniedException'), 40, /lacks the tag medic=yes/],
    ['Systems Manager does not name', () => refusal('InvalidInstanceId'), 40, /not managed by Systems/],
  ])('nodes that %s keep none of the others from being read', async (_what, answer, most, why) => {
    const bad = [7, 22, 49].map((index) => FIFTY[index] ?? '');
    const { collect, seen } = await open(({ body }) => {
      const culprits = bad.filter((id) => isAsked(id, body));
      return culprits.length > 0 ? answer(culprits) : SENT;
    });
    const { commands, refused } = await collect.collect({ ...request, instanceIds: FIFTY });
    expect(commands.flatMap(({ instanceIds }) => instanceIds).toSorted()).toEqual(
      FIFTY.filter((id) => !bad.includes(id)),
    );
    expect(refused.map(({ instanceId }) => instanceId).toSorted()).toEqual(bad);
    for (const one of refused) expect(one.why).toMatch(why);
    expect(seen.length).toBeLessThanOrEqual(most);
  });

  test('where every node is refused, the calls are bounded and each node has a sentence', async () => {
    const { collect, seen } = await open(() => refusal('AccessDeniedException'));
    const { commands, refused } = await collect.collect({ ...request, instanceIds: FIFTY });
    expect(commands).toEqual([]);
    expect(refused.map(({ instanceId }) => instanceId).toSorted()).toEqual(FIFTY);
    expect(seen.length).toBeLessThanOrEqual(40);
  });

  test('a refusal of the document itself is one call and an error', async () => {
    const { collect, seen } = await open(() => denial('ssm:eu-central-1:1:document/medic-collect'));
    await expect(collect.collect({ ...request, instanceIds: FIFTY })).rejects.toThrow(
      'document/medic-collect',
    );
    expect(seen).toHaveLength(1);
  });

  test('a change that the service refuses is certainly not sent', async () => {
    const { remediate, seen } = await open(() => refusal('InvalidDocument'));
    expect(await remediate.rollback(request)).toMatchObject([{ kind: 'not-sent' }]);
    expect(seen).toHaveLength(1);
  });

  test.each<[string, Answer]>([
    ['a cut connection', undefined],
    ['an error of the service', refusal('InternalServerError', 500)],
    ['an answer without an id', { status: 200, body: {} }],
  ])('a change is sent once and counts as unknown after %s', async (_what, answer) => {
    const { remediate, seen } = await open(() => answer);
    const sent = await remediate.change({ ...request, plan: buildNodePlan() });
    expect(sent).toMatchObject([{ kind: 'unknown' }]);
    expect(seen).toHaveLength(1);
  });

  test('a client that retries is not used for changes', async () => {
    const { retrying, seen } = await open(() => SENT);
    await expect(retrying.rollback(request)).rejects.toThrow('must not send changes');
    expect(seen).toEqual([]);
  });
});

describe('results', () => {
  const listed = (...invocations: [id: string, status: string][]) => ({
    status: 200,
    body: { CommandInvocations: invocations.map(([InstanceId, Status]) => ({ InstanceId, Status })) },
  });

  test('progress looks once at all nodes, over all pages', async () => {
    const { collect, seen } = await open((_request, index) =>
      index === 0
        ? {
            status: 200,
            body: { CommandInvocations: [{ InstanceId: NODE, Status: 'Success' }], NextToken: 'more' },
          }
        : listed([OTHER, 'InProgress']),
    );
    expect(await collect.progress(COMMAND, [NODE, OTHER])).toEqual({ finished: 1, total: 2 });
    expect(seen.map(({ target }) => target)).toEqual(['ListCommandInvocations', 'ListCommandInvocations']);
  });

  test('a command that the service does not list yet has not finished', async () => {
    const { collect } = await open(() => listed());
    expect(await collect.progress(COMMAND, [NODE])).toEqual({ finished: 0, total: 1 });
  });

  test('an invocation that does not exist yet is asked for again', async () => {
    const { collect, seen } = await open((_request, index) =>
      index < 2
        ? refusal('InvocationDoesNotExist')
        : { status: 200, body: { Status: 'Success', StandardOutputContent: 'text', ResponseCode: 0 } },
    );
    expect(await collect.outputs(COMMAND, [NODE])).toEqual([
      { kind: 'output', instanceId: NODE, text: 'text', exitCode: 0 },
    ]);
    expect(seen).toHaveLength(3);
  });

  test('a script that refused has said so: its output counts', async () => {
    const body = {
      Status: 'Failed',
      StatusDetails: 'Failed',
      StandardOutputContent: 'refused',
      ResponseCode: 3,
    };
    const { collect } = await open(() => ({ status: 200, body }));
    expect(await collect.outputs(COMMAND, [NODE])).toMatchObject([
      { kind: 'output', text: 'refused', exitCode: 3 },
    ]);
  });

  test.each([
    ['TimedOut', 'DeliveryTimedOut', false, 'did not pick the command up in time'],
    ['TimedOut', 'Delivery Timed Out', false, 'did not pick the command up in time'],
    ['TimedOut', 'ExecutionTimedOut', true, 'ran out of time'],
    ['Failed', 'Undeliverable', false, 'could not be delivered'],
    ['Failed', 'Terminated', false, 'nothing ran here'],
    ['Cancelled', 'Cancelled', true, 'was cancelled'],
    ['InProgress', 'InProgress', true, 'may still be running'],
    ['Failed', 'AccessDenied', false, 'refused the command on this node (AccessDenied)'],
    ['Failed', 'Some<new>Thing', true, 'ended as unknown'],
  ])('%s / %s is told in one sentence', async (Status, StatusDetails, ran, sentence) => {
    const { collect } = await open(() => ({
      status: 200,
      body: { Status, StatusDetails, StandardOutputContent: '' },
    }));
    const [output] = await collect.outputs(COMMAND, [NODE]);
    expect(output).toMatchObject({ kind: 'none', instanceId: NODE, ran });
    expect(output?.kind === 'none' && output.why).toMatch(
      new RegExp(`^${NODE}: .*${sentence.replaceAll(/[()]/g, '.')}.*\\.$`),
    );
  });

  test('a script that ends without a word quotes the printable start of its error', async () => {
    const body = {
      Status: 'Failed',
      StatusDetails: 'Failed',
      StandardErrorContent: 'sh: \u001b[31mno\u0000 nft',
      ResponseCode: 127,
    };
    const { collect } = await open(() => ({ status: 200, body }));
    expect(await collect.outputs(COMMAND, [NODE])).toMatchObject([
      {
        kind: 'none',
        why: `${NODE}: the script ended with code 127 and wrote nothing but “sh: [31mno nft”; look at the node.`,
      },
    ]);
  });
});
