import { EC2Client } from '@aws-sdk/client-ec2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context } from 'aws-lambda';
import { dynamoClient } from '../src/adapters/dynamo/client.ts';
import { DynamoSeries } from '../src/adapters/dynamo/series.ts';
import { DynamoSweepState } from '../src/adapters/dynamo/sweep-state.ts';
import { embeddedMetrics } from '../src/adapters/embedded-metrics.ts';
import { sendEvent } from '../src/adapters/lambda-functions.ts';
import { Ec2Lookups } from '../src/adapters/lookups/ec2-instances.ts';
import { FoundNodes } from '../src/adapters/lookups/swept-nodes.ts';
import { withPatience } from '../src/adapters/waiting/patience.ts';
import { type SweepPorts, type Swept, sweep } from '../src/core/sweep/sweep.ts';
import { readEnvironment } from './environment.ts';
import { log } from './log.ts';
import { openSamples } from './samples.ts';
import { newNonce, pause, systemClock } from './wiring.ts';

const environment = readEnvironment(
  'MEDIC_INTAKE_FUNCTION',
  'MEDIC_TABLE',
  'MEDIC_NODE_TAGS',
  'MEDIC_NODE_LOOKUPS',
  'MEDIC_PROBE_POLL_SECONDS',
  'MEDIC_SWEEP_MINUTES',
  'MEDIC_WARN_UNDER_HOURS',
  'MEDIC_RELEASE_ABOVE_HOURS',
);

/** Time for what has begun to come to its end before Lambda ends it, in milliseconds: reading the answers of 20,000 nodes. */
const RESERVE_MS = 180_000;

const nodeTags = environment.MEDIC_NODE_TAGS ?? [];
const systemsManager = new SSMClient(withPatience({}));
const lambda = new LambdaClient(withPatience({}));
const table = dynamoClient();
const instances =
  environment.MEDIC_NODE_LOOKUPS === 'aws' ? new Ec2Lookups(new EC2Client(withPatience({}))) : undefined;

const ports: SweepPorts = {
  nodes: new FoundNodes(systemsManager, nodeTags, instances),
  samples: openSamples(systemsManager, nodeTags),
  series: new DynamoSeries(table, environment.MEDIC_TABLE),
  state: new DynamoSweepState(table, environment.MEDIC_TABLE),
  metrics: embeddedMetrics((line) => console.log(line)),
  clock: systemClock,
  log,
  newNonce,
  pause,
  warn: (request) => sendEvent(lambda, environment.MEDIC_INTAKE_FUNCTION, request),
};

const settings = {
  everyMinutes: environment.MEDIC_SWEEP_MINUTES,
  lookSeconds: environment.MEDIC_PROBE_POLL_SECONDS,
  hours: {
    warnUnder: environment.MEDIC_WARN_UNDER_HOURS,
    releaseAbove: environment.MEDIC_RELEASE_ABOVE_HOURS,
  },
};

/** Runs on a schedule: looks at every node of the fleet once, or goes on with a look that was left. */
export async function handler(
  _event: unknown,
  { awsRequestId, getRemainingTimeInMillis }: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>,
): Promise<Swept> {
  const until = systemClock.now() + getRemainingTimeInMillis() - RESERVE_MS;
  const swept = await sweep(ports, settings, awsRequestId, until);
  log('swept', Object.fromEntries(Object.entries(swept).map(([name, value]) => [name, String(value)])));
  return swept;
}
