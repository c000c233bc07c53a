import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, test } from 'vitest';
import { SsmRemediateCommands } from '../../../../src/adapters/ssm/commands.ts';
import type { VersionOf } from '../../../../src/adapters/ssm/document-versions.ts';
import { buildNodePlan } from '../../support/diagnoses.ts';
import { type Answer, LOCAL, refusal, type SeenRequest, startResponder } from '../support.ts';

const SENT: Answer = {
  status: 200,
  body: { Command: { CommandId: '11111111-2222-3333-4444-555555555555' } },
};
const request = {
  instanceIds: ['i-0aaaaaaaaaaaaaaaa'],
  nonce: 'a1b2c3d4e5f6a7b8',
  incidentId: 'inc-0123456789abcdef0123',
};

let server: Awaited<ReturnType<typeof startResponder>> | undefined;
afterEach(() => server?.close());

async function open(respond: (request: SeenRequest, index: number) => Answer, versionOf: VersionOf) {
  server = await startResponder(respond);
  const client = new SSMClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  const document = { name: 'medic-raise', hash: 'a'.repeat(64) };
  const documents = { raise: document, settings: document, deleteUdpEntry: document, rollback: document };
  const clientAt = () => client;
  return {
    seen: server.seen,
    remediate: new SsmRemediateCommands(clientAt, clientAt, documents, versionOf, {
      deliverySeconds: 120,
      pause: async () => {},
    }),
  };
}

test('a version that is there no more is looked up again, which sends nothing twice', async () => {
  const asked: boolean[] = [];
  const { remediate, seen } = await open(
    (_request, index) => (index === 0 ? refusal('InvalidDocumentVersion') : SENT),
    async (_document, _asker, isAnew = false) => {
      asked.push(isAnew);
      return isAnew ? '4' : '3';
    },
  );
  expect(await remediate.rollback(request)).toMatchObject([{ kind: 'sent' }]);
  expect(asked).toEqual([false, true]);
  expect(seen.map(({ body }) => JSON.parse(body).DocumentVersion)).toEqual(['3', '4']);
});

test('a version that cannot be found is a change that was certainly not sent', async () => {
  const { remediate, seen } = await open(
    () => SENT,
    async () => {
      throw new Error('The connection was cut.');
    },
  );
  const why = expect.stringContaining('The connection was cut.');
  const parts = await remediate.change({ ...request, plan: buildNodePlan() });
  expect(parts).toEqual([{ kind: 'not-sent', why, instanceIds: request.instanceIds }]);
  expect(seen).toEqual([]);
});
