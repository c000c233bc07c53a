import { readFileSync, writeFileSync } from 'node:fs';

/**
 * The kernel values that the lab changes, as files under /proc/sys. The first two are one number for the whole machine,
 * the third belongs to the initial network namespace. Forwarding is switched on per interface of the lab, so
 * `ip_forward` and `rp_filter` stay as they are.
 */
export const CHANGED_VALUES = {
  max: '/proc/sys/net/netfilter/nf_conntrack_max',
  buckets: '/proc/sys/net/netfilter/nf_conntrack_buckets',
  timeWaitSeconds: '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait',
} as const;

/** Numbers for {@link CHANGED_VALUES}. */
export interface KernelValues {
  readonly max: number;
  readonly buckets: number;
  /** Seconds that a closed TCP connection stays in the table. */
  readonly timeWaitSeconds: number;
}

/** Reads one number of the kernel. @throws Error when the file is missing or holds no number */
export function readValue(path: string): number {
  const text = readFileSync(path, 'utf8').trim();
  if (!/^\d+$/.test(text)) throw new Error(`${path} holds "${text.slice(0, 40)}", which is no number`);
  return Number(text);
}

/** The running values. */
export function readKernelValues(): KernelValues {
  return {
    max: readValue(CHANGED_VALUES.max),
    buckets: readValue(CHANGED_VALUES.buckets),
    timeWaitSeconds: readValue(CHANGED_VALUES.timeWaitSeconds),
  };
}

/** Sets the values, buckets before max, as a raise does. @throws Error when the kernel keeps another max */
export function writeKernelValues(values: KernelValues): void {
  writeFileSync(CHANGED_VALUES.buckets, String(values.buckets));
  writeFileSync(CHANGED_VALUES.max, String(values.max));
  writeFileSync(CHANGED_VALUES.timeWaitSeconds, String(values.timeWaitSeconds));
  const kept = readKernelValues();
  if (kept.max !== values.max || kept.timeWaitSeconds !== values.timeWaitSeconds)
    throw new Error(`the kernel kept max ${kept.max} instead of ${values.max}; check who else writes it`);
}

/** Entries of this network namespace. */
export function readCount(): number {
  return readValue('/proc/sys/net/netfilter/nf_conntrack_count');
}
