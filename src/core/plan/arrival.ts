import { BUCKETS_KEY } from '../record/settings.ts';
import { roundUp } from './sizing-buckets.ts';

/**
 * Pointers in a page of 4, 16 and 64 KiB: the kernel rounds buckets up to whole pages (nf_conntrack_core.c,
 * nf_ct_alloc_hashtable).
 */
const BUCKET_STEPS = [512, 2048, 8192] as const;

/**
 * Whether a setting stands where a plan puts it. Any other value is somebody else's, or none that was approved; only buckets
 * may stand above theirs, by what the kernel adds to fill a page.
 */
export function hasArrived(key: string, to: number | undefined, value: number | undefined): boolean {
  if (to === undefined || value === undefined) return false;
  return value === to || (key === BUCKETS_KEY && BUCKET_STEPS.some((step) => value === roundUp(to, step)));
}
