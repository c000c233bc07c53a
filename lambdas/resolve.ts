import { setTimeout } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { LookupFailedError } from '../src/adapters/errors.ts';
import { describedOnce } from '../src/adapters/lookups/described-once.ts';
import { lookupsThrough } from '../src/adapters/lookups/lookups-at.ts';
import { watched } from '../src/adapters/lookups/watched.ts';
import { SpokeAccess, SpokeRoles } from '../src/adapters/spoke-access.ts';
import { isOutage } from '../src/adapters/waiting/outage.ts';
import { Alarm } from '../src/core/record/alarm.ts';
import type { LatencyShape } from '../src/core/record/latency/shape.ts';
import { placeOf } from '../src/core/record/place.ts';
import { readLatencyShape } from '../src/core/resolve/latency-metric.ts';
import type { LookupsAt, NodeLookups } from '../src/core/resolve/node-lookups.ts';
import { type ResolvedNodes, resolveNodes } from '../src/core/resolve/resolve-nodes.ts';
import { readEnvironment } from './environment.ts';
import { homeOf } from './home.ts';
import { log } from './log.ts';

const ResolveEvent = z.strictObject({ alarm: Alarm });

const environment = readEnvironment(
  'MEDIC_ALARM_TARGETS',
  'MEDIC_MAX_NODES',
  'MEDIC_NODE_LOOKUPS',
  'MEDIC_SPOKES',
  'MEDIC_NODE_TAGS',
  'MEDIC_NODE_BANDWIDTH',
);
let lookupsAt: LookupsAt | undefined;

/**
 * Finds the nodes behind an alarm. It reads only; nothing in here can send a command to a node.
 * @throws LookupFailedError where none was found because a service is away for now: then it may be asked again
 */
export async function handler(
  event: unknown,
  { invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>,
): Promise<ResolvedNodes & { readonly latency?: LatencyShape }> {
  const { alarm } = ResolveEvent.parse(event);
  const home = homeOf(invokedFunctionArn);
  lookupsAt ??= lookupsThrough(
    new SpokeAccess(home, new SpokeRoles(environment.MEDIC_SPOKES)),
    environment.MEDIC_NODE_LOOKUPS,
  );
  const settings = {
    home,
    targets: environment.MEDIC_ALARM_TARGETS,
    maxNodes: environment.MEDIC_MAX_NODES,
    nodeTags: environment.MEDIC_NODE_TAGS,
    nodeBandwidth: environment.MEDIC_NODE_BANDWIDTH,
  };
  const open = describedOnce(lookupsAt);
  let isAway = false;
  const watch = (error: unknown) => {
    isAway ||= isOutage(error);
  };
  const [resolved, latency] = await Promise.all([
    resolveNodes((place) => watched(open(place), watch), settings, alarm),
    latencyOf(open, alarm),
  ]);
  const { nodes, gaps } = resolved;
  log('nodes-resolved', {
    alarm: alarm.arn,
    nodes: nodes.map(({ instanceId }) => instanceId).join(),
    gaps: gaps.join(' '),
  });
  if (isAway && nodes.length === 0) throw new LookupFailedError(gaps.join(' '));
  return latency === undefined ? resolved : { ...resolved, latency };
}

/** No node waits longer than this for what is told beside it, in milliseconds. */
const LATENCY_MS = 1500;

/** How the latencies behind the alarm are distributed, as far as CloudWatch says so in time. */
async function latencyOf(open: LookupsAt, alarm: Alarm): Promise<LatencyShape | undefined> {
  let aws: NodeLookups['aws'];
  try {
    ({ aws } = open(placeOf(alarm)));
  } catch {
    // That there is no way into the place is said of its nodes.
    return undefined;
  }
  const late: LatencyShape = { kind: 'unread', why: 'CloudWatch did not answer in time' };
  return await Promise.race([readLatencyShape(aws, alarm), setTimeout(LATENCY_MS, late, { ref: false })]);
}
