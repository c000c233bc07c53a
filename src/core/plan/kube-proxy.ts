import { KUBE_PROXY_DEFAULTS, type KubeProxyConntrack } from '../parse/kube-proxy-settings.ts';
import { counted, show } from '../words.ts';

/** How a kube-proxy treats a limit that is higher than what it wants; `unknown` where its version does not decide it. */
export type HigherLimit = 'kept' | 'lowered' | 'unknown';

/** What kube-proxy does with the limit from one version on. */
interface Behaviour {
  /** The first version that behaves so. */
  readonly minor: number;
  readonly patch: number;
  readonly higher: HigherLimit;
  /** Whether `maxPerCore` × cores counts for at most {@link SCALED_CAP}. */
  readonly isCapped: boolean;
}

/** What the product of `maxPerCore` and cores counts for at most where it is capped (kubernetes PR 137002). */
const SCALED_CAP = 1_048_576;

/**
 * The versions at which the behaviour changed, oldest first (kubernetes pkg/proxy/conntrack/sysctls.go):
 * PR 103174 made it write upwards only, PR 120448 whatever differs, PR 137002 capped the product, and PR 142035 keeps a
 * higher limit once more. The last one was picked for 1.37.2, and for a patch of 1.36 after 1.36.5 that was not seen.
 * What some of them really do is in docs/kube-proxy-seen.md.
 */
const BEHAVIOURS: readonly Behaviour[] = [
  { minor: 0, patch: 0, higher: 'lowered', isCapped: false },
  { minor: 23, patch: 0, higher: 'kept', isCapped: false },
  { minor: 29, patch: 0, higher: 'lowered', isCapped: false },
  { minor: 36, patch: 0, higher: 'lowered', isCapped: true },
  { minor: 36, patch: 6, higher: 'unknown', isCapped: true },
  { minor: 37, patch: 0, higher: 'lowered', isCapped: true },
  { minor: 37, patch: 2, higher: 'kept', isCapped: true },
];

/**
 * What a kube-proxy may do with the limit: one entry where its version decides it, several where only the minor version
 * is known and its patches differ, all of them for anything but a version of 1.
 */
function behavioursOf(version: string | undefined): readonly Behaviour[] {
  const parts = /^v?1\.(\d{1,3})(?:\.(\d{1,3}))?(?![\d.])/.exec(version ?? '');
  if (parts === null) return BEHAVIOURS;
  const [minor, patch] = [Number(parts[1]), parts[2] === undefined ? undefined : Number(parts[2])];
  const inForce = BEHAVIOURS.findLast((one) => isReached(one, minor, patch ?? 0)) ?? BEHAVIOURS[0];
  const later = patch === undefined ? BEHAVIOURS.filter((one) => one.minor === minor && one.patch > 0) : [];
  return inForce === undefined ? BEHAVIOURS : [inForce, ...later];
}

function isReached(from: Behaviour, minor: number, patch: number): boolean {
  return from.minor < minor || (from.minor === minor && from.patch <= patch);
}

/** What becomes of a limit that is higher than what kube-proxy wants when it starts. */
export function higherLimit(version: string | undefined): HigherLimit {
  const [first, ...others] = behavioursOf(version).map(({ higher }) => higher);
  return first !== undefined && others.every((one) => one === first) ? first : 'unknown';
}

/** The limit that kube-proxy writes when it starts: one number where its version decides it, otherwise a range. */
export interface LimitWanted {
  readonly least: number;
  readonly most: number;
}

/**
 * The limit that kube-proxy wants when it starts, or nothing when it leaves it alone: the greater of `maxPerCore` × cores
 * and `min`; from 1.36 on a product above 1,048,576 counts as that and `min` is not looked at then
 * (kubernetes pkg/proxy/conntrack/sysctls.go, getConntrackMax).
 */
export function limitWanted(
  { maxPerCore, min }: KubeProxyConntrack,
  cores: number,
  version: string | undefined,
): LimitWanted | undefined {
  if (maxPerCore === 0) return undefined;
  const scaled = maxPerCore * cores;
  const wanted = behavioursOf(version).map(({ isCapped }) =>
    isCapped && scaled > SCALED_CAP ? SCALED_CAP : Math.max(scaled, min),
  );
  return { least: Math.min(...wanted), most: Math.max(...wanted) };
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
  const product = `maxPerCore ${show(settings.maxPerCore)} × ${counted(cores, 'core')} = ${show(scaled)}`;
  const greater = `the greater of ${product} and min ${show(settings.min)} → ${show(wanted.most)}`;
  if (wanted.least < wanted.most)
    return `${name} writes ${greater}, or from Kubernetes 1.36 on ${show(wanted.least)}, at which the product is capped`;
  const isCapped = scaled > SCALED_CAP && behavioursOf(version).every((one) => one.isCapped);
  return isCapped ? `${name} writes ${product}, capped at ${show(wanted.most)}` : `${name} writes ${greater}`;
}

/** `131,072`, or `1,048,576 or 2,097,152` where the version decides it and is not known. */
export function wantedWords({ least, most }: LimitWanted): string {
  return least === most ? show(most) : `${show(least)} or ${show(most)}`;
}

/** How the limit follows the size of a node on which nobody sets anything, in words; without a full stop. */
export function growthWithCores(): string {
  const { maxPerCore, min } = KUBE_PROXY_DEFAULTS;
  const last = SCALED_CAP / maxPerCore;
  return `kube-proxy makes the limit grow with the cores, by ${show(maxPerCore)} for each and from ${show(min)} on, unless it is set otherwise; from Kubernetes 1.36 on it stops at ${show(SCALED_CAP)}, so more than ${counted(last, 'core')} add nothing there`;
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
  const mayCap = behavioursOf(version).some(({ isCapped }) => isCapped);
  return mayCap && target > SCALED_CAP ? { maxPerCore: 1, min: target } : { min: target };
}
