import { linesOf } from '../lines.ts';
/** Columns 1 to 3 of /proc/net/softnet_stat summed over CPUs (net/core/net-procfs.c, softnet_seq_show). */
export interface SoftnetTotals {
  readonly processed: bigint;
  /** Packets dropped because the per-CPU backlog was full. */
  readonly dropped: bigint;
  /** Times that the softirq ran out of budget with work left. */
  readonly timeSqueeze: bigint;
  readonly cpus: number;
}

/**
 * Parses /proc/net/softnet_stat: hexadecimal rows without a header, one per online CPU. A row that the collector
 * summed begins with `sum <cpus>` and is decimal.
 *
 * @returns `undefined` when no row is found
 */
export function parseSoftnet(text: string): SoftnetTotals | undefined {
  const totals = { processed: 0n, dropped: 0n, timeSqueeze: 0n, cpus: 0 };
  for (const line of linesOf(text)) {
    const sum = /^\s*sum (\d{1,5}) (\d{1,20}) (\d{1,20}) (\d{1,20})/.exec(line);
    const row = /^\s*([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{8})(?: [0-9a-f]{8})*\s*$/.exec(line);
    const cells =
      sum === null ? row?.slice(1, 4).map((cell) => BigInt(`0x${cell}`)) : sum.slice(2, 5).map(BigInt);
    const [processed, dropped, timeSqueeze] = cells ?? [];
    if (processed === undefined || dropped === undefined || timeSqueeze === undefined) continue;
    totals.processed += processed;
    totals.dropped += dropped;
    totals.timeSqueeze += timeSqueeze;
    totals.cpus += sum === null ? 1 : Number(sum[1]);
  }
  return totals.cpus === 0 ? undefined : totals;
}
