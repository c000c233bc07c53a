import { show } from './signature.ts';

/** What the size is computed from; an absent number is unknown. */
export interface SizingInput {
  readonly count: number;
  readonly max: number;
  readonly buckets: number;
  /** Whether demand is hidden by the limit: use of 95 % or more, or packets dropped for want of an entry. */
  readonly isSaturated: boolean;
  /** Entries that the arriving connections would need at once, by Little's law: rate × lifetime. */
  readonly arrivalDemand?: { readonly perSecond: number; readonly lifetimeSeconds: number } | undefined;
  readonly memoryTotalBytes: number;
  readonly memoryAvailableBytes: number;
  /** Bytes of one slab object from /proc/slabinfo. */
  readonly objectBytes: number | undefined;
  readonly kernel: string | undefined;
}

/** A size, with each step of the arithmetic as one short line. */
export interface Size {
  readonly max: number;
  readonly buckets: number;
  readonly memoryBytes: number;
  readonly chainWhenFull: number;
  readonly arithmetic: readonly string[];
  readonly warnings: readonly string[];
}

/** Room above demand, so that +50 % traffic or the loss of one peer of three still fits. */
const TARGET_USE = 0.6;
/** Readable steps that are a multiple of the kernel's 512. */
const ROUND_UP_TO = 65_536;
/** The kernel rounds buckets to a page of pointers (nf_conntrack_core.c, nf_ct_alloc_hashtable). */
const BUCKET_STEP = 512;
/** One click raises at most so much. */
const STEP_FACTOR = 4;
/** Worst case about 2 GiB; above it a human must decide. */
export const NF_CONNTRACK_MAX_CEILING = 4_194_304;
/** A raise by less than this buys seconds (measured: 4,096 → 6,000 was full again within 12 s). */
const LEAST_GAIN = 1.25;
/** Entry cost when the slab's object size is not known: 320 bytes and an extension of 128, with slack, rounded up. */
const ENTRY_BYTES_ASSUMED = 512;
/** Extensions are allocated apart, at least 128 bytes (nf_conntrack_extend.c, NF_CT_EXT_PREALLOC). */
const EXTENSION_BYTES = 128;
const BUCKET_BYTES = 8;
/** Smallest and largest number the documents accept. */
const PARAMETER_RANGE = { least: 1_000, most: 9_999_999 } as const;
/** From this many entries on a bucket resize pauses traffic noticeably (measured: 0.4 to 0.6 s at one million). */
const RESIZE_HURTS_FROM = 262_144;
/** Entries per bucket up to which no insert is refused on kernels with a chain limit of 50 to 79. */
const LOAD_WITH_LONG_CHAINS = 4;

/** Bytes per entry: the slab object and its extension with a tenth of slack where the size was read. */
export function entryBytes(objectBytes: number | undefined): number {
  return objectBytes === undefined ? ENTRY_BYTES_ASSUMED : Math.ceil((objectBytes + EXTENSION_BYTES) * 1.1);
}

/**
 * Computes the new limit: demand, headroom, rounding up, then the bounds (four-fold step, memory, ceiling) last.
 *
 * @returns a sentence instead when no raise makes sense
 */
export function sizeRaise(input: SizingInput): Size | string {
  const { max, buckets } = input;
  if (max === 0)
    return 'nf_conntrack_max is 0, which means unlimited: memory is the limit, there is nothing to raise.';
  if (max < PARAMETER_RANGE.least || buckets < PARAMETER_RANGE.least) {
    return `nf_conntrack_max ${show(max)} or nf_conntrack_buckets ${show(buckets)} is below ${show(PARAMETER_RANGE.least)}: too small to be a worker node's, raise it by hand.`;
  }
  if (input.memoryAvailableBytes < input.memoryTotalBytes / 10) {
    return 'Less than 10 % of the memory is available: a larger table could cost the node more than the drops do.';
  }
  const { demand, demandLine } = demandOf(input);
  const wanted = roundUp(demand / TARGET_USE, ROUND_UP_TO);
  const bytes = entryBytes(input.objectBytes);
  const memoryBound = Math.min(input.memoryTotalBytes * 0.05, input.memoryAvailableBytes * 0.5);
  const bounds = [
    { name: `four times the present limit`, value: STEP_FACTOR * max },
    { name: 'memory', value: memoryBound / (bytes + BUCKET_BYTES) },
    { name: `the ceiling of ${show(NF_CONNTRACK_MAX_CEILING)}`, value: NF_CONNTRACK_MAX_CEILING },
  ];
  const tightest = bounds.reduce((least, bound) => (bound.value < least.value ? bound : least));
  const target = wanted <= tightest.value ? wanted : roundDown(tightest.value, BUCKET_STEP);
  if (target < max * LEAST_GAIN) {
    return `Bounded by ${tightest.name}, the limit could only go from ${show(max)} to ${show(Math.max(target, 0))}: too little to help, so use a larger node or fewer connections.`;
  }
  const newBuckets = bucketsFor(target, input);
  const memoryBytes = target * bytes + newBuckets * BUCKET_BYTES;
  const clampLine = target === wanted ? [] : [`bounded by ${tightest.name} → ${show(target)}`];
  return {
    max: target,
    buckets: newBuckets,
    memoryBytes,
    chainWhenFull: (2 * target) / newBuckets,
    arithmetic: [
      demandLine,
      `÷ ${TARGET_USE} headroom, rounded up to ${show(ROUND_UP_TO)} → ${show(wanted)}`,
      ...clampLine,
      `${show(target)} × ${bytes} B + ${show(newBuckets)} buckets × ${BUCKET_BYTES} B = ${show(memoryBytes / 2 ** 20)} MiB if full, ${show((memoryBytes / input.memoryTotalBytes) * 100)} % of memory`,
    ],
    warnings:
      target < demand
        ? [`The bound leaves the new limit below the estimated demand of ${show(demand)}: it may fill again.`]
        : [],
  };
}

/** What the table would have to hold. A saturated one hides its demand, so at least twice the limit, or what arrives. */
function demandOf({ count, max, isSaturated, arrivalDemand }: SizingInput): {
  demand: number;
  demandLine: string;
} {
  if (!isSaturated) {
    const demand = Math.ceil(count * 1.3);
    return { demand, demandLine: `demand: ${show(count)} entries × 1.3 = ${show(demand)}` };
  }
  if (arrivalDemand !== undefined) {
    const { perSecond, lifetimeSeconds } = arrivalDemand;
    const demand = Math.ceil(perSecond * lifetimeSeconds);
    if (demand > 2 * max) {
      const product = `${show(Math.round(perSecond))} new connections/s × ${show(Math.round(lifetimeSeconds))} s`;
      return { demand, demandLine: `demand: about ${product} = ${show(demand)} entries` };
    }
  }
  const line = `demand: the table is saturated, so at least 2 × ${show(max)} = ${show(2 * max)}`;
  return { demand: 2 * max, demandLine: line };
}

/**
 * Buckets for a limit: as many as entries up to a million, half of that above (the kernel's own default ratio since
 * 5.15 is one to one), never fewer than now. With many entries present the resize itself would pause traffic, so the
 * present number stays as long as chains stay short; not on 5.15, whose chain limit may be as low as 8.
 */
function bucketsFor(target: number, { buckets, count, kernel }: SizingInput): number {
  const hasShortChains = kernel?.startsWith('5.15.') ?? false;
  const mayStay = count >= RESIZE_HURTS_FROM && buckets * LOAD_WITH_LONG_CHAINS >= target && !hasShortChains;
  if (mayStay) return buckets;
  const ideal = target <= 2 ** 20 || hasShortChains ? target : target / 2;
  return Math.max(buckets, roundUp(ideal, BUCKET_STEP));
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

function roundDown(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
