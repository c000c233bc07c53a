import type { SSMClient } from '@aws-sdk/client-ssm';
import { openSeries } from '../src/adapters/series/open-series.ts';
import { SsmProbes } from '../src/adapters/ssm/probe-commands.ts';
import type { NodeTags } from '../src/core/node-tags.ts';
import type { Samples } from '../src/core/sweep/ports.ts';
import { probedSamples } from '../src/core/sweep/probed.ts';
import { sampledNodes } from '../src/core/sweep/sampled.ts';
import { readEnvironment } from './environment.ts';
import { log } from './log.ts';
import { pause, systemClock } from './wiring.ts';

/**
 * Opens where the samples of a sweep come from.
 * @param systemsManager what sends the probe; the series of others are read with its credentials
 */
export function openSamples(systemsManager: SSMClient, nodeTags: NodeTags): Samples {
  const { MEDIC_SWEEP_SOURCE: source } = readEnvironment('MEDIC_SWEEP_SOURCE');
  if (source.kind === 'ssm') return openProbes(systemsManager, nodeTags);
  return sampledNodes(openSeries(source, { config: systemsManager.config, clock: systemClock, log, pause }));
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
