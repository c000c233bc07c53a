import { isIP } from 'node:net';
import type { Alarm } from '../../core/record/alarm.ts';
import { TARGET_TAG } from '../../core/resolve/alarm-target.ts';
import { ADDRESS_DIMENSION } from '../../core/resolve/metric-selectors.ts';

type Dimension = Alarm['dimensions'][number];

/** Labels of the usual exporters that stand for nodes, by the dimension of the same meaning. */
const LABELS: Readonly<Record<string, string>> = {
  instance_id: 'InstanceId',
  ec2_instance_id: 'InstanceId',
  node: 'NodeName',
  nodename: 'NodeName',
  kubernetes_node: 'NodeName',
  host_ip: ADDRESS_DIMENSION,
  pod_ip: ADDRESS_DIMENSION,
  cluster: 'ClusterName',
  cluster_name: 'ClusterName',
  k8s_cluster_name: 'ClusterName',
  autoscaling_group: 'AutoScalingGroupName',
  medic_target: TARGET_TAG,
};

/** Dimensions that an alarm may have. */
const DIMENSIONS_MAX = 90;
const INSTANCE_ID = /^m?i-[0-9a-f]{8,17}$/;

/**
 * What the labels of alerts say about nodes, as dimensions: duplicates removed, sorted. Prometheus' `instance` is the
 * address of what was scraped; it counts where it is an address or an instance id and no label says more.
 */
export function alertDimensions(labels: readonly Readonly<Record<string, string>>[]): Dimension[] {
  const all = labels.flatMap(dimensionsOf);
  const byKey = new Map(all.map((dimension) => [JSON.stringify(dimension), dimension]));
  return [...byKey.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, dimension]) => dimension)
    .slice(0, DIMENSIONS_MAX);
}

/** The dimension of a single address, such as that of a pod. */
export function addressDimension(text: string): Dimension[] {
  return isIP(text) === 0 ? [] : [{ name: ADDRESS_DIMENSION, value: text }];
}

function dimensionsOf(labels: Readonly<Record<string, string>>): Dimension[] {
  const known = Object.entries(labels).flatMap(([label, value]): Dimension[] => {
    const name = Object.hasOwn(LABELS, label) ? LABELS[label] : undefined;
    return name === undefined || value === '' || value.length > 1024 ? [] : [{ name, value }];
  });
  const isExact = known.some(({ name }) => name !== 'ClusterName' && name !== 'AutoScalingGroupName');
  return isExact ? known : [...known, ...scraped(labels['instance'] ?? '')];
}

/** `10.0.3.7:9100`, `[2001:db8::1]:9100`, an instance id, or a name that says nothing here. */
function scraped(instance: string): Dimension[] {
  if (INSTANCE_ID.test(instance)) return [{ name: 'InstanceId', value: instance }];
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(instance) ?? [];
  return addressDimension(bracketed ?? plain ?? instance);
}
