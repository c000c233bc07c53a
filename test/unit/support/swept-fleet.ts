import { readFileSync } from 'node:fs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { parseDocument } from '../../../local/ssm/documents.ts';
import { type FaultOf, startSsmEndpoint } from '../../../local/ssm/endpoint.ts';
import { assembleScripts, buildDocuments } from '../../../nodes/documents.ts';
import { DynamoSeries } from '../../../src/adapters/dynamo/series.ts';
import { DynamoSweepState } from '../../../src/adapters/dynamo/sweep-state.ts';
import { embeddedMetrics } from '../../../src/adapters/embedded-metrics.ts';
import { Ec2Lookups } from '../../../src/adapters/lookups/ec2-instances.ts';
import { FoundNodes } from '../../../src/adapters/lookups/swept-nodes.ts';
import { SsmProbes } from '../../../src/adapters/ssm/probe-commands.ts';
import { WARNING_HOURS } from '../../../src/core/fleet/hours.ts';
import type { FleetRow } from '../../../src/core/fleet/table.ts';
import type { WarningRequest } from '../../../src/core/incident/warning-alarm.ts';
import { probedSamples } from '../../../src/core/sweep/probed.ts';
import { type SweepPorts, sweep } from '../../../src/core/sweep/sweep.ts';
import type { ProbedNode } from '../../support/probed-node.ts';
import { LOCAL, TABLE } from '../adapters/support.ts';

const NODE_TAGS = [{ key: 'role', values: ['worker'] }];
const shipped = buildDocuments(
  assembleScripts((path) => readFileSync(new URL(`../../../nodes/${path}`, import.meta.url), 'utf8')),
);
const documents = new Map(shipped.map(({ name, content }) => [name, parseDocument(name, content)]));
/** What the probe's document is pinned to. */
export const probeHash = shipped.find(({ name }) => name === 'medic-probe')?.sha256 ?? '';

/** A sweep over nodes behind the local Systems Manager, with everything that it came to. */
export interface SweptFleet {
  readonly ports: SweepPorts;
  readonly state: DynamoSweepState;
  readonly series: DynamoSeries;
  /** Lines of metrics. */
  readonly lines: Record<string, unknown>[];
  readonly logged: string[];
  readonly warned: WarningRequest[];
  /** Calls of Systems Manager. */
  readonly calls: { readonly operation: string; readonly body: string }[];
  close(): Promise<void>;
  run(until?: number): ReturnType<typeof sweep>;
  row(node: ProbedNode): Promise<FleetRow | undefined>;
}

/** @param table where its readings are kept */
export async function sweptFleet(
  table: DynamoDBClient,
  nodes: readonly ProbedNode[],
  options: {
    readonly faultOf?: FaultOf;
    readonly ec2?: EC2Client;
    readonly intakeIsAway?: (request: WarningRequest) => boolean;
    /** Whether the intake takes a warning, and nobody hears of it. */
    readonly answerIsLost?: () => boolean;
  } = {},
): Promise<SweptFleet> {
  const calls: { operation: string; body: string }[] = [];
  const endpoint = await startSsmEndpoint({
    key: undefined,
    documents,
    nodes,
    visibleAfterMs: 1,
    secondMs: 200,
    faultOf: (operation, body) => {
      calls.push({ operation, body });
      return options.faultOf?.(operation, body);
    },
  });
  const client = new SSMClient({ ...LOCAL, endpoint: endpoint.url, maxAttempts: 1 });
  const state = new DynamoSweepState(table, TABLE);
  const series = new DynamoSeries(table, TABLE);
  const [lines, logged]: [Record<string, unknown>[], string[]] = [[], []];
  const warned: WarningRequest[] = [];
  let nonces = 0;
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
  const ports: SweepPorts = {
    nodes: new FoundNodes(client, NODE_TAGS, options.ec2 && new Ec2Lookups(options.ec2)),
    samples: probedSamples(
      new SsmProbes(
        client,
        { name: 'medic-probe', hash: probeHash },
        { nodeTags: NODE_TAGS, sampleSeconds: 5, pause },
      ),
    ),
    series,
    state,
    metrics: embeddedMetrics((line) => lines.push(JSON.parse(line))),
    clock: { now: () => Date.now() },
    log: (event) => logged.push(event),
    warn: async (request) => {
      if (options.intakeIsAway?.(request) === true) throw new Error('The intake is away.');
      warned.push(request);
      if (options.answerIsLost?.() === true) throw new Error('No answer came.');
    },
    newNonce: () => `nonce${String(++nonces).padStart(11, '0')}`,
    pause,
  };
  let holders = 0;
  return {
    ports,
    state,
    series,
    lines,
    logged,
    warned,
    calls,
    close: () => endpoint.close(),
    run: (until = Date.now() + 60_000) =>
      sweep(ports, { everyMinutes: 5, hours: WARNING_HOURS }, `holder-${++holders}`, until),
    row: async ({ instanceId }) =>
      (await state.report())?.report.nodes.find((row) => row.instanceId === instanceId),
  };
}

/** DescribeInstances, as XML. */
export const instancesAnswer = (...ids: readonly string[]): string =>
  `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet>${ids
    .map(
      (id) =>
        `<item><instanceId>${id}</instanceId><instanceType>m5.large</instanceType><instanceState><name>running</name></instanceState><placement><availabilityZone>eu-central-1a</availabilityZone></placement><tagSet><item><key>eks:cluster-name</key><value>shop</value></item><item><key>eks:nodegroup-name</key><value>workers</value></item></tagSet></item>`,
    )
    .join('')}</instancesSet></item></reservationSet></DescribeInstancesResponse>`;
