import { Duration, Stack } from 'aws-cdk-lib';
import { type SweepSource, workspaceOf } from '../src/core/sweep/source.ts';
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
  if (source.kind !== 'ssm') return { MEDIC_SWEEP_SOURCE: JSON.stringify(toldOf(source)) };
  return {
    MEDIC_PROBE_SECONDS: String((sampling ?? Duration.seconds(5)).toSeconds()),
    ...documents.environmentOf('probe'),
  };
}

function toldOf(source: Exclude<SampleSource, { kind: 'ssm' }>): SweepSource {
  if (source.kind !== 'prometheus') return source;
  const { auth, labels = {} } = source;
  return {
    ...source,
    labels,
    auth: auth.kind === 'bearer' ? { kind: 'bearer', secret: auth.secret.secretArn } : auth,
  };
}

/**
 * Lets the function that sweeps read its samples. Only one that takes them from the nodes may send anything to a node.
 *
 * @throws ConfigError when requests would be signed for an address that is no workspace
 */
export function grantSamples(
  { role, lambda }: ServiceFunction,
  { source = { kind: 'ssm' } }: SweepProps,
  documents: NodeDocuments,
): void {
  switch (source.kind) {
    case 'ssm':
      documents.grantProbe(role);
      lambda.node.addDependency(documents);
      return;
    case 'cloudwatch-agent':
      allow(role, 'ReadAgentMetrics', ['*']);
      return;
    case 'prometheus':
      if (source.auth.kind === 'bearer') grantSecret('ReadSeriesSecret', source.auth.secret, role);
      if (source.auth.kind === 'sigv4')
        allow(role, 'QuerySeries', [workspaceArn(source.url, Stack.of(role))]);
  }
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
