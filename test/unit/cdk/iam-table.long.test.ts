import { expect, it } from 'vitest';
import type { DeployConfig } from '../../../cdk/config.ts';
import { PERMISSIONS, type Permission, type PermissionName } from '../../../cdk/permissions.ts';
import {
  exampleConfig,
  HUB,
  OUTPUT,
  SPOKE,
  type Statement,
  statementsByRole,
  templateOf,
} from './support.ts';

const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^arn:<AWS::Partition>:[a-z0-9-]*:[^:]*:[^:]*:/, ''],
  [/<MedicRecordsIncidents\w+\.Arn>/, 'the table'],
  [/<MedicRecordsEvidence\w+\.Arn>/, 'the evidence bucket'],
  [/<MedicLostAlarms\w+\.Arn>/, 'the queue of lost alarms'],
  [/<Medic(\w+?)Log\w+\.Arn>/, 'its own log group'],
  [/<Medic(\w+?)FunctionAliaslive\w+>/, '$1:live'],
  [/<Medic(\w+?)Function\w+\.Arn>/, '$1'],
];

/** A statement's resource in words short enough for a table. */
function say(resource: string): string {
  const said = PLACEHOLDERS.reduce((text, [pattern, words]) => text.replace(pattern, words), resource);
  return said.startsWith('the ') || said.startsWith('its ') ? said.replace('/*', ': `*`') : `\`${said}\``;
}

/** The permission behind a statement; the CDK's own statements carry no name. */
function permissionOf({ sid, actions }: Statement): Permission {
  const own = PERMISSIONS[sid as PermissionName] as Permission | undefined;
  const byActions = Object.values<Permission>(PERMISSIONS).find(
    (one) => one.actions.join() === actions.join(),
  );
  const permission = own ?? byActions;
  if (permission === undefined) throw new Error(`No reason is written down for ${actions.join()}.`);
  return permission;
}

function rows(roles: ReadonlyMap<string, readonly Statement[]>): string {
  const lines = [...roles].flatMap(([role, statements]) =>
    statements.map((statement) => {
      const { why, unscoped } = permissionOf(statement);
      const conditions = Object.entries(statement.condition ?? {}).flatMap(([test, keys]) =>
        Object.entries(keys).map(([key, value]) => {
          const values = [value].flat().map((one) => `\`${one}\``);
          return `<br>only if \`${key}\` is ${test === 'Null' ? 'not there' : values.join(' or ')}`;
        }),
      );
      const isWild =
        statement.resources.some((resource) => resource.includes('*')) && conditions.length === 0;
      const reason = isWild && unscoped !== undefined ? ` *${unscoped}*` : '';
      const actions = statement.actions.map((action) => `\`${action}\``).join('<br>');
      const resources = statement.resources.map(say).join('<br>');
      return `| ${role.replace('conntrack-medic-', '')} | ${actions} | ${resources}${conditions.join('')} | ${why}${reason} |`;
    }),
  );
  return ['| role | may | on | why |', '|---|---|---|---|', ...lines].join('\n');
}

/** What the role that sweeps may besides with another source, by that source. */
function rightsOfOtherSources(): ReadonlyMap<string, readonly Statement[]> {
  const { sweep } = exampleConfig();
  const url = 'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-0123abcd';
  const sources: Readonly<Record<string, DeployConfig['sweep']['source']>> = {
    'sweep, prometheus with sigv4': { kind: 'prometheus', url, labels: {}, auth: { kind: 'sigv4' } },
    'sweep, prometheus with bearer': {
      kind: 'prometheus',
      url,
      labels: {},
      auth: { kind: 'bearer', secretName: 'NAME' },
    },
    'sweep, prometheus with basic': {
      kind: 'prometheus',
      url,
      labels: {},
      auth: { kind: 'basic', secretName: 'NAME' },
    },
    'sweep, prometheus of another account': {
      kind: 'prometheus',
      url,
      labels: {},
      auth: { kind: 'sigv4', role: { arn: 'arn:aws:iam::222233334444:role/ROLE' } },
    },
    'sweep, prometheus with vpc': {
      kind: 'prometheus',
      url,
      labels: {},
      auth: { kind: 'none' },
      vpc: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
    },
    'sweep, cloudwatch-agent': { kind: 'cloudwatch-agent', namespace: 'CWAgent' },
  };
  const rightsWith = (changes: object) =>
    statementsByRole(templateOf(exampleConfig({ ...HUB, ...changes }))).get('conntrack-medic-sweep') ?? [];
  const usual = new Set(rightsWith({}).map(({ sid }) => sid));
  return new Map(
    Object.entries(sources).map(([name, source]) => [
      name,
      rightsWith({ sweep: { ...sweep, source } }).filter(({ sid }) => !usual.has(sid)),
    ]),
  );
}

it('docs/iam.md explains every permission in the templates; vitest run -u draws it anew', async () => {
  const config = exampleConfig({ ...HUB, spokes: [SPOKE], commandOutput: OUTPUT });
  const hub = rows(statementsByRole(templateOf(config)));
  const spoke = rows(statementsByRole(templateOf(config, 'spoke')));
  const others = rows(rightsOfOtherSources());
  await expect(`# What the service may do in AWS

Made from the synthesized templates of the example configuration with another account and a folder for command output: a
permission that is not in these tables does not exist, and one without a reason cannot be added. Roles are named
\`conntrack-medic-ROLE-REGION\`. Where a resource is \`*\` or ends in one, the reason for that stands in italics.

- A change to a node can only come from the remediate role, which carries out a decision that an approver's click stored.
- The incident role reads nodes with \`medic-collect\` and \`medic-trace\` and can send no other document, not even \`AWS-RunShellScript\`.
- The sweep role reads all of them with \`medic-probe\`, sends nothing else, and reaches no record of an incident.
- None of them reaches a node without the configured tag. Who may set that tag decides which nodes can be reached.

## In the account of the service

The incident role has the managed policy \`AWSLambdaBasicDurableExecutionRolePolicy\` besides: with it, Lambda saves where
an incident stands. AWS keeps that policy in step with its runtime.

${hub}

## Where a sweep takes its samples from somewhere else

With another \`sweep.source\` the sweep role has neither \`ssm:SendCommand\` nor what belongs to it, and one of these in its place.

${others}

## In every other account that the configuration names

A role can be assumed only by the function of the service that it is named for, and only with the external id of the
configuration.

${spoke}
`).toMatchFileSnapshot('../../../docs/iam.md');
});
