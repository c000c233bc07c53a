/** The kernel rounds buckets to a page of pointers (nf_conntrack_core.c, nf_ct_alloc_hashtable). */
export const BUCKET_STEP = 512;
/** From this many entries on a bucket resize pauses traffic noticeably (measured: 0.4 to 0.6 s at one million). */
const RESIZE_HURTS_FROM = 262_144;
/** Entries per bucket up to which no insert is refused on kernels with a chain limit of 50 to 79; kube-proxy's own ratio. */
const MOST_PER_BUCKET = 4;
/** Up to so many entries there is a bucket for each, the kernel's own ratio since 5.15; above, one for two. */
const ONE_EACH_UP_TO = 2 ** 20;
/**
 * Kernels that refuse an insert into a chain of 8 to 31 entries, from 5.15 until commit c77737b736ce of March 2023. Which
 * stable release of 5.15 and 6.1 took it is not known exactly, so all of 5.15 and the early 6.1 count (nf_conntrack_core.c,
 * MIN_CHAINLEN and MAX_CHAINLEN).
 */
const SHORT_CHAINS = { from: [5, 15, 0], before: [6, 1, 30] } as const;

/**
 * Buckets for a limit: as many as entries up to a million, half of that above, never fewer than now and never fewer than a
 * quarter of the limit. With many entries present the resize itself would pause traffic, so the present number stays as
 * long as chains stay short; not on kernels whose chain limit may be as low as 8, where each entry gets its bucket.
 */
export function bucketsFor(
  target: number,
  {
    buckets,
    count,
    kernel,
  }: { readonly buckets: number; readonly count: number; readonly kernel: string | undefined },
): number {
  const isShort = hasShortChains(kernel);
  const mayStay = count >= RESIZE_HURTS_FROM && buckets * MOST_PER_BUCKET >= target && !isShort;
  if (mayStay) return buckets;
  const ideal = target <= ONE_EACH_UP_TO || isShort ? target : target / 2;
  return Math.max(buckets, roundUp(ideal, BUCKET_STEP));
}

/** Whether the kernel drops a new connection once its chain holds 8 to 31 entries; an unknown kernel may. */
function hasShortChains(kernel: string | undefined): boolean {
  const [, major, minor, patch] = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,5}))?/.exec(kernel ?? '') ?? [];
  if (major === undefined) return true;
  const version = [Number(major), Number(minor), Number(patch ?? 0)];
  return !isBefore(version, SHORT_CHAINS.from) && isBefore(version, SHORT_CHAINS.before);
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const index = version.findIndex((part, at) => part !== other[at]);
  return index >= 0 && (version[index] ?? 0) < (other[index] ?? 0);
}

/** The next multiple of a step, upwards. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** The next multiple of a step, downwards. */
export function roundDown(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
