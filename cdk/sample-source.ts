import { Duration, Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { workspaceOf } from '../src/core/sweep/source.ts';
import { ConfigError } from './config.ts';
import type { NodeDocuments } from './node-documents.ts';
import { allow } from './permissions.ts';
import type { SampleSource, SweepProps } from './props.ts';
import { grantSecret } from './secret-access.ts';
import type { ServiceFunction } from './service-function.ts';

/** What samples from a source can tell: the node's own table, and whether something that the product set is gone. */
export const toldBy = ({
  kind,
}: Pick<SampleSource, 'kind'>): { readonly table: boolean; readonly drift: boolean } => ({
  table: kind !== 'cloudwatch-agent',
  drift: kind === 'ssm',
});

/** What the function that sweeps is told of where its samples come from. */
export function sampleEnvironment(
  { source = { kind: 'ssm' }, sampling }: SweepProps,
  documents: NodeDocuments,
): Readonly<Record<string, string>> {
  if (source.kind !== 'ssm') return { MEDIC_SWEEP_SOURCE: JSON.stringify(source) };
  return {
    MEDIC_PROBE_SECONDS: String((sampling ?? Duration.seconds(5)).toSeconds()),
    ...documents.environmentOf('probe'),
  };
}

/**
 * Lets the function that sweeps read its samples. Only one that takes them from the nodes may send anything to a node.
 *
 * @throws ConfigError when requests would be signed for an address that is no workspace
 */
export function grantSamples(
  sweep: ServiceFunction,
  { source = { kind: 'ssm' } }: SweepProps,
  documents: NodeDocuments,
): void {
  const { role, lambda } = sweep;
  switch (source.kind) {
    case 'ssm':
      documents.grantProbe(role);
      lambda.node.addDependency(documents);
      return;
    case 'cloudwatch-agent':
      allow(role, 'ReadAgentMetrics', ['*']);
      return;
    case 'prometheus':
      grantPrometheus(sweep, source);
      if (source.vpc !== undefined) putInto(source.vpc, sweep);
  }
}

type PrometheusSource = Extract<SampleSource, { kind: 'prometheus' }>;

function grantPrometheus(sweep: ServiceFunction, { auth, url }: PrometheusSource): void {
  const { role } = sweep;
  switch (auth.kind) {
    case 'none':
      return;
    case 'bearer':
    case 'basic':
      grantSecret('ReadSeriesSecret', Secret.fromSecretNameV2(sweep, 'SeriesSecret', auth.secretName), role);
      return;
    case 'sigv4':
      if (auth.role === undefined) allow(role, 'QuerySeries', [workspaceArn(url, Stack.of(role))]);
      else allow(role, 'EnterSeries', [auth.role.arn]);
  }
}

/** Puts the function into subnets that the configuration names; their VPC is none of this stack's. */
function putInto(
  { subnetIds, securityGroupIds }: NonNullable<PrometheusSource['vpc']>,
  { role, lambda }: ServiceFunction,
): void {
  // It is Lambda that does so with the function's role. Calls that the function itself makes carry its ARN under this key.
  allow(role, 'StandInVpc', ['*'], { Null: { 'lambda:SourceFunctionArn': 'true' } });
  const { defaultChild } = lambda.node;
  if (defaultChild instanceof CfnFunction)
    defaultChild.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] };
}

function workspaceArn(url: string, stack: Stack): string {
  const workspace = workspaceOf(url);
  if (workspace === undefined)
    throw new ConfigError(
      `${url} is not the address of a workspace of Amazon Managed Service for Prometheus.`,
    );
  const { region, id } = workspace;
  return stack.formatArn({ service: 'aps', region, resource: 'workspace', resourceName: id });
}
