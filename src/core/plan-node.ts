import { valueOf } from './fact.ts';
import type { PersistenceLayer, RaisePlan } from './plan.ts';
import { type Size, type SizingInput, sizeRaise } from './sizing.ts';
import type { Snapshot } from './snapshot.ts';
import { FULL_USE, isDroppingNow, tableStateOf } from './table-state.ts';

/**
 * Plans the raise for one node.
 *
 * @returns a sentence instead when it can't or should not be raised
 */
export function planNode(snapshot: Snapshot, instanceId: string): RaisePlan | string {
  const state = tableStateOf(snapshot);
  const { use } = state;
  const [buckets, memory] = [valueOf(snapshot.conntrack.buckets), valueOf(snapshot.memory)];
  if (use === undefined) return 'nf_conntrack_count or nf_conntrack_max was not read.';
  if (buckets === undefined) return 'nf_conntrack_buckets was not read, so the new size can not be planned.';
  if (memory === undefined) return '/proc/meminfo was not read, so the memory bound is unknown.';
  const size = sizeRaise({
    count: use.highest,
    max: use.max,
    buckets,
    isSaturated: use.ratio >= FULL_USE || isDroppingNow(state),
    arrivalDemand: arrivalDemandOf(snapshot),
    memoryTotalBytes: memory.totalBytes,
    memoryAvailableBytes: memory.availableBytes,
    objectBytes: valueOf(snapshot.slab)?.objectBytes,
    kernel: valueOf(snapshot.identity.kernel),
  });
  if (typeof size === 'string') return size;
  return {
    kind: 'raise-max',
    instanceId,
    max: { from: use.max, to: size.max },
    buckets: { from: buckets, to: size.buckets },
    memoryBytes: size.memoryBytes,
    memoryTotalBytes: memory.totalBytes,
    arithmetic: [...size.arithmetic],
    chainWhenFull: size.chainWhenFull,
    layers: layersOf(snapshot, size),
    warnings: [...size.warnings],
  };
}

/** SYNs that a client sends on average before its connection is made or given up. Our estimate. */
const SYNS_PER_LOST_CONNECTION = 2.5;

/** Connections that got an entry and those that were refused one, with the lifetime of the former. */
function arrivalDemandOf({ arrivals, conntrack, windowSeconds }: Snapshot): SizingInput['arrivalDemand'] {
  if (!arrivals.known || !conntrack.losses.known || !windowSeconds.known) return undefined;
  const { perSecond, meanLifetimeSeconds } = arrivals.value;
  const refused = Number(conntrack.losses.value.full.low) / windowSeconds.value / SYNS_PER_LOST_CONNECTION;
  return { perSecond: perSecond + refused, lifetimeSeconds: meanLifetimeSeconds };
}

/** The name of our file: it sorts after `99-sysctl.conf`, the usual link to /etc/sysctl.conf. */
export const OUR_SYSCTL_FILE = '99-zz-conntrack-medic.conf';

function layersOf(snapshot: Snapshot, size: Size): PersistenceLayer[] {
  const persistence = valueOf(snapshot.persistence);
  const kubeProxy = valueOf(snapshot.kubeProxy);
  const isBuiltIn = persistence?.isBuiltIn === true;
  const rival = persistence?.lines.find(
    ({ file, text }) =>
      /nf_conntrack_max/.test(text) &&
      (file === '/etc/sysctl.conf' || (/sysctl\.d\//.test(file) && baseName(file) > OUR_SYSCTL_FILE)),
  );
  const layer = (name: PersistenceLayer['layer'], state: PersistenceLayer['state'], how: string) => ({
    layer: name,
    state,
    how,
  });
  return [
    layer('running-kernel', 'covered', 'written at once and read back'),
    rival === undefined
      ? layer('sysctl.d', 'covered', `/etc/sysctl.d/${OUR_SYSCTL_FILE} sorts last`)
      : layer('sysctl.d', 'not-covered', `${rival.file}:${rival.line} sets it too and may win`),
    isBuiltIn
      ? layer('module-load-order', 'not-applicable', 'nf_conntrack is built into the kernel')
      : layer('module-load-order', 'covered', 'modules-load.d loads nf_conntrack before sysctl.d is applied'),
    isBuiltIn
      ? layer('hashsize', 'not-applicable', 'built in: the sysctl sets the buckets')
      : layer('hashsize', 'covered', `modprobe.d sets hashsize=${size.buckets}`),
    kubeProxyLayer(kubeProxy, size),
    layer('node-replacement', 'not-covered', 'new nodes start with the old limit'),
  ];
}

/**
 * kube-proxy writes max(maxPerCore × cores, min) once when it starts; from 1.29 to 1.37 it lowers a higher value,
 * before and from 1.23 on it does not (kubernetes pkg/proxy/conntrack/sysctls.go, PR 103174 and 120448).
 */
function kubeProxyLayer(
  kubeProxy: { readonly isRunning: boolean; readonly version: string | undefined } | undefined,
  size: Size,
): PersistenceLayer {
  const name = 'kube-proxy' as const;
  if (kubeProxy === undefined)
    return { layer: name, state: 'not-covered', how: 'not known whether kube-proxy runs here' };
  if (!kubeProxy.isRunning)
    return { layer: name, state: 'not-applicable', how: 'kube-proxy does not run here' };
  const minor = Number(/^v?1\.(\d{1,3})/.exec(kubeProxy.version ?? '')?.[1] ?? Number.NaN);
  if (minor >= 23 && minor <= 28)
    return { layer: name, state: 'covered', how: `kube-proxy ${kubeProxy.version} never lowers it` };
  return {
    layer: name,
    state: 'not-covered',
    how: `its next start may write its own value: set conntrack.min to ${size.max}`,
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
