import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Clock, Log } from '../../core/ports.ts';
import type { NodeSeries } from '../../core/sweep/sampled.ts';
import { type PrometheusSource, type SeriesSource, workspaceOf } from '../../core/sweep/source.ts';
import { ManagedSecret, type SecretShape } from '../managed-secret.ts';
import { SpokeRoles } from '../spoke-access.ts';
import { withPatience } from '../waiting/patience.ts';
import { AgentSeries } from './cloudwatch-agent.ts';
import { NodeExporterSeries } from './node-exporter.ts';
import { PrometheusApi, type PrometheusAuth } from './prometheus-api.ts';
import { basicAuth, bearerAuth, LOGIN_SECRET, noAuth, signedAuth, TOKEN_SECRET } from './prometheus-auth.ts';

/** What reading the series of others needs. */
export interface SeriesPorts {
  /** Of a client of AWS: where the others are opened, and what a workspace of the same account is signed for with. */
  readonly config: Pick<SSMClient['config'], 'credentials' | 'sha256' | 'region'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Waits some seconds. */
  readonly pause: (seconds: number) => Promise<void>;
}

/** Opens the series that others keep of the nodes. */
export function openSeries(source: SeriesSource, ports: SeriesPorts): NodeSeries {
  const { config, clock, log, pause } = ports;
  if (source.kind === 'cloudwatch-agent')
    return new AgentSeries(
      new CloudWatchClient(withPatience({ region: config.region, credentials: config.credentials })),
      source.namespace,
    );
  const { url, tenant, labels, nodeLabel } = source;
  const api = new PrometheusApi({
    url,
    auth: openAuth(source, ports),
    ...(tenant === undefined ? {} : { tenant }),
    pause,
    warn: (text) => log('sweep-source-warned', { text }),
  });
  return new NodeExporterSeries(api, { labels, nodeLabel }, clock);
}

function openAuth({ url, auth }: PrometheusSource, { config, clock, log }: SeriesPorts): PrometheusAuth {
  const secretOf = <T extends object>(name: string, shape: SecretShape<T>) =>
    new ManagedSecret(
      new SecretsManagerClient(withPatience({ region: config.region, credentials: config.credentials })),
      name,
      shape,
      clock,
      log,
    );
  switch (auth.kind) {
    case 'none':
      return noAuth;
    case 'bearer':
      return bearerAuth(secretOf(auth.secretName, TOKEN_SECRET));
    case 'basic':
      return basicAuth(secretOf(auth.secretName, LOGIN_SECRET));
    case 'sigv4': {
      const { region = '' } = workspaceOf(url) ?? {};
      const credentials = auth.role === undefined ? undefined : credentialsOf(auth.role, region);
      return signedAuth(credentials === undefined ? config : { ...config, credentials }, region);
    }
  }
}

/** Those of a role in the account of the workspace. */
function credentialsOf(
  { arn, externalId }: { readonly arn: string; readonly externalId?: string | undefined },
  region: string,
) {
  const account = arn.split(':')[4] ?? '';
  return new SpokeRoles([{ account, roleArn: arn, externalId }]).credentialsFor({ account, region });
}
