import type { IncidentHead } from './incident.ts';

/** Account and region of nodes that are not in the service's own. */
export interface NodePlace {
  readonly account: string;
  readonly region: string;
}

/**
 * Where these nodes of an incident are; nothing stands for the service's own account and region. An incident asks nodes of
 * one place only, so the first that says where it is speaks for all.
 */
export function placeOfNodes(
  { nodes }: Pick<IncidentHead, 'nodes'>,
  instanceIds: readonly string[],
): NodePlace | undefined {
  for (const { instanceId, account, region } of nodes) {
    if (account !== undefined && region !== undefined && instanceIds.includes(instanceId))
      return { account, region };
  }
  return undefined;
}
