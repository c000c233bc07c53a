import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { SsmAssociations } from '../../../../src/adapters/ssm/associations.ts';
import { decide } from '../../../../src/core/incident/decide.ts';
import { keepDigest, keepOffer } from '../../../../src/core/keep/keep-on-group.ts';
import {
  type AssociationPorts,
  createAssociation,
  deleteAssociation,
} from '../../../../src/core/keep/manage-association.ts';
import type { NodeTags } from '../../../../src/core/node-tags.ts';
import type { Association } from '../../../../src/core/record/association.ts';
import type { IncidentHead } from '../../../../src/core/record/incident.ts';
import { ANA, buildIncident, CARD, NOW, TEAM } from '../../support/incidents.ts';
import { proofAt, signAll } from '../../support/signed-clicks.ts';
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
  associations = new SsmAssociations(client, client, DOCUMENT, [{ key: 'medic', values: ['on'] }]);
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

  const reachedBy = async (nodeTags: NodeTags) => {
    const client = new SSMClient({ ...LOCAL, endpoint: server.url, maxAttempts: 1 });
    answers['CreateAssociation'] = {
      status: 200,
      body: { AssociationDescription: { AssociationId: 'id-1' } },
    };
    const created = await new SsmAssociations(client, client, DOCUMENT, nodeTags).create(REQUEST);
    const { Targets } = JSON.parse(server.seen.at(-1)?.body ?? '{}') as { Targets?: object[] };
    return { created, targets: Targets };
  };
  const GROUP = { Key: 'tag:eks:nodegroup-name', Values: ['workers'] };

  test('needs no other tag where the group’s own is one by which nodes are reached', async () => {
    const tags = [{ key: 'eks:nodegroup-name', values: ['workers', 'others'] }];
    expect((await reachedBy(tags)).targets).toEqual([GROUP]);
    expect((await reachedBy([{ key: 'eks:nodegroup-name', values: 'any' }])).targets).toEqual([GROUP]);
  });

  test('of several tags takes the one that the nodes of the group carry', async () => {
    const page = (body: object) => ({ status: 200, body });
    const [first, found] = [page({ NextToken: 'next' }), page({ InstanceInformationList: [{}] })];
    answers['DescribeInstanceInformation'] = [first, page({}), first, found];
    const { targets } = await reachedBy([
      { key: 'medic', values: ['on'] },
      { key: 'karpenter.sh/nodepool', values: 'any' },
    ]);
    expect(targets).toEqual([GROUP, { Key: 'tag-key', Values: ['karpenter.sh/nodepool'] }]);
  });

  test('creates nothing where no node of the group carries a tag that counts', async () => {
    answers['DescribeInstanceInformation'] = { status: 200, body: { InstanceInformationList: [] } };
    const { created } = await reachedBy([
      { key: 'medic', values: ['on', 'yes'] },
      { key: 'team', values: 'any' },
    ]);
    expect(created).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('the tag medic=on or yes, or team with any value'),
    });
    expect(server.seen.map(({ target }) => target)).not.toContain('CreateAssociation');
  });

  test('refuses a document of other content and sends nothing', async () => {
    answers['DescribeDocument'] = {
      status: 200,
      body: { Document: { Hash: 'b'.repeat(64), DocumentVersion: '8' } },
    };
    answers['ListDocumentVersions'] = { status: 200, body: { DocumentVersions: [{ DocumentVersion: '8' }] } };
    const created = await associations.create(REQUEST);
    expect(created).toMatchObject({ kind: 'refused', why: expect.stringContaining('deploy again') });
    expect(server.seen.map(({ target }) => target)).toEqual(['DescribeDocument', 'ListDocumentVersions']);
  });

  test('a version that cannot be looked up is an association that was certainly not created', async () => {
    answers['DescribeDocument'] = error('InternalServerError', 500);
    expect((await associations.create(REQUEST)).kind).toBe('refused');
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

  async function rollingBack(run: (ports: AssociationPorts, head: IncidentHead) => Promise<void>) {
    const table = await startTable();
    try {
      const store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 1 });
      const { head } = buildIncident('rolling-back', { head: { association } });
      const decisions = [...(await signAll(table.client, TABLE, head))];
      await store.open({ ...head, decisions });
      const clock = { now: () => Date.parse(decisions.at(-1)?.at ?? '') };
      const proof = proofAt(table.client, TABLE, clock.now);
      await run({ store, associations, clock, proof, approvers: [ANA.id], decisionLifeSeconds: 300 }, head);
    } finally {
      await table.close();
    }
  }

  test('nothing is deleted on a decision that nobody clicked', async () => {
    await rollingBack(async (ports, { id }) => {
      await ports.store.update(id, (now) => ({
        ...now,
        decisions: now.decisions.map((one) => ({ ...one, at: '2026-11-23T13:00:00.000Z' })),
      }));
      expect(await deleteAssociation(ports, id, 2)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('its click was signed at'),
      });
    });
    expect(server.seen).toEqual([]);
  });

  test('an association that cannot be deleted keeps the rollback from starting', async () => {
    answers['ListAssociations'] = { status: 200, body: { Associations: [{ AssociationId: 'id-1' }] } };
    answers['DeleteAssociation'] = error('InternalServerError', 500);
    await rollingBack(async (ports, { id }) => {
      const answer = await deleteAssociation(ports, id, 2);
      expect(answer).toMatchObject({
        kind: 'refused',
        why: expect.stringMatching(/no node was rolled back.*Delete it in State Manager/),
      });
      expect((await ports.store.head(id))?.association?.state).toBe('in-force');
    });
  });

  test('one whose id was lost is found by its name and deleted', async () => {
    answers['ListAssociations'] = [
      { status: 200, body: { Associations: [{ AssociationId: 'id-lost' }] } },
      { status: 200, body: { Associations: [] } },
    ];
    answers['DeleteAssociation'] = { status: 200, body: {} };
    await rollingBack(async (ports, { id }) => {
      expect(await deleteAssociation(ports, id, 2)).toEqual({ kind: 'done' });
      expect((await ports.store.head(id))?.association?.state).toBe('deleted');
      expect(await deleteAssociation(ports, id, 2)).toEqual({ kind: 'done' });
    });
    expect(server.seen.filter(({ target }) => target === 'DeleteAssociation')).toHaveLength(1);
  });
});

describe('keeping a raise', () => {
  const tampered: readonly (readonly [string, (association: Association) => Association, RegExp])[] = [
    ['a larger limit', (one) => ({ ...one, max: one.max * 4 }), /is not the one that was approved/],
    ['more buckets', (one) => ({ ...one, buckets: 4_194_304 }), /is not the one that was approved/],
    [
      'other nodes',
      (one) => ({ ...one, tags: [{ key: 'Name', value: 'database' }] }),
      /is not the one that was approved/,
    ],
  ];

  async function kept(
    change: (association: Association) => Association,
    changeHead: (head: IncidentHead) => IncidentHead = (same) => same,
  ) {
    const table = await startTable();
    try {
      const store = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 1 });
      const built = buildIncident('resolved', { nodes: 2 }).head;
      const nodes = built.nodes.map((node) => ({ ...node, cluster: 'shop', nodeGroup: 'workers' }));
      const offer = keepOffer({ ...built, nodes });
      if (typeof offer === 'string') throw new Error(offer);
      const rules = { now: NOW, approvers: [ANA.id], evidenceMaxAgeSeconds: 900 };
      const slack = { team: TEAM, ...CARD };
      const request = { kind: 'keep', planDigest: keepDigest(offer), actor: ANA, slack } as const;
      const head = decide({ ...built, nodes }, request, rules);
      if (typeof head === 'string') throw new Error(head);
      const decisions = [...(await signAll(table.client, TABLE, head))];
      await store.open({ ...head, decisions });
      await store.update(head.id, (now) =>
        changeHead(now.association === undefined ? now : { ...now, association: change(now.association) }),
      );
      const clock = { now: () => NOW + lateMs };
      const proof = proofAt(table.client, TABLE, clock.now);
      const ports = { store, associations, clock, proof, approvers: [ANA.id], decisionLifeSeconds: 300 };
      return await createAssociation(ports, head.id, decisions.length, REQUEST.nonce);
    } finally {
      await table.close();
    }
  }

  let lateMs = 0;
  beforeEach(() => {
    lateMs = 0;
    answers['CreateAssociation'] = {
      status: 200,
      body: { AssociationDescription: { AssociationId: 'id-1' } },
    };
  });

  test('is refused, and the record says so, when it comes too late', async () => {
    lateMs = 301_000;
    const why = expect.stringContaining('was not begun within 5 minutes, so nothing was sent');
    expect(await kept((same) => same)).toMatchObject({ kind: 'refused', why });
    expect(server.seen).toEqual([]);
  });

  test('is done as it was clicked', async () => {
    expect(await kept((same) => same)).toEqual({ kind: 'done' });
  });

  test('is refused where a second decision of the same number stands behind the one that was clicked', async () => {
    const larger = (one: Association) => ({ ...one, max: one.max * 4 });
    const answer = await kept(larger, (head) => {
      const [clicked] = head.decisions.slice(-1);
      const { association } = head;
      if (clicked === undefined || association === undefined) return head;
      const planDigest = keepDigest({ ...association, name: association.group });
      return { ...head, decisions: [...head.decisions, { ...clicked, planDigest }] };
    });
    expect(answer).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('its plan is another one'),
    });
    expect(server.seen).toEqual([]);
  });

  test.each(tampered)('is refused with %s than was clicked', async (_what, change, sentence) => {
    expect(await kept(change)).toMatchObject({ kind: 'refused', why: expect.stringMatching(sentence) });
    expect(server.seen).toEqual([]);
  });
});
