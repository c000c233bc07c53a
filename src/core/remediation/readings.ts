import type { Catalogue } from '../diagnosis/signature.ts';
import type { Diagnosed, NodeCollection } from '../record/collection.ts';
import type { Incident } from '../record/incident.ts';
import { isChange } from './steps.ts';

/** What was read of one node, in the order in which the incident speaks of it. */
export interface NodeReadings {
  /** What its verdict rests on: the last reading before a change was ordered on it, or before it was dismissed; otherwise the newest. */
  readonly basis: NodeCollection;
  /** What was read of it before that, oldest first. */
  readonly before: readonly NodeCollection[];
  /** What was read of it after that, oldest first. */
  readonly since: readonly NodeCollection[];
}

/**
 * The readings of every node that was asked, by its id. What is read after a change shows what became of the change, and
 * says nothing of what it was made against: a healed node's newest verdict is that it is healthy. Nor does what is read
 * after a dismissal say what was dismissed.
 */
export function readingsOf({ head, collections, earlier }: Incident): ReadonlyMap<string, NodeReadings> {
  const claims = new Map(
    head.remediations.filter(isChange).map(({ instanceId, claimedAt }) => [instanceId, claimedAt]),
  );
  const dismissedOn = head.quiet?.collection;
  const before = new Map<string, NodeCollection[]>();
  for (const one of earlier) before.set(one.instanceId, [...(before.get(one.instanceId) ?? []), one]);
  return new Map(
    collections.flatMap((newest) => {
      const { instanceId } = newest;
      const all = [...(before.get(instanceId) ?? []), newest];
      // Nobody has dismissed what a node shows that was read later only.
      if (dismissedOn !== undefined && (all[0]?.collection ?? 0) > dismissedOn) return [];
      const claimedAt = claims.get(instanceId);
      const isOfVerdict = ({ collectedAt, collection }: NodeCollection) =>
        (claimedAt === undefined || collectedAt <= claimedAt) &&
        (dismissedOn === undefined || collection <= dismissedOn);
      const count = Math.max(1, all.filter(isOfVerdict).length);
      const readings = {
        basis: all[count - 1] ?? newest,
        before: all.slice(0, count - 1),
        since: all.slice(count),
      };
      return [[instanceId, readings]];
    }),
  );
}

/** Whether a node was seen losing packets, to whatever failure mode. */
export function losesPackets({ diagnosis, figures }: Diagnosed, catalogue: Catalogue): boolean {
  const { fullDrops = 0, chainTooLong = 0, neighbourFulls = 0 } = figures;
  const ofVerdict = diagnosis.impact ?? catalogue.find(({ id }) => id === diagnosis.verdict)?.raiseEnds;
  return ofVerdict === 'drops' || fullDrops + chainTooLong + neighbourFulls > 0;
}

/**
 * Whether a node suffers from worse than another one, or than itself before: it loses packets and the other does not, or its
 * failure mode stands before the other's in the catalogue. Numbers that only move make nothing worse.
 */
export function isWorse(one: Diagnosed, other: Diagnosed, catalogue: Catalogue): boolean {
  const place = ({ diagnosis }: Diagnosed) => catalogue.findIndex(({ id }) => id === diagnosis.verdict);
  const [own, theirs] = [losesPackets(one, catalogue), losesPackets(other, catalogue)];
  return own === theirs ? place(one) < place(other) : own;
}

/**
 * Which of two nodes is worse, as a comparator that puts the worse first: packets that are lost beat pressure, then the
 * catalogue's order decides, as it does between the modes of one node, then drops and use of the table. A node that was
 * not read comes last.
 */
export function worseFirst(
  catalogue: Catalogue,
): (a: Diagnosed | undefined, b: Diagnosed | undefined) => number {
  const places = new Map(catalogue.map(({ id }, index) => [id, index]));
  const weights = (one: Diagnosed | undefined): readonly number[] => {
    if (one === undefined) return [2, 0, 0, 0];
    const { count = 0, max = 0, fullDrops = 0 } = one.figures;
    const place = places.get(one.diagnosis.verdict) ?? places.size;
    return [losesPackets(one, catalogue) ? 0 : 1, place, -fullDrops, max > 0 ? -count / max : 0];
  };
  return (a, b) => {
    const theirs = weights(b);
    return weights(a).reduce((order, own, index) => order || own - (theirs[index] ?? 0), 0);
  };
}
