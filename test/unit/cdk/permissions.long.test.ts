import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { allow, PERMISSIONS, type Permission } from '../../../cdk/permissions.ts';
import {
  exampleConfig,
  HUB,
  OUTPUT,
  SPOKE,
  type Statement,
  statementsByRole,
  templateOf,
  withApp,
} from './support.ts';

const config = exampleConfig({ ...HUB, spokes: [SPOKE], commandOutput: OUTPUT });
const hub = statementsByRole(templateOf(config));
const spoke = statementsByRole(templateOf(config, 'spoke'));
const everything = [...hub, ...spoke].flatMap(([role, statements]) =>
  statements.map((statement) => ({ role, ...statement })),
);

const CHANGES = ['medic-raise', 'medic-settings', 'medic-delete-udp-entry', 'medic-rollback'];
const may = (statements: readonly Statement[] | undefined, action: string) =>
  (statements ?? []).filter(({ actions }) => actions.includes(action));

/** Documents that a role may send, and everything else that its right to send commands names. */
function sends(statements: readonly Statement[] | undefined) {
  const resources = may(statements, 'ssm:SendCommand').flatMap((statement) => statement.resources);
  const documents = resources.flatMap((arn) => /:document\/(.*)$/.exec(arn)?.[1] ?? []);
  return { documents, others: resources.filter((arn) => !arn.includes(':document/')) };
}

describe('roles', () => {
  it.each([
    ['conntrack-medic-incident', ['medic-collect', 'medic-trace']],
    ['conntrack-medic-remediate', CHANGES],
    ['conntrack-medic-resolve', []],
    ['conntrack-medic-intake', []],
    ['conntrack-medic-reconcile', []],
    ['conntrack-medic-slack', []],
    ['conntrack-medic-webhook', []],
    ['conntrack-medic-sweep', ['medic-probe']],
  ])('%s may send %j and nothing else', (role, documents) => {
    expect(hub.has(role)).toBe(true);
    expect(sends(hub.get(role)).documents).toEqual(documents);
  });

  it.each([
    ['conntrack-medic-for-incident', ['medic-collect', 'medic-trace']],
    ['conntrack-medic-for-remediate', CHANGES],
    ['conntrack-medic-for-resolve', []],
  ])('in a spoke, %s may send %j and nothing else', (role, documents) => {
    expect(spoke.has(role)).toBe(true);
    expect(sends(spoke.get(role)).documents).toEqual(documents);
  });

  it('may send commands to nodes with the tag only', () => {
    const nodes = everything.filter(
      ({ actions, resources }) =>
        actions.includes('ssm:SendCommand') && !resources.every((arn) => arn.includes(':document/medic-')),
    );
    expect(nodes).toHaveLength(5);
    for (const { resources, condition } of nodes) {
      expect(resources.every((arn) => /:(instance|managed-instance)\/\*$/.test(arn))).toBe(true);
      expect(condition).toEqual({ StringEquals: { 'ssm:resourceTag/eks:cluster-name': 'shop' } });
    }
  });

  it('may send commands to nodes with any of several tags, by one statement a key', () => {
    const nodeTags = [
      { key: 'eks:cluster-name', values: ['shop', 'web'] },
      { key: 'karpenter.sh/nodepool', values: 'any' as const },
    ];
    const roles = statementsByRole(templateOf(exampleConfig({ ...HUB, nodeTags })));
    for (const role of ['conntrack-medic-incident', 'conntrack-medic-remediate']) {
      const conditional = (roles.get(role) ?? []).filter(
        ({ actions, condition }) => actions.includes('ssm:SendCommand') && condition !== undefined,
      );
      expect(conditional.map(({ sid, condition }) => [sid, condition])).toEqual([
        ['ReachTaggedNodes', { StringEquals: { 'ssm:resourceTag/eks:cluster-name': ['shop', 'web'] } }],
        ['ReachTaggedNodes2', { StringLike: { 'ssm:resourceTag/karpenter.sh/nodepool': '*' } }],
      ]);
    }
  });

  it('create associations of medic-raise with our tag, delete those that have it, and do neither in a spoke', () => {
    const rights = everything.flatMap(({ role, actions, resources, condition }) =>
      actions
        .filter((action) => /Association$|AddTags|RemoveTags|StartAssociations/.test(action))
        .map((action) => [
          role,
          action,
          resources.map((arn) => arn.replace(/^.*:/, '')).join(),
          Object.entries(condition ?? {}).flatMap(([test, keys]) => [test, ...Object.entries(keys).flat()]),
        ]),
    );
    const service = ['medic:service', 'conntrack-medic'] as const;
    const own = (of: string) => ['StringEquals', `aws:${of}Tag/${service[0]}`, service[1]];
    const remediate = 'conntrack-medic-remediate';
    expect(rights).toEqual([
      [remediate, 'ssm:CreateAssociation', 'document/medic-raise', []],
      [remediate, 'ssm:CreateAssociation', 'association/*', own('Request')],
      [remediate, 'ssm:AddTagsToResource', 'association/*', own('Resource')],
      [remediate, 'ssm:DeleteAssociation', 'association/*', own('Resource')],
    ]);
    const inSpoke = [...spoke.values()].flat().flatMap(({ actions }) => actions);
    expect(inSpoke.filter((action) => action.includes('Association'))).toEqual([]);
  });

  it('look up versions of just the documents that they may send, and neither read nor change a text', () => {
    const rights = [...hub, ...spoke].map(([role, statements]) => [
      role,
      statements
        .filter(({ actions }) => actions.some((action) => action.includes('Document')))
        .flatMap(({ actions, resources }) => actions.map((action) => [action, resources])),
    ]);
    const wanted = [...hub, ...spoke].map(([role, statements]) => {
      const documents = statements
        .filter(({ actions }) => actions.includes('ssm:SendCommand'))
        .map(({ resources }) => resources.filter((arn) => arn.includes(':document/')))
        .filter((arns) => arns.length > 0);
      return [
        role,
        documents.flatMap((arns) => [
          ['ssm:DescribeDocument', arns],
          ['ssm:ListDocumentVersions', arns],
        ]),
      ];
    });
    expect(rights).toEqual(wanted);
  });

  it('that read nodes can write nothing in AWS but records, evidence, logs and traces, and wake an incident', () => {
    const writes = new Set([
      'dynamodb:PutItem',
      'dynamodb:DeleteItem',
      's3:PutObject',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'sqs:SendMessage',
      'ssm:SendCommand',
      'lambda:InvokeFunction',
      'sts:AssumeRole',
      'lambda:SendDurableExecutionCallbackSuccess',
    ]);
    const readers = ['conntrack-medic-incident', 'conntrack-medic-resolve'].flatMap(
      (role) => hub.get(role) ?? [],
    );
    const others = [...readers, ...(spoke.get('conntrack-medic-for-incident') ?? [])]
      .flatMap(({ actions }) => actions)
      .filter((action) => !writes.has(action));
    expect(others.filter((action) => !/:(Get|List|Describe|Query)/.test(action))).toEqual([]);
  });

  it('read of S3 long command output in the folder of the configuration, and pages in theirs; no evidence', () => {
    const reads = everything.filter(({ actions }) => actions.includes('s3:GetObject'));
    expect(reads.map(({ role, resources }) => [role, resources])).toEqual([
      ['conntrack-medic-incident', ['arn:<AWS::Partition>:s3:::shop-command-output/medic/nodes/*']],
      ['conntrack-medic-intake', [expect.stringMatching(/Evidence[\w.<>]*\/pages\/\*$/)]],
    ]);
    const without = [...statementsByRole(templateOf(exampleConfig())).values()].flat();
    expect(may(without, 's3:GetObject').map(({ resources }) => resources)).toEqual([
      [expect.stringMatching(/Evidence[\w.<>]*\/pages\/\*$/)],
    ]);
  });

  it('of the reconciler are those of the intake, and besides to see what is open and what runs', () => {
    const rightsOf = (role: string) =>
      new Set((hub.get(`conntrack-medic-${role}`) ?? []).flatMap(({ actions }) => actions));
    const intake = rightsOf('intake');
    expect([...rightsOf('reconcile')].filter((action) => !intake.has(action))).toEqual([
      'lambda:ListDurableExecutionsByFunction',
    ]);
    const seeing = everything.filter(({ actions }) =>
      actions.includes('lambda:ListDurableExecutionsByFunction'),
    );
    expect(seeing.map(({ role }) => role.replace('conntrack-medic-', '')).toSorted()).toEqual([
      'reconcile',
      'slack',
    ]);
    for (const { resources } of seeing)
      expect(resources.join()).toMatch(/IncidentFunction[^,]*,.*IncidentFunction.*:\*$/);
  });

  it('wake executions of the incident function and of no other one, and can not have them fail', () => {
    const waking = everything.filter(({ actions }) => actions.join().includes('DurableExecutionCallback'));
    expect(waking.map(({ role }) => role.replace('conntrack-medic-', '')).toSorted()).toEqual([
      'incident',
      'intake',
      'reconcile',
      'slack',
      'webhook',
    ]);
    for (const { actions, resources } of waking) {
      expect(actions).toEqual(['lambda:SendDurableExecutionCallbackSuccess']);
      expect(resources).toEqual([expect.stringMatching(/^<MedicIncidentFunction\w+\.Arn>:\*$/)]);
    }
  });

  it('enter the spokes through the role that is meant for each, and no other role', () => {
    const entries = everything.filter(({ actions }) => actions.includes('sts:AssumeRole'));
    expect(entries.map(({ role, resources }) => [role, resources])).toEqual(
      expect.arrayContaining(
        ['incident', 'remediate', 'resolve'].map((caller) => [
          `conntrack-medic-${caller}`,
          [`arn:<AWS::Partition>:iam::${SPOKE.account}:role/conntrack-medic-for-${caller}`],
        ]),
      ),
    );
    expect(entries).toHaveLength(3);
  });

  it('hold no action with a wildcard, and no permission that is not in the list with its reason', () => {
    const known = Object.entries<Permission>(PERMISSIONS);
    const unlisted = everything.filter(({ sid, actions }) => {
      const [, permission] =
        known.find(([name, one]) =>
          sid === undefined ? one.actions.join() === actions.join() : name === sid,
        ) ?? [];
      return permission?.actions.join() !== actions.join() || actions.join().includes('*');
    });
    expect(unlisted).toEqual([]);
  });

  it('hold no resource with a wildcard unless a condition narrows it or a reason is written down', () => {
    const wild = everything.filter(({ resources }) => resources.some((arn) => arn.includes('*')));
    expect(wild.length).toBeGreaterThan(10);
    const unexplained = wild.filter(({ sid = 'TraceCalls', condition }) => {
      const { unscoped }: Permission = PERMISSIONS[sid as keyof typeof PERMISSIONS];
      return condition === undefined && unscoped === undefined;
    });
    expect(unexplained).toEqual([]);
  });

  it('cannot be given a wildcard without a reason', () => {
    const role = withApp(
      (app) =>
        new Role(new Stack(app, 'S'), 'R', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    );
    expect(() => allow(role, 'SendDocuments', ['*'])).toThrow('SendDocuments has a wildcard in its resource');
  });
});

describe('roles in a spoke', () => {
  const roles = Object.values(templateOf(config, 'spoke').findResources('AWS::IAM::Role'));

  it.each(['incident', 'remediate', 'resolve'])('for %s can be assumed by that function alone', (caller) => {
    const role = roles.find(({ Properties }) => Properties.RoleName === `conntrack-medic-for-${caller}`);
    const [statement, ...more] = role?.Properties.AssumeRolePolicyDocument.Statement ?? [];
    expect(more).toEqual([]);
    expect(JSON.stringify(statement.Principal)).toContain(`:iam::${HUB.account}:root`);
    expect(statement.Condition.StringEquals).toEqual({ 'sts:ExternalId': SPOKE.externalId });
    expect(JSON.stringify(statement.Condition.ArnEquals)).toContain(
      `:iam::${HUB.account}:role/conntrack-medic-${caller}-${HUB.region}"`,
    );
  });
});
