import type { KubeProxyConntrack } from '../parse/kube-proxy-settings.ts';
import { show } from '../words.ts';

/** From 1.36 on `maxPerCore` × cores counts for at most so much (kubernetes PR 137002). */
const SCALED_CAP = { value: 1_048_576, fromMinor: 36 } as const;

/** How a kube-proxy treats a limit that is higher than what it wants. */
export type HigherLimit = 'kept' | 'lowered' | 'unknown';

/** Minor version of `v1.31.2`; `undefined` for anything else. */
function minorOf(version: string | undefined): number | undefined {
  const minor = /^v?1\.(\d{1,3})(?:\D|$)/.exec(version ?? '')?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/**
 * What becomes of a higher limit when kube-proxy starts. 1.23 to 1.28 write only upwards (PR 103174), 1.29 to 1.37 write
 * whatever differs (PR 120448), and so did 1.22 and before; later ones keep it again (PR 142035).
 */
export function higherLimit(version: string | undefined): HigherLimit {
  const minor = minorOf(version);
  if (minor === undefined) return 'unknown';
  return (minor >= 23 && minor <= 28) || minor >= 38 ? 'kept' : 'lowered';
}

/**
 * The limit that kube-proxy writes when it starts, or nothing when it leaves it alone: the greater of `maxPerCore` × cores
 * and `min`; from 1.36 on a product above 1,048,576 counts as that and `min` is not looked at then
 * (kubernetes pkg/proxy/conntrack/sysctls.go, getConntrackMax).
 */
export function limitWanted(
  { maxPerCore, min }: KubeProxyConntrack,
  cores: number,
  version: string | undefined,
): number | undefined {
  if (maxPerCore === 0) return undefined;
  const scaled = maxPerCore * cores;
  if (isCapped(scaled, version)) return SCALED_CAP.value;
  return Math.max(scaled, min);
}

/** The same as one line of arithmetic: `kube-proxy 1.31 writes max(65,536 × 32 cores, min 131,072) = 2,097,152`. */
export function limitWantedLine(
  settings: KubeProxyConntrack,
  cores: number,
  version: string | undefined,
): string {
  const name = version === undefined ? 'kube-proxy' : `kube-proxy ${version}`;
  const wanted = limitWanted(settings, cores, version);
  if (wanted === undefined) return `${name} has maxPerCore 0 and leaves the limit alone`;
  const scaled = settings.maxPerCore * cores;
  const product = `maxPerCore ${show(settings.maxPerCore)} × ${show(cores)} cores`;
  if (isCapped(scaled, version))
    return `${name} writes ${product} = ${show(scaled)}, capped at ${show(wanted)}`;
  return `${name} writes the greater of ${product} = ${show(scaled)} and min ${show(settings.min)} → ${show(wanted)}`;
}

/** What has to be changed in kube-proxy's configuration; what is absent stays as it is. */
export interface KubeProxyChange {
  readonly maxPerCore?: number | undefined;
  readonly min: number;
}

/**
 * The change with which kube-proxy itself writes at least `target`, whatever its version: above 1,048,576 `maxPerCore`
 * must be out of the way, or the cap of 1.36 hides `min`.
 */
export function changeFor(target: number, version: string | undefined): KubeProxyChange {
  const mayCap = (minorOf(version) ?? SCALED_CAP.fromMinor) >= SCALED_CAP.fromMinor;
  return mayCap && target > SCALED_CAP.value ? { maxPerCore: 1, min: target } : { min: target };
}

function isCapped(scaled: number, version: string | undefined): boolean {
  return scaled > SCALED_CAP.value && (minorOf(version) ?? 0) >= SCALED_CAP.fromMinor;
}
