import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { SsmAssociations } from '../../../../src/adapters/ssm/associations.ts';
import { deleteAssociation } from '../../../../src/core/keep/manage-association.ts';
import type { Association } from '../../../../src/core/record/association.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import { ANA, buildIncident } from '../../support/incidents.ts';
import { type Answer, LOCAL, startResponder, startTable, TABLE } from '../support.ts';

const DOCUMENT = { name: 'medic-raise', hash: 'a'.repeat(64) };
const REQUEST = {
  incidentId: 'inc-0123456789',
  nonce: 'n'.repeat(16),
  tags: [{ key: 'eks:nodegroup-name', value: 'workers' }],
  max: 262_144,
  buckets: 65_536,
};
const described: Answer = { status: 200, body: { Document: { Hash: DOCUMENT.hash, DocumentVersion: '7' } } };
const error = (type: string, status = 400): Answer => ({
  status,
  body: { __type: type, message: `${type} said.` },
  errorType: type,
});

let answers: Record<string, Answer | Answer[]>;
let server: Awaited<ReturnType<typeof startResponder>>;
let associations: SsmAssociations;

beforeEach(async () => {
  answers = { DescribeDocument: described };
  server = await startResponder(({ target }) => {
    const answer = answers[target];
    return Array.isArray(answer) ? answer.shift() : answer;
  });
  const client = new SSMClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
  associations = new SsmAssociations(client, client, DOCUMENT, { key: 'medic', value: 'on' });
});
afterEach(() => server.close());

describe('SsmAssociations', () => {
  test('pins the version whose content it knows, and targets only nodes with both tags', async () => {
    answers['CreateAssociation'] = {
      status: 200,
      body: { AssociationDescription: { AssociationId: 'id-1' } },
    };
    expect(await associations.create(REQUEST)).toMatchObject({
      kind: 'created',
      associationId: 'id-1',
      documentVersion: '7',
    });
    const sent: unknown = JSON.parse(server.seen.at(-1)?.body ?? '');
    expect(sent).toMatchObject({
      Name: 'medic-raise',
      DocumentVersion: '7',
      AssociationName: 'conntrack-medic-inc-0123456789',
      MaxErrors: '0',
      Tags: [{ Key: 'medic:service', Value: 'conntrack-medic' }],
      Targets: [
        { Key: 'tag:eks:nodegroup-name', Values: ['workers'] },
        { Key: 'tag:medic', Values: ['on'] },
      ],
      Parameters: { mode: ['ensure'], toMax: ['262144'], incident: ['inc-0123456789'] },
    });
  });

  test('refuses a document of other content and sends nothing', async () => {
    answers['DescribeDocument'] = {
      status: 200,
      body: { Document: { Hash: 'b'.repeat(64), DocumentVersion: '8' } },
    };
    const created = await associations.create(REQUEST);
    expect(created).toMatchObject({ kind: 'refused', why: expect.stringContaining('deploy again') });
    expect(server.seen.map(({ target }) => target)).toEqual(['DescribeDocument']);
  });

  test.each([
    ['a refusal', error('InvalidTarget'), 'refused'],
    ['a failure of the service', error('InternalServerError', 500), 'unknown'],
    ['one of that name, from an answer that was lost', error('AssociationAlreadyExists'), 'unknown'],
    ['no answer', undefined, 'unknown'],
  ])('%s is told apart', async (_what, answer, kind) => {
    answers['CreateAssociation'] = answer;
    expect((await associations.create(REQUEST)).kind).toBe(kind);
  });

  test('one that is gone counts as deleted', async () => {
    answers['DeleteAssociation'] = error('AssociationDoesNotExist');
    await expect(associations.delete('id-1')).resolves.toBeUndefined();
  });
});

describe('before a rollback', () => {
  const association: Association = {
    decision: 1,
    group: 'node group workers of cluster shop',
    tags: REQUEST.tags,
    max: 262_144,
    buckets: 65_536,
    claimedAt: '2026-11-23T14:05:00.000Z',
    state: 'in-force',
    associationId: 'id-1',
  };

  async function rollingBack(run: (store: DynamoIncidentStore, head: IncidentHead) => Promise<void>) {
    const table = await startTable();
    try {
      const store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 1 });
      const { head } = buildIncident('rolling-back', { head: { association } });
      await store.open(head);
      await run(store, head);
    } finally {
      await table.close();
    }
  }

  test('an association that cannot be deleted keeps the rollback from starting', async () => {
    answers['ListAssociations'] = { status: 200, body: { Associations: [{ AssociationId: 'id-1' }] } };
    answers['DeleteAssociation'] = error('InternalServerError', 500);
    await rollingBack(async (store, { id }) => {
      const ports = { store, associations, clock: { now: () => 0 }, approvers: [ANA.id] };
      const answer = await deleteAssociation(ports, id, 2);
      expect(answer).toMatchObject({
        kind: 'refused',
        why: expect.stringMatching(/no node was rolled back.*Delete it in State Manager/),
      });
      expect((await store.head(id))?.association?.state).toBe('in-force');
    });
  });

  test('one whose id was lost is found by its name and deleted', async () => {
    answers['ListAssociations'] = [
      { status: 200, body: { Associations: [{ AssociationId: 'id-lost' }] } },
      { status: 200, body: { Associations: [] } },
    ];
    answers['DeleteAssociation'] = { status: 200, body: {} };
    await rollingBack(async (store, { id }) => {
      const ports = { store, associations, clock: { now: () => 0 }, approvers: [ANA.id] };
      expect(await deleteAssociation(ports, id, 2)).toEqual({ kind: 'done' });
      expect((await store.head(id))?.association?.state).toBe('deleted');
      expect(await deleteAssociation(ports, id, 2)).toEqual({ kind: 'done' });
    });
    expect(server.seen.filter(({ target }) => target === 'DeleteAssociation')).toHaveLength(1);
  });
});
