import * as z from 'zod';

/**
 * Why a value of a reading is not there. `not-printed`: the probe said nothing of it. `cut`: its output ended before.
 * `missing`, `denied`, `timeout`: what the probe says of a file or command itself. `unreadable`: no value of its kind.
 * `impossible`: a value of its kind that no kernel shows, or two that contradict each other. `not-sampled`: the samples come from
 * series that others keep, and none of them tells it.
 */
export const GapReason = z.enum([
  'not-printed',
  'cut',
  'missing',
  'denied',
  'timeout',
  'unreadable',
  'impossible',
  'not-sampled',
]);
export type GapReason = z.infer<typeof GapReason>;

/** Layers in which what the product set can be gone; the ids are those of a plan's persistence layers. */
export const DriftLayer = z.enum([
  'running-kernel',
  'sysctl.d',
  'module-load-order',
  'hashsize',
  'kube-proxy',
]);
export type DriftLayer = z.infer<typeof DriftLayer>;

/** The highest value of an unsigned int, which count, limit and buckets of the table are (nf_conntrack_core.c). */
const UINT = 4_294_967_295;
/** Sums over CPUs and interfaces; above this a number is no longer exact in JavaScript. */
const EXACT = Number.MAX_SAFE_INTEGER;

const gauge = z.int().min(0).max(UINT);
const total = z.int().min(0).max(EXACT);

/** Each number of a reading: its schema, whether it is a sum since boot, and what it means. */
export const NUMBERS = {
  /** Entries in the table, the higher of a probe's two samples: one below the limit never proves that it was not met between. */
  count: gauge,
  /** nf_conntrack_max; 0 means that there is no limit (nf_conntrack_core.c, __nf_conntrack_alloc). */
  max: gauge,
  /** nf_conntrack_buckets; never 0. */
  buckets: z.int().min(1).max(UINT),
  /** The counter `drop` since boot, summed over CPUs: a full table and unresolved clashes. */
  drops: total,
  /** `insert_failed` since boot, summed over CPUs. */
  insertFailed: total,
  /** `early_drop` since boot, summed over CPUs: entries that were given up for new ones. */
  earlyDrops: total,
  /** `chaintoolong` (`chainlength`) since boot, summed over CPUs; kernels before 5.15 have none. */
  chainTooLong: total,
  /** `conntrack_allowance_exceeded` of the ENA driver since it was loaded, summed over interfaces. */
  enaExceeded: total,
  /** `conntrack_allowance_available`, the lowest of the interfaces; older drivers have none. */
  enaAvailable: total,
  /** Neighbour entries of the larger family, of series that others keep those of IPv4, and that family's gc_thresh3. */
  neighbours: gauge,
  neighbourLimit: gauge,
  /** CPUs that are online: what kube-proxy multiplies `maxPerCore` with. */
  cores: z.int().min(1).max(65_536),
  /** The limit that the files of sysctl.d set at boot, in the order in which they are applied; missing where none does. */
  bootMax: gauge,
  /** kube-proxy's `conntrack.maxPerCore` and `conntrack.min`. */
  kubeProxyPerCore: gauge,
  kubeProxyMin: gauge,
  /** When kube-proxy was started, in clock ticks since boot (proc_pid_stat(5), field 22): another one is a restart. */
  kubeProxyStarted: total,
  /** Seconds since 1970 at which the node was booted, by its own clock (proc(5), `btime`): a step of that clock moves it. */
  bootedAt: total,
} as const;

export type NumberField = keyof typeof NUMBERS;
export const NUMBER_FIELDS = Object.keys(NUMBERS) as readonly NumberField[];
export const isNumberField = (name: string): name is NumberField => name in NUMBERS;

/** What of a reading is text. */
export const TEXTS = {
  /** /proc/sys/kernel/random/boot_id: another one means that the node was rebooted. */
  bootId: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  /** `uname -r`. */
  kernel: z.string().regex(/^\d{1,3}\.\d{1,4}[\w.+~-]{0,56}$/),
  /** Tag of kube-proxy's image, which decides what it does with a limit that is higher than its own. */
  kubeProxyVersion: z.string().regex(/^v\d{1,3}\.[\d.]{1,20}$/),
  /** The incident whose change is the newest on the node's own record of changes; missing where there is none. */
  incident: z.string().regex(/^[a-z0-9-]{8,64}$/),
} as const;

export type TextField = keyof typeof TEXTS;
export const TEXT_FIELDS = Object.keys(TEXTS) as readonly TextField[];

const FIELDS = [...NUMBER_FIELDS, ...TEXT_FIELDS, 'drift'] as const;
export type Field = (typeof FIELDS)[number];

/**
 * What one run of the probe showed of one node. A value that was not seen is absent and stands in `gaps` with its reason:
 * never zero, never what it was before.
 */
export const ProbeReading = z
  .strictObject({
    /** Milliseconds since 1970 when the service had the probe run, by the service's clock: a node's own may be anything. */
    at: z.int().min(0).max(8_640_000_000_000),
    ...(Object.fromEntries(
      Object.entries({ ...NUMBERS, ...TEXTS }).map(([name, schema]) => [name, schema.optional()]),
    ) as { [F in NumberField]: z.ZodOptional<(typeof NUMBERS)[F]> } & {
      [F in TextField]: z.ZodOptional<(typeof TEXTS)[F]>;
    }),
    /** Layers in which what the product set is gone; empty where all of it stands or nothing was ever set. */
    drift: z.array(DriftLayer).max(DriftLayer.options.length).optional(),
    /** Whole seconds by which the node's clock is ahead of the service's (behind: negative), where it told its time. */
    clockAheadSeconds: z.int().optional(),
    gaps: z.partialRecord(z.enum(FIELDS), GapReason),
  })
  .refine(
    (reading) =>
      FIELDS.every((field) => (reading[field] === undefined) !== (reading.gaps[field] === undefined)),
    'says each value or why it is not there',
  )
  .refine(({ count, max }) => count === undefined || max === undefined || isPossible(count, max), {
    error: 'has more entries than any table with this limit',
    path: ['count'],
  });
export type ProbeReading = z.infer<typeof ProbeReading>;

/**
 * A count passes the limit only as far as the CPUs that add an entry at once (nf_conntrack_core.c counts up before it
 * compares), and stays above one that was lowered under it until entries end. A lowered limit is rarely below a sixteenth: our
 * bound for what is taken for a wrong or forged value. Without a limit any count is possible.
 */
const isPossible = (count: number, max: number): boolean => max === 0 || count <= max * 16;

/** Leaves count and limit out of what is to become a reading where no table has both: which of them is wrong cannot be told. */
export function dropImpossible(
  reading: Record<string, unknown>,
  gaps: Partial<Record<Field, GapReason>>,
): void {
  const { count, max } = reading;
  if (typeof count !== 'number' || typeof max !== 'number' || isPossible(count, max)) return;
  for (const field of ['count', 'max'] as const) {
    delete reading[field];
    gaps[field] = 'impossible';
  }
}

/**
 * Seconds by which two times of one boot differ at most, as the node's clock is set right: no machine is booted again within so few
 * seconds of a boot.
 */
const ONE_BOOT = 10;

/**
 * Whether two readings are of different boots of a node: by the boot's id, otherwise by its time. Nothing where what one of them says
 * the other one does not.
 */
export function isOtherBoot(
  before: Pick<ProbeReading, 'bootId' | 'bootedAt'>,
  after: Pick<ProbeReading, 'bootId' | 'bootedAt'>,
): boolean | undefined {
  if (before.bootId !== undefined && after.bootId !== undefined) return before.bootId !== after.bootId;
  if (before.bootedAt !== undefined && after.bootedAt !== undefined)
    return Math.abs(after.bootedAt - before.bootedAt) > ONE_BOOT;
  return undefined;
}

/** Entries as a share of the limit; nothing where one of them is not known or there is no limit. */
export const tableUse = ({
  count,
  max,
}: {
  readonly count?: number | undefined;
  readonly max?: number | undefined;
}): number | undefined => (count === undefined || max === undefined || max === 0 ? undefined : count / max);
