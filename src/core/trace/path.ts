import { show } from '../words.ts';
import { type Fate, isTroubled, PLACES, type Place } from './fate.ts';

/** How many first SYNs of connections into pods were seen at each place, and how many were answered there. */
export interface SynPath {
  readonly seen: Readonly<Record<Place, number>>;
  readonly answered: number;
}

/**
 * Follows the first SYN of each connection that came in by an uplink. Those to a pod that is not looked at, and fine, are left
 * out: where they went does not show.
 */
export function pathOf(fates: readonly Fate[]): SynPath {
  const followed = fates.filter(
    (fate) =>
      fate.way === 'in' &&
      fate.start === 'uplink' &&
      !fate.isLate &&
      (fate.pod !== undefined || isTroubled(fate)),
  );
  const sum = (isCounted: (fate: Fate) => boolean) =>
    followed.filter(isCounted).reduce((total, { count }) => total + count, 0);
  const reached = (place: Place) => sum(({ seen }) => PLACES.indexOf(seen) >= PLACES.indexOf(place));
  return {
    seen: { uplink: reached('uplink'), veth: reached('veth'), pod: reached('pod') },
    answered: sum(({ seen, back }) => seen === 'pod' && back !== undefined),
  };
}

/** The same in words, for who can not see the picture. */
export function pathSentence({ seen, answered }: SynPath): string {
  const steps = [
    `${show(seen.uplink)} first SYNs came to the uplink`,
    `${show(seen.veth)} of them to the pods' interfaces on the node`,
    `${show(seen.pod)} into a pod`,
    `${show(answered)} were answered there`,
  ];
  return `${steps.slice(0, -1).join(', ')}, and ${steps.at(-1)}.`;
}
