/** Namespace of what the sweep measures in CloudWatch. */
export const METRICS_NAMESPACE = 'conntrack-medic';

/** Each number of a group as CloudWatch has it, with its unit there and what it says. */
export const FLEET_METRICS = [
  { name: 'TableUse', unit: 'Percent', means: 'use of the fullest table' },
  { name: 'FullTableDropsPerSecond', unit: 'Count/Second', means: 'packets that found a table full' },
  { name: 'InsertFailedPerSecond', unit: 'Count/Second', means: 'entries that could not be inserted' },
  {
    name: 'MinutesToFull',
    unit: 'None',
    means: 'minutes until the first table is full; none while none fills',
  },
  { name: 'Nodes', unit: 'Count', means: 'nodes with a tag of the configuration' },
  { name: 'NodesUnseen', unit: 'Count', means: 'nodes that the sweep could not see, for whatever reason' },
  { name: 'NodesDrifted', unit: 'Count', means: 'nodes on which a setting of the product is gone' },
] as const;
