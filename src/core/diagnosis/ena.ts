import type { Evidence } from '../record/diagnosis.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { evidence, perWindow, type SignatureResult } from './signature.ts';

/**
 * Share of all lost packets from which a cause counts among those of an outage, between the node's own table and EC2's
 * limits, in both directions. Our choice, a tenth: below it the other cause alone explains what users notice.
 */
const SHARE = { numerator: 1n, denominator: 10n } as const;

/** Whether `packets` are at least a tenth of themselves and `others` together. */
export function isShare(packets: bigint, others: bigint): boolean {
  return packets > 0n && packets * SHARE.denominator >= (packets + others) * SHARE.numerator;
}

/**
 * Whether EC2's limits take so small a part of the lost packets that they do not speak against a larger table: all of
 * them together dropped less than a tenth of what EC2 and the full table dropped. Only for a limit that a larger table
 * does not run into sooner, such as a few DNS packets. Packets dropped at the tracked-connection limit always speak
 * against it, since every connection that the larger table lets through meets that limit next. The table's lower bound
 * is taken, so doubt keeps the button away.
 */
export function isNegligible(snapshot: Snapshot): boolean {
  const losses = snapshot.conntrack.losses.known ? snapshot.conntrack.losses.value : undefined;
  if (!snapshot.ena.known || losses === undefined) return false;
  const exceeded = [...snapshot.ena.value]
    .filter(([name]) => name.endsWith('_allowance_exceeded'))
    .reduce((sum, [, packets]) => sum + packets, 0n);
  return losses.full.low > 0n && !isShare(exceeded, losses.full.low);
}

/** What EC2 counted against some of its limits in the window. */
export interface AllowanceUse {
  /** Sum over the named counters and all interfaces. */
  readonly exceeded: bigint;
  readonly perMinute: number;
  readonly evidence: readonly Evidence[];
}

/**
 * Reads counters of packets that EC2 queued or dropped at an instance's limit, by name without `_allowance_exceeded`
 * (amzn-drivers, kernel/linux/ena/ena_ethtool.c; EC2 user guide "Monitor network performance for ENA").
 *
 * @returns a finished result instead when the limits do not apply here or were not read: an absent counter is unknown,
 *   never zero, since older drivers do not print it
 */
export function allowanceUse(
  snapshot: Snapshot,
  ...names: readonly string[]
): AllowanceUse | SignatureResult {
  const { ena } = snapshot;
  if (!ena.known) {
    return ena.kind === 'not-applicable'
      ? { state: 'no-match', evidence: [evidence('ENA driver', 'absent', '', 'present', ena.source)] }
      : { state: 'undetermined', missing: [ena.why], evidence: [] };
  }
  const counted = names.map((name) => `${name}_allowance_exceeded`).filter((name) => ena.value.has(name));
  if (counted.length === 0) {
    return {
      state: 'undetermined',
      missing: [`${names[0]}_allowance_exceeded: not printed by this driver`],
      evidence: [],
    };
  }
  const exceeded = counted.reduce((sum, name) => sum + (ena.value.get(name) ?? 0n), 0n);
  const seconds = snapshot.windowSeconds.known ? snapshot.windowSeconds.value : 60;
  return {
    exceeded,
    perMinute: (Number(exceeded) / seconds) * 60,
    evidence: counted.map((name) =>
      evidence(name, ena.value.get(name) ?? 0n, perWindow('packets', snapshot), 0, ena.source),
    ),
  };
}
