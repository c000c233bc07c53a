import type { Instance } from './node-lookups.ts';

/** An instance that stands behind the alarm, with what speaks for asking it first. */
export interface Candidate {
  readonly instanceId: string;
  /** Named by itself, not as one of a group. */
  readonly isNamed: boolean;
  readonly targets: number;
  readonly unhealthyTargets: number;
  /** As far as it has been looked up. */
  readonly instance?: Instance;
}

/** Gathers what several selectors say of the same instance. */
export class Candidates {
  private readonly byId = new Map<string, Candidate>();

  /** Adds one instance; what is said twice adds up. */
  add(instanceId: string, { instance, ...said }: Partial<Omit<Candidate, 'instanceId'>> = {}): void {
    const known = this.byId.get(instanceId);
    const merged = instance ?? known?.instance;
    this.byId.set(instanceId, {
      instanceId,
      isNamed: said.isNamed === true || known?.isNamed === true,
      targets: (known?.targets ?? 0) + (said.targets ?? 0),
      unhealthyTargets: (known?.unhealthyTargets ?? 0) + (said.unhealthyTargets ?? 0),
      ...(merged === undefined ? {} : { instance: merged }),
    });
  }

  /** All of them, in the order in which they first came. */
  all(): readonly Candidate[] {
    return [...this.byId.values()];
  }
}

/**
 * Worst first, and spread over the zones: nodes with unhealthy targets, then nodes that were named by themselves, then the
 * others. Within each of these the zones take turns, so that a bound never leaves a zone out that could be asked.
 */
export function rankCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  const tiers = [
    candidates.filter(({ unhealthyTargets }) => unhealthyTargets > 0),
    candidates.filter(({ unhealthyTargets, isNamed }) => unhealthyTargets === 0 && isNamed),
    candidates.filter(({ unhealthyTargets, isNamed }) => unhealthyTargets === 0 && !isNamed),
  ];
  return tiers.flatMap((tier) => {
    const worstFirst = tier.toSorted(
      (a, b) => b.unhealthyTargets - a.unhealthyTargets || b.targets - a.targets,
    );
    return inTurns([...byZone(worstFirst).values()]);
  });
}

/** Candidates by availability zone; those whose zone is not known are under the empty name. */
export function byZone(candidates: readonly Candidate[]): ReadonlyMap<string, readonly Candidate[]> {
  const zones = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const zone = candidate.instance?.zone ?? '';
    const before = zones.get(zone);
    if (before === undefined) zones.set(zone, [candidate]);
    else before.push(candidate);
  }
  return zones;
}

/** One of each lane after the other; lanes and their members keep their order. */
function inTurns<T>(lanes: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lanes.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) =>
    lanes.flatMap((lane) => lane.slice(index, index + 1)),
  ).flat();
}
