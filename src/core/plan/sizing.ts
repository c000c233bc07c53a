import type { Forecast } from '../record/plan.ts';
import { counted, memoryIfFull, show } from '../words.ts';
import { type Flow, forecast } from './forecast.ts';
import type { LimitWanted } from './kube-proxy.ts';
import { bucketsFor, roundDown, roundUp } from './sizing-buckets.ts';

/** What the size is computed from; an absent number is unknown. */
export interface SizingInput {
  readonly count: number;
  readonly max: number;
  readonly buckets: number;
  /** Most entries that are known to have been needed at once, where somebody knows more than the two samples. */
  readonly peak?: number | undefined;
  /** Whether it is foreseen that the table will be full under this limit. */
  readonly isForeseenFull?: boolean;
  /** Whether demand is hidden by the limit: use of 95 % or more, or packets dropped for want of an entry. */
  readonly isSaturated: boolean;
  /** What arrives and how long it stays: by Little's law rate × lifetime is what is needed at once. */
  readonly flow?: Flow | undefined;
  /** What kube-proxy writes, or may write, when it starts; `undefined` when it does not run, leaves the limit alone or is unknown. */
  readonly kubeProxyWants?: LimitWanted | undefined;
  /** Seconds since this limit was set by a raise of ours; `undefined` when it was not. */
  readonly secondsSinceRaise?: number | undefined;
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
  /** Where the table ends up under the new limit; `undefined` where nothing is known of what arrives. */
  readonly forecast: Forecast | undefined;
  readonly arithmetic: readonly string[];
  readonly warnings: readonly string[];
}

/** Room above demand, so that +50 % traffic or the loss of one peer of three still fits. */
const TARGET_USE = 0.6;
/** What was seen without a limit in the way may still not have been the peak. */
const PEAK_FACTOR = 1.3;
/** Readable steps that are a multiple of the kernel's 512. */
const ROUND_TO = 65_536;
/** A bound is rounded down to a readable step where that gives up at most so much of it. */
const ROUND_DOWN_LOSS = 0.1;
/** The kernel's own step: a page of bucket pointers (nf_conntrack_core.c, nf_ct_alloc_hashtable). */
const LEAST_STEP = 512;
/** One click raises at most so much. */
const STEP_FACTOR = 4;
/** Worst case about 2 GiB; above it a human must decide. */
export const NF_CONNTRACK_MAX_CEILING = 4_194_304;
/** Shares of memory that the full table may take, and that must be available before anything is raised. */
const MEMORY_SHARE = { ofTotal: 0.05, ofAvailable: 0.5, leastAvailable: 0.1 } as const;
/** A raise by less than this buys seconds (measured: 4,096 → 6,000 was full again within 12 s). */
const LEAST_GAIN = 1.25;
/** Entry cost when the slab's object size is not known: 320 bytes and an extension of 128, with slack, rounded up. */
const ENTRY_BYTES_ASSUMED = 512;
/** Extensions are allocated apart, at least 128 bytes (nf_conntrack_extend.c, NF_CT_EXT_PREALLOC). */
const EXTENSION_BYTES = 128;
/** Where kube-proxy has no say. */
const NOTHING_WANTED: LimitWanted = { least: 0, most: 0 };
/** A pointer on a 64-bit kernel. */
const BUCKET_BYTES = 8;
/** Smallest and largest number the documents accept. */
const PARAMETER_RANGE = { least: 1_000, most: 9_999_999 } as const;
/** A raised table that is this full again so soon has a demand without bound. */
const REFILLED = { withinSeconds: 900, use: 0.9 } as const;

/** Bytes per entry: the slab object and its extension with a tenth of slack where the size was read. */
function entryBytes(objectBytes: number | undefined): number {
  return objectBytes === undefined ? ENTRY_BYTES_ASSUMED : Math.ceil((objectBytes + EXTENSION_BYTES) * 1.1);
}

/**
 * Computes the new limit: demand, headroom, rounding up, what kube-proxy wants at least, then the bounds (four-fold step,
 * memory, ceiling) last.
 *
 * @returns a sentence instead when no raise makes sense
 */
export function sizeRaise(input: SizingInput): Size | string {
  const refusal = refuse(input);
  if (refusal !== undefined) return refusal;
  const { max, kubeProxyWants = NOTHING_WANTED } = input;
  const { demand, demandLine } = demandOf(input);
  const withRoom = demand / TARGET_USE;
  const withHeadroom = roundUp(withRoom, ROUND_TO);
  const wanted = Math.max(withHeadroom, roundUp(kubeProxyWants.most, LEAST_STEP));
  const { target, bound, step } = boundedBy(wanted, input);
  if (target < max * LEAST_GAIN) {
    return `Bounded by ${bound}, the limit could only go from ${show(max)} to ${show(Math.max(target, 0))}: too little to help, so use a larger node or fewer connections.`;
  }
  const buckets = bucketsFor(target, input);
  const bytes = entryBytes(input.objectBytes);
  const memoryBytes = target * bytes + buckets * BUCKET_BYTES;
  return {
    max: target,
    buckets,
    memoryBytes,
    chainWhenFull: (2 * target) / buckets,
    forecast: forecast(input.flow, input.count, target),
    arithmetic: [
      demandLine,
      `÷ ${TARGET_USE} headroom ${equal(withRoom)}, up to a multiple of ${show(ROUND_TO)} → ${show(withHeadroom)}`,
      ...(wanted > withHeadroom
        ? [
            `not below what kube-proxy ${isCertain(kubeProxyWants) ? 'writes' : 'may write'} when it starts → ${show(wanted)}`,
          ]
        : []),
      ...(target === wanted ? [] : [`bounded by ${bound}${step} → ${show(target)}`]),
      `${show(target)} × ${bytes} B + ${counted(buckets, 'bucket')} × ${BUCKET_BYTES} B = ${memoryIfFull(memoryBytes, input.memoryTotalBytes)}`,
    ],
    warnings: warningsOf(target, demand, kubeProxyWants),
  };
}

/** Why there is nothing to size at all. */
function refuse(input: SizingInput): string | undefined {
  const { max, buckets, count, secondsSinceRaise } = input;
  if (max === 0)
    return 'nf_conntrack_max is 0, which means unlimited: memory is the limit, there is nothing to raise.';
  if (max < PARAMETER_RANGE.least || buckets < PARAMETER_RANGE.least) {
    return `nf_conntrack_max ${show(max)} or nf_conntrack_buckets ${show(buckets)} is below ${show(PARAMETER_RANGE.least)}: too small to be a worker node's, raise it by hand.`;
  }
  const isRefilled = input.isSaturated || count / max >= REFILLED.use;
  if (secondsSinceRaise !== undefined && secondsSinceRaise < REFILLED.withinSeconds && isRefilled) {
    return `The limit was raised to ${show(max)} less than ${REFILLED.withinSeconds / 60} minutes ago and is reached again: demand is unbounded, so find what opens or keeps the connections instead of raising once more.`;
  }
  if (input.memoryAvailableBytes < input.memoryTotalBytes * MEMORY_SHARE.leastAvailable) {
    return 'Less than 10 % of the memory is available: a larger table could cost the node more than the drops do.';
  }
  return undefined;
}

/** The target inside every bound, with the name of the tightest one and how the target was made of it. */
function boundedBy(
  wanted: number,
  input: SizingInput,
): { readonly target: number; readonly bound: string; readonly step: string } {
  const memoryBytes = Math.min(
    input.memoryTotalBytes * MEMORY_SHARE.ofTotal,
    input.memoryAvailableBytes * MEMORY_SHARE.ofAvailable,
  );
  const bounds = [
    { name: 'four times the present limit', value: STEP_FACTOR * input.max },
    { name: 'memory', value: memoryBytes / (entryBytes(input.objectBytes) + BUCKET_BYTES) },
    { name: `the ceiling of ${show(NF_CONNTRACK_MAX_CEILING)}`, value: NF_CONNTRACK_MAX_CEILING },
  ];
  const { name, value } = bounds.reduce((least, bound) => (bound.value < least.value ? bound : least));
  if (wanted <= value) return { target: wanted, bound: name, step: '' };
  const multiple = readableStep(value);
  const target = roundDown(value, multiple);
  const step =
    target === value ? '' : `, ${show(Math.floor(value))}, down to a multiple of ${show(multiple)}`;
  return { target, bound: name, step };
}

/** The step by which people can read a bound, or the kernel's own where the former would give up too much of it. */
function readableStep(value: number): number {
  return value - roundDown(value, ROUND_TO) <= value * ROUND_DOWN_LOSS ? ROUND_TO : LEAST_STEP;
}

/** What the table would have to hold. A saturated one hides its demand, so at least twice the limit, or what arrives. */
function demandOf({ count, max, peak = 0, isForeseenFull = false, isSaturated, flow }: SizingInput): {
  demand: number;
  demandLine: string;
} {
  // Whole tenths, so that no digit of a float's own stands behind them.
  const seen = Math.round(count * PEAK_FACTOR * 10) / 10;
  const { perSecond = 0, lifetimeSeconds = 0 } = flow ?? {};
  const arriving = perSecond * lifetimeSeconds;
  const candidates = isSaturated
    ? [
        {
          demand: 2 * max,
          how: `the table is saturated, so sized for at least 2 × ${show(max)} = ${show(2 * max)}`,
        },
        { demand: arriving, how: `${arrivalWords(perSecond, lifetimeSeconds)} ≈ ${whole(arriving)}` },
      ]
    : [
        { demand: seen, how: `${counted(count, 'entry')} × ${PEAK_FACTOR} ${equal(seen)}` },
        ...(isForeseenFull
          ? [{ demand: max, how: `the present limit, which is foreseen to be met: ${show(max)}` }]
          : []),
      ];
  const known = { demand: peak, how: `the known peak of ${show(peak)}` };
  const { demand, how } = [...candidates, known].reduce((most, one) =>
    one.demand > most.demand ? one : most,
  );
  // Never one: the limit that is raised is a thousand or more.
  return { demand: Math.ceil(demand), demandLine: ['demand:', how, 'entries'].join(' ') };
}

/** A number of entries, which are whole. */
const whole = (value: number): string => show(Math.ceil(value));

/** What comes out of a sum, told as near where it is no whole number. */
const equal = (value: number): string => `${Number.isInteger(value) ? '=' : '≈'} ${whole(value)}`;

const arrivalWords = (perSecond: number, lifetimeSeconds: number): string =>
  `${counted(Math.round(perSecond), 'new connection')}/s × ${show(Math.round(lifetimeSeconds))} s`;

/** Whether the version of kube-proxy decides what it writes. */
function isCertain({ least, most }: LimitWanted): boolean {
  return least === most;
}

function warningsOf(target: number, demand: number, kubeProxyWants: LimitWanted): string[] {
  return [
    ...(target < demand
      ? [`The bound leaves the new limit below the estimated demand of ${show(demand)}: it may fill again.`]
      : []),
    ...(target < kubeProxyWants.most
      ? [
          isCertain(kubeProxyWants)
            ? `kube-proxy wants ${show(kubeProxyWants.most)}, more than the bound allows, and writes it when it starts.`
            : `kube-proxy may want ${show(kubeProxyWants.most)}, more than the bound allows, and write it when it starts.`,
        ]
      : []),
  ];
}
