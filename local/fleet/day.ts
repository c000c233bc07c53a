/** What a node of the demo's fleet is, and what its load does over the day. */
export interface FleetMember {
  readonly instanceId: string;
  readonly nodeGroup: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly cores: number;
  /** Name of the recorded node that it shows where somebody collects from it. */
  readonly recorded: 'node-2' | 'node-3';
  /** nf_conntrack_max. */
  readonly max: number;
  /** Minutes before the alarm at which connections begin to pile up, and at which the table is full; absent where they do not. */
  readonly leak?: { readonly from: number; readonly fullAt: number };
  /** Whether its agent answers nobody. */
  readonly isAway?: true;
}

/** Packets that a full table of the fleet turns away each second. */
export const DROPPED_EACH_SECOND = 240;

/** Minutes of the day before the alarm that are compressed. */
export const DAY_MINUTES = 12 * 60;

/** When the sweeps of that day look, in minutes before the alarm: every half an hour while it is calm, then every quarter. */
export const SWEEPS: readonly number[] = [
  ...Array.from({ length: 12 }, (_, n) => DAY_MINUTES - n * 30),
  ...Array.from({ length: 25 }, (_, n) => 360 - n * 15),
];

/** Limits as kube-proxy writes them, at 16,384 entries a core. */
const MAX = { sick: 65_536, usual: 131_072 } as const;
const PER_CORE = 16_384;

/** When the sick nodes are full, in minutes before the alarm; negative ones would be later than it. */
const FULL_AT = [10, 6, 3, -40, -75, -110] as const;
/** Since when a release keeps its connections open. */
const RELEASED = 330;

const GROUPS = [
  { nodeGroup: 'checkout', nodes: 14 },
  { nodeGroup: 'search', nodes: 16 },
  { nodeGroup: 'batch', nodes: 10 },
] as const;

/** Forty nodes of three groups; connections pile up on the m5.xlarge ones of `checkout`, all in one zone. */
export const FLEET: readonly FleetMember[] = GROUPS.flatMap(({ nodeGroup, nodes }, group) =>
  Array.from({ length: nodes }, (_, index): FleetMember => {
    const number = GROUPS.slice(0, group).reduce((sum, one) => sum + one.nodes, 0) + index + 1;
    const fullAt = nodeGroup === 'checkout' ? FULL_AT[index] : undefined;
    const max = fullAt === undefined ? MAX.usual : MAX.sick;
    return {
      instanceId: `i-0f1ee7${String(number).padStart(11, '0')}`,
      nodeGroup,
      instanceType: fullAt === undefined ? 'm5.2xlarge' : 'm5.xlarge',
      zone: fullAt === undefined && index % 2 === 1 ? 'eu-central-1b' : 'eu-central-1a',
      cores: max / PER_CORE,
      recorded: fullAt === undefined ? 'node-3' : 'node-2',
      max,
      ...(fullAt === undefined ? {} : { leak: { from: RELEASED, fullAt } }),
      ...(nodeGroup === 'batch' && index === nodes - 1 ? { isAway: true as const } : {}),
    };
  }),
);

/**
 * Entries that the load of a node needs, whatever its limit.
 * @param before minutes before the alarm; below zero after it
 */
export function demandOf(member: FleetMember, before: number): number {
  const { max, leak } = member;
  const seed = Number.parseInt(member.instanceId.slice(-4), 10);
  const wave = Math.sin(((DAY_MINUTES - before) / DAY_MINUTES) * Math.PI);
  const noise = (pseudo(seed, Math.round(before)) - 0.5) * 0.02;
  const usual =
    leak === undefined ? 0.2 + pseudo(seed, 0) * 0.15 + wave * 0.12 : 0.2 + pseudo(seed, 0) * 0.05;
  const grown =
    leak === undefined || before >= leak.from
      ? 0
      : ((1 - usual) * (leak.from - Math.max(before, -30))) / (leak.from - leak.fullAt);
  return Math.round(max * (usual + grown + noise));
}

/** A number from 0 to 1 that is the same for the same two. */
function pseudo(seed: number, at: number): number {
  const x = Math.sin(seed * 127.1 + at * 311.7) * 43_758.5453;
  return x - Math.floor(x);
}
