import { shortName } from '../pod-name.ts';
import type { Trace } from './output.ts';

/** How the places of one pod are called. */
export interface PodNames {
  readonly veth: string;
  readonly pod: string;
  /** `namespace/name`, shortened where it is long; `undefined` where it is not known. */
  readonly called: string | undefined;
}

/** How places are called: by the trace's points, or by the files that were given. */
export interface Names {
  readonly uplink: string;
  readonly veth: string;
  readonly pod: string;
  /** The same for each pod, by its number, where several are looked at. */
  readonly byPod?: ReadonlyMap<number, PodNames>;
}

/** The names of a trace's own points. */
export function namesOf({ points, pods }: Pick<Trace, 'points' | 'pods'>): Names {
  const of = (place: string, number?: number) => [
    ...new Set(
      points
        .filter(({ place: where, pod }) => where === place && (number === undefined || pod === number))
        .map(({ interfaceName }) => interfaceName),
    ),
  ];
  const uplinks = of('uplink');
  const uplink = uplinks.length === 0 ? 'the uplink' : uplinks.join(' or ');
  const numbers = [...new Set(points.flatMap(({ pod }) => (pod === 0 ? [] : [pod])))];
  const byPod = new Map(
    numbers.map((number) => {
      const name = pods.find((pod) => pod.number === number)?.name;
      return [number, namesOfPod(of('veth', number), name)] as const;
    }),
  );
  const [first] = byPod.values();
  const { veth, pod } = byPod.size === 1 && first !== undefined ? first : namesOfPod([], undefined);
  return { uplink, veth, pod, ...(byPod.size > 1 ? { byPod } : {}) };
}

function namesOfPod(interfaces: readonly string[], name: string | undefined): PodNames {
  const called = name === undefined ? undefined : shortName(name);
  const host = interfaces.length === 1 ? ` (${interfaces[0]})` : '';
  return called === undefined
    ? { veth: `the pod's interface on the node${host}`, pod: 'the interface inside the pod', called }
    : {
        veth: `the interface of ${called} on the node${host}`,
        pod: `the interface inside ${called}`,
        called,
      };
}
