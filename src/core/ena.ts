import type { Evidence } from './diagnosis.ts';
import { evidence, perWindow, type SignatureResult } from './signature.ts';
import type { Snapshot } from './snapshot.ts';

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
      ? { state: 'no-match', evidence: [evidence('network driver', 'not ENA', '', 'ena', ena.source)] }
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
