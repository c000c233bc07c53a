import { describe, expect, it } from 'vitest';
import type { DeployConfig } from '../../../cdk/config.ts';
import { exampleConfig, HUB, type Statement, statementsByRole, templateOf } from './support.ts';

const hub = statementsByRole(templateOf(exampleConfig(HUB)));
const may = (statements: readonly Statement[] | undefined, action: string) =>
  (statements ?? []).filter(({ actions }) => actions.includes(action));

describe('the role that sweeps, where its samples come from somewhere else', () => {
  const { sweep } = exampleConfig();
  const url = 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-0123abcd';
  const statementsWith = (source: DeployConfig['sweep']['source']) =>
    statementsByRole(templateOf(exampleConfig({ ...HUB, sweep: { ...sweep, source } }))).get(
      'conntrack-medic-sweep',
    ) ?? [];
  const prometheus = (auth: Extract<DeployConfig['sweep']['source'], { kind: 'prometheus' }>['auth']) =>
    statementsWith({ kind: 'prometheus', url, labels: {}, auth });
  const usual = new Set((hub.get('conntrack-medic-sweep') ?? []).map(({ sid }) => sid));
  const besides = (statements: readonly Statement[]) =>
    statements
      .filter(({ sid }) => !usual.has(sid))
      .map(({ actions, resources }) => [
        actions.join(),
        resources.map((arn) => arn.replace(/^arn:<[^>]*>:/, '')),
      ]);

  it.each([
    ['a Prometheus without a login', prometheus({ kind: 'none' }), []],
    [
      'a workspace',
      prometheus({ kind: 'sigv4' }),
      [['aps:QueryMetrics', [expect.stringMatching(/^aps:eu-west-1:\d{12}:workspace\/ws-0123abcd$/)]]],
    ],
    [
      'a Prometheus with a token',
      prometheus({ kind: 'bearer', secretName: 'prometheus-token' }),
      [['secretsmanager:GetSecretValue', [expect.stringMatching(/:secret:prometheus-token-\?{6}$/)]]],
    ],
    [
      'a Prometheus with a name and a password',
      prometheus({ kind: 'basic', secretName: 'prometheus-login' }),
      [['secretsmanager:GetSecretValue', [expect.stringMatching(/:secret:prometheus-login-\?{6}$/)]]],
    ],
    [
      'a workspace of another account, through the one role there',
      prometheus({ kind: 'sigv4', role: { arn: 'arn:aws:iam::222233334444:role/query' } }),
      [['sts:AssumeRole', ['arn:aws:iam::222233334444:role/query']]],
    ],
    [
      "the CloudWatch agent's metrics",
      statementsWith({ kind: 'cloudwatch-agent', namespace: 'CWAgent' }),
      [['cloudwatch:ListMetrics,cloudwatch:GetMetricData', ['*']]],
    ],
  ])('may send nothing, and reads %s', (_, statements, more) => {
    expect(may(statements, 'ssm:SendCommand')).toEqual([]);
    expect(besides(statements)).toEqual(more);
  });
});

it('what gives a function its interface in a VPC is for Lambda alone, and for the one function that stands there', () => {
  const { sweep } = exampleConfig();
  const vpc = { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] };
  const url = 'https://prometheus.example.com';
  const source = { kind: 'prometheus', url, labels: {}, auth: { kind: 'none' }, vpc } as const;
  const roles = statementsByRole(templateOf(exampleConfig({ ...HUB, sweep: { ...sweep, source } })));
  const standing = [...roles].flatMap(([role, statements]) =>
    may(statements, 'ec2:CreateNetworkInterface').map(({ condition }) => [role, condition]),
  );
  expect(standing).toEqual([['conntrack-medic-sweep', { Null: { 'lambda:SourceFunctionArn': 'true' } }]]);
  expect(may([...hub.values()].flat(), 'ec2:CreateNetworkInterface')).toEqual([]);
});
