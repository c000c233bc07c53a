import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, test } from 'vitest';
import { SsmRemediateCommands } from '../../../../src/adapters/ssm/commands.ts';
import { buildNodePlan } from '../../support/diagnoses.ts';
import { type Answer, LOCAL, refusal, type SeenRequest, startResponder } from '../support.ts';

const SENT: Answer = {
  status: 200,
  body: { Command: { CommandId: '11111111-2222-3333-4444-555555555555' } },
};
const FIFTY = Array.from({ length: 50 }, (_, index) => `i-0${String(index).padStart(16, '0')}`);
const request = {
  instanceIds: FIFTY.slice(0, 1),
  nonce: 'a1b2c3d4e5f6a7b8',
  incidentId: 'inc-0123456789abcdef0123',
};
const isAsked = (id: string, body: string) => body.includes(`"${id}"`);

let server: Awaited<ReturnType<typeof startResponder>> | undefined;
afterEach(() => server?.close());

async function open(respond: (request: SeenRequest, index: number) => Answer) {
  server = await startResponder(respond);
  const client = new SSMClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  const document = { name: 'medic', hash: 'a'.repeat(64) };
  const documents = { raise: document, settings: document, deleteUdpEntry: document, rollback: document };
  const pauses: number[] = [];
  const pause = async (seconds: number) => {
    pauses.push(seconds);
  };
  const clientAt = () => client;
  const settings = { deliverySeconds: 120, pause };
  const remediate = new SsmRemediateCommands(clientAt, clientAt, documents, async () => '3', settings);
  return { seen: server.seen, pauses, remediate };
}

test('nodes that are gone keep none of the others from a change or from its way back', async () => {
  const gone = [FIFTY[3], FIFTY[41]].map(String);
  const { remediate } = await open(({ body }) => {
    const asked = gone.filter((id) => isAsked(id, body));
    const message = `Instances [[${asked.join(', ')}]] not in a valid state`;
    return asked.length === 0 ? SENT : { status: 400, body: { __type: 'InvalidInstanceId', message } };
  });
  const fifty = { ...request, instanceIds: FIFTY };
  for (const parts of [
    await remediate.change({ ...fifty, plan: buildNodePlan() }),
    await remediate.rollback(fifty),
  ]) {
    const reached = parts.flatMap(({ kind, instanceIds }) => (kind === 'sent' ? instanceIds : []));
    expect(reached).toEqual(FIFTY.filter((id) => !gone.includes(id)));
    expect(parts.filter(({ kind }) => kind !== 'sent')).toMatchObject(
      gone.map((id) => ({ kind: 'not-sent', isOfNode: true, instanceIds: [id] })),
    );
  }
});

test('what a throttle turned away never left, so it is sent once the throttle is over', async () => {
  const { remediate, seen, pauses } = await open((_request, index) =>
    index < 2 ? refusal('ThrottlingException') : SENT,
  );
  expect(await remediate.rollback(request)).toMatchObject([{ kind: 'sent' }]);
  expect(seen).toHaveLength(3);
  expect(pauses).toEqual([1, 2]);
});

test('a throttle that lasts is told after half a minute, and is the matter of no single node', async () => {
  const { remediate, pauses } = await open(() => refusal('ThrottlingException'));
  const [part] = await remediate.rollback(request);
  expect(part).toMatchObject({ kind: 'not-sent', why: expect.stringContaining('could not be sent') });
  expect(part).not.toHaveProperty('isOfNode');
  expect(pauses).toEqual([1, 2, 4, 8, 15]);
});

test('where no answer comes for some nodes, nothing is sent to those after them', async () => {
  const [first] = FIFTY;
  const { remediate, seen } = await open(({ body }) =>
    isAsked(first ?? '', body) && isAsked(FIFTY[1] ?? '', body)
      ? refusal('InvalidInstanceId')
      : isAsked(first ?? '', body)
        ? undefined
        : SENT,
  );
  const parts = await remediate.change({
    ...request,
    instanceIds: FIFTY.slice(0, 2),
    plan: buildNodePlan(),
  });
  expect(parts).toMatchObject([
    { kind: 'unknown', instanceIds: [first] },
    { kind: 'not-sent', instanceIds: [FIFTY[1]] },
  ]);
  expect(seen).toHaveLength(2);
});
