import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { ManagedSecret } from '../src/adapters/managed-secret.ts';
import { AgentSeries } from '../src/adapters/series/cloudwatch-agent.ts';
import { NodeExporterSeries } from '../src/adapters/series/node-exporter.ts';
import { PrometheusApi, type PrometheusAuth } from '../src/adapters/series/prometheus-api.ts';
import { bearerAuth, noAuth, PROMETHEUS_SECRET, signedAuth } from '../src/adapters/series/prometheus-auth.ts';
import { SsmProbes } from '../src/adapters/ssm/probe-commands.ts';
import { withPatience } from '../src/adapters/waiting/patience.ts';
import type { NodeTags } from '../src/core/node-tags.ts';
import type { Samples } from '../src/core/sweep/ports.ts';
import { probedSamples } from '../src/core/sweep/probed.ts';
import { sampledNodes } from '../src/core/sweep/sampled.ts';
import { type PrometheusSource, workspaceOf } from '../src/core/sweep/source.ts';
import { readEnvironment } from './environment.ts';
import { log } from './log.ts';
import { pause, systemClock } from './wiring.ts';

/**
 * Opens where the samples of a sweep come from.
 * @param systemsManager what sends the probe; of a signed source its credentials
 */
export function openSamples(systemsManager: SSMClient, nodeTags: NodeTags): Samples {
  const { MEDIC_SWEEP_SOURCE: source } = readEnvironment('MEDIC_SWEEP_SOURCE');
  switch (source.kind) {
    case 'ssm':
      return openProbes(systemsManager, nodeTags);
    case 'prometheus':
      return sampledNodes(openNodeExporter(source, systemsManager));
    case 'cloudwatch-agent':
      return sampledNodes(new AgentSeries(new CloudWatchClient(withPatience({})), source.namespace));
  }
}

function openProbes(systemsManager: SSMClient, nodeTags: NodeTags): Samples {
  const environment = readEnvironment(
    'MEDIC_PROBE_DOCUMENT',
    'MEDIC_PROBE_DOCUMENT_HASH',
    'MEDIC_PROBE_SECONDS',
  );
  const document = { name: environment.MEDIC_PROBE_DOCUMENT, hash: environment.MEDIC_PROBE_DOCUMENT_HASH };
  const settings = { nodeTags, sampleSeconds: environment.MEDIC_PROBE_SECONDS, pause };
  return probedSamples(new SsmProbes(systemsManager, document, settings));
}

function openNodeExporter(source: PrometheusSource, { config }: SSMClient): NodeExporterSeries {
  const { url, labels, nodeLabel } = source;
  const api = new PrometheusApi({
    url,
    auth: openAuth(source, config),
    pause,
    warn: (text) => log('sweep-source-warned', { text }),
  });
  return new NodeExporterSeries(api, { labels, nodeLabel }, systemClock);
}

function openAuth({ url, auth }: PrometheusSource, config: SSMClient['config']): PrometheusAuth {
  switch (auth.kind) {
    case 'none':
      return noAuth;
    case 'bearer': {
      const secrets = new SecretsManagerClient(withPatience({}));
      return bearerAuth(new ManagedSecret(secrets, auth.secret, PROMETHEUS_SECRET, systemClock, log));
    }
    case 'sigv4':
      return signedAuth(config, workspaceOf(url)?.region ?? '');
  }
}
