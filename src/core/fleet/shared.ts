import { nodeCount, show } from '../words.ts';

/**
 * What nodes are told apart by. `kernel` is its version without what the distribution adds: `6.1`; a node's age is the day and the
 * hour in UTC at which it was launched: `2026-11-23` and `2026-11-23T14`.
 */
export const TRAITS = [
  'cluster',
  'node group',
  'instance type',
  'zone',
  'kernel',
  'kernel release',
  'launch day',
  'launch hour',
  'limit',
] as const;
export type Trait = (typeof TRAITS)[number];

/** What is known of one node; a trait that was not read is absent, and never counted as another value. */
export interface NodeTraits {
  readonly instanceId: string;
  readonly traits: Readonly<Partial<Record<Trait, string>>>;
}

/** A value that the sick have in common, with the exact counts on both sides. */
export interface SharedTrait {
  readonly trait: Trait;
  readonly value: string;
  /** Sick nodes with it, of all the sick. */
  readonly sick: number;
  /** Healthy nodes with it, of those of which this trait is known. */
  readonly healthy: number;
  readonly healthyKnown: number;
}

/** What the sick nodes of a fleet share and the healthy do not all. */
export interface SickShare {
  readonly sick: number;
  readonly healthy: number;
  /** Each shared by all the sick, the one with the fewest healthy nodes first. */
  readonly shared: readonly SharedTrait[];
  /** Healthy nodes that have every one of them, of those of which all are known; absent where nothing is shared. */
  readonly healthyWithAll?: { readonly count: number; readonly known: number };
}

/** Nodes that have to be sick before what they have in common is told: one shares everything with itself. */
const LEAST_SICK = 2;

/**
 * Counts what all the sick nodes have and not all the healthy ones do. It counts and concludes nothing: two nodes may share a zone by
 * chance, which is why the healthy ones with the same value are counted beside them. A trait that is not known of one sick node is
 * not shared by all. Where all share a kernel's release, its version says no more and is left out; so it is with hour and day.
 */
export function whatTheSickShare(sick: readonly NodeTraits[], healthy: readonly NodeTraits[]): SickShare {
  const counts = { sick: sick.length, healthy: healthy.length };
  if (sick.length < LEAST_SICK) return { ...counts, shared: [] };
  const found = TRAITS.flatMap((trait) => sharedOf(trait, sick, healthy));
  const has = (finer: Trait | undefined) => found.some(({ trait }) => trait === finer);
  const shared = found
    .filter(({ trait }) => !has(FINER[trait]))
    .sort((a, b) => a.healthy / Math.max(1, a.healthyKnown) - b.healthy / Math.max(1, b.healthyKnown));
  if (shared.length === 0) return { ...counts, shared };
  const known = healthy.filter(({ traits }) => shared.every(({ trait }) => traits[trait] !== undefined));
  const withAll = known.filter(({ traits }) => shared.every(({ trait, value }) => traits[trait] === value));
  return { ...counts, shared, healthyWithAll: { count: withAll.length, known: known.length } };
}

/** What says the same as a trait and more. */
const FINER: Readonly<Partial<Record<Trait, Trait>>> = {
  kernel: 'kernel release',
  'launch day': 'launch hour',
};

function sharedOf(
  trait: Trait,
  sick: readonly NodeTraits[],
  healthy: readonly NodeTraits[],
): readonly SharedTrait[] {
  const value = sick[0]?.traits[trait];
  if (value === undefined || sick.some(({ traits }) => traits[trait] !== value)) return [];
  const known = healthy.filter(({ traits }) => traits[trait] !== undefined);
  const same = known.filter(({ traits }) => traits[trait] === value).length;
  // What every healthy node has too says nothing; where there is none, everything would.
  if (same === known.length) return [];
  return [{ trait, value, sick: sick.length, healthy: same, healthyKnown: known.length }];
}

/** What a node is told apart by, as far as it is known. */
interface KnownOfNode {
  readonly instanceId: string;
  readonly cluster?: string | undefined;
  readonly group?: string | undefined;
  readonly instanceType?: string | undefined;
  readonly zone?: string | undefined;
  /** nf_conntrack_max. */
  readonly limit?: number | undefined;
  /** Its release, such as `6.1.141-155.222.amzn2023.x86_64`. */
  readonly kernel?: string | undefined;
  /** ISO 8601 in UTC. */
  readonly launchedAt?: string | undefined;
}

/** The traits of a node; its kernel and its age are two each. */
export function traitsOf({ instanceId, kernel, limit, launchedAt, ...tags }: KnownOfNode): NodeTraits {
  const all: Readonly<Partial<Record<Trait, string | undefined>>> = {
    cluster: tags.cluster,
    'node group': tags.group,
    'instance type': tags.instanceType,
    zone: tags.zone,
    kernel: /^\d+\.\d+/.exec(kernel ?? '')?.[0],
    'kernel release': kernel,
    'launch day': launchedAt?.slice(0, '2026-11-23'.length),
    'launch hour': launchedAt?.slice(0, '2026-11-23T14'.length),
    limit: limit?.toString(),
  };
  return {
    instanceId,
    traits: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  };
}

const PHRASES: Readonly<Record<Trait, (value: string) => string>> = {
  cluster: (value) => `in cluster ${value}`,
  'node group': (value) => `in node group ${value}`,
  'instance type': (value) => value,
  zone: (value) => `in ${value}`,
  kernel: (value) => `with kernel ${value}`,
  'kernel release': (value) => `with kernel ${value}`,
  'launch day': (value) => `launched on ${value}`,
  'launch hour': (value) => `launched on ${value.replace('T', ' between ')}:00Z and ${value.slice(-2)}:59Z`,
  limit: (value) => `with nf_conntrack_max ${show(Number(value))}`,
};

/**
 * The same as one sentence: `3 of 41 nodes full, all in eu-central-1a (9 of 38 others too), all m5.large (12 of 38 others too);
 * 1 of 38 others is all of that`.
 *
 * @param what the sick nodes have: `full`, `filling up`
 */
export function shareSentence({ sick, healthy, shared, healthyWithAll }: SickShare, what: string): string {
  const head = `${show(sick)} of ${nodeCount(sick + healthy)} ${what}`;
  if (shared.length === 0 || healthyWithAll === undefined)
    return sick < LEAST_SICK ? head : `${head}; nothing that was read is common to them alone`;
  const parts = shared.map((one) => {
    const others = `${show(one.healthy)} of ${show(one.healthyKnown)} others too`;
    return `all ${PHRASES[one.trait](one.value)} (${one.healthy === 0 ? `none of ${show(one.healthyKnown)} others` : others})`;
  });
  const { count, known } = healthyWithAll;
  if (shared.length === 1) return `${head}, ${parts.join(', ')}`;
  const all =
    count === 0
      ? `none of ${show(known)} others is`
      : `${show(count)} of ${show(known)} others ${count === 1 ? 'is' : 'are'}`;
  return `${head}, ${parts.join(', ')}; ${all} all of that`;
}
