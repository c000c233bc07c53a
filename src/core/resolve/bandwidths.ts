import * as z from 'zod';
import type { Bandwidth, IncidentNode } from '../record/incident.ts';
import { failureOf } from './gap-words.ts';
import type { InstanceLookups } from './node-lookups.ts';

const gbps = z.number().positive().max(10_000);

/** Bandwidth of nodes of which EC2 says nothing, as the configuration has it, in Gbit/s. */
export const ConfiguredBandwidth = z
  .strictObject({ baselineGbps: gbps, burstGbps: gbps.optional() })
  .refine(({ baselineGbps, burstGbps = baselineGbps }) => burstGbps >= baselineGbps, {
    message: 'must not be less than baselineGbps',
    path: ['burstGbps'],
  });
export type ConfiguredBandwidth = z.infer<typeof ConfiguredBandwidth>;

/** Says of each node what its network may carry, by its instance type or by the configuration; where neither does, nothing. */
export async function withBandwidths(
  instances: Pick<InstanceLookups, 'bandwidths'> | undefined,
  nodes: readonly IncidentNode[],
  configured: ConfiguredBandwidth | undefined,
): Promise<{ readonly nodes: readonly IncidentNode[]; readonly gaps: readonly string[] }> {
  const types = [...new Set(nodes.flatMap(({ instanceType }) => instanceType ?? []))];
  let ofTypes: ReadonlyMap<string, Omit<Bandwidth, 'from'>> = new Map();
  let gaps: readonly string[] = [];
  try {
    if (instances !== undefined && types.length > 0) ofTypes = await instances.bandwidths(types);
  } catch (error) {
    gaps = [failureOf('Bandwidth of the instance types', error)];
  }
  return {
    nodes: nodes.map((node) => {
      const said = ofTypes.get(node.instanceType ?? '');
      if (said !== undefined) return { ...node, bandwidth: { ...said, from: 'ec2' } };
      return configured === undefined
        ? node
        : { ...node, bandwidth: { ...configured, from: 'configuration' } };
    }),
    gaps,
  };
}
