import type { RaisePlan } from '../record/plan.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { FULL_USE, isDroppingNow, tableStateOf } from '../snapshot/table-state.ts';
import { flowOf } from './forecast.ts';
import { limitWantedLine } from './kube-proxy.ts';
import { isBottlerocket, kubeProxyChange, limitWantedOn, raiseLayers } from './raise-layers.ts';
import { sizeRaise } from './sizing.ts';
import { withUnread } from './unread-layer.ts';

/**
 * Plans the raise for one node.
 *
 * @param known.peak most entries that are known to have been needed at once, from a graph for instance
 * @returns a sentence instead when it can't or should not be raised
 */
export function planNode(
  snapshot: Snapshot,
  instanceId: string,
  known: { readonly peak?: number } = {},
): RaisePlan | string {
  const state = tableStateOf(snapshot);
  const { use } = state;
  const [buckets, memory] = [valueOf(snapshot.conntrack.buckets), valueOf(snapshot.memory)];
  if (use === undefined) return 'nf_conntrack_count or nf_conntrack_max was not read.';
  if (buckets === undefined) return 'nf_conntrack_buckets was not read, so the new size can not be planned.';
  if (memory === undefined) return '/proc/meminfo was not read, so the memory bound is unknown.';
  const size = sizeRaise({
    peak: known.peak,
    count: use.highest,
    max: use.max,
    buckets,
    ...(snapshot.foreseen === undefined ? {} : { isForeseenFull: true }),
    isSaturated: use.ratio >= FULL_USE || isDroppingNow(state),
    flow: flowOf(snapshot),
    kubeProxyWants: limitWantedOn(snapshot),
    secondsSinceRaise: secondsSinceRaiseOf(snapshot, use.max),
    memoryTotalBytes: memory.totalBytes,
    memoryAvailableBytes: memory.availableBytes,
    objectBytes: valueOf(snapshot.slab)?.objectBytes,
    kernel: valueOf(snapshot.identity.kernel),
  });
  if (typeof size === 'string') return size;
  const kubeProxy = kubeProxyChange(snapshot, size.max);
  return {
    kind: 'raise-max',
    instanceId,
    max: { from: use.max, to: size.max },
    buckets: { from: buckets, to: size.buckets },
    memoryBytes: size.memoryBytes,
    memoryTotalBytes: memory.totalBytes,
    arithmetic: [...size.arithmetic, ...kubeProxyLines(snapshot)],
    chainWhenFull: size.chainWhenFull,
    ...(size.forecast === undefined ? {} : { forecast: size.forecast }),
    ...(kubeProxy === undefined ? {} : { kubeProxy }),
    ...(isBottlerocket(snapshot) ? { isBottlerocket: true } : {}),
    layers: withUnread(snapshot, raiseLayers(snapshot, size)),
    warnings: [...size.warnings],
  };
}

/** Where the number comes from that kube-proxy writes on this node. */
function kubeProxyLines({ kubeProxy, identity }: Snapshot): string[] {
  const [facts, cores] = [valueOf(kubeProxy), valueOf(identity.cores)];
  return facts?.settings === undefined || cores === undefined
    ? []
    : [limitWantedLine(facts.settings, cores, facts.version)];
}

/** Since when the limit in force is the one that a raise of ours set. */
function secondsSinceRaiseOf({ lastRaise }: Snapshot, max: number): number | undefined {
  const raise = valueOf(lastRaise);
  return raise?.target === max ? raise.secondsAgo : undefined;
}
