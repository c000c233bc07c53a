import * as z from 'zod';
import { stored } from './stored.ts';

/**
 * How one of the layers that a raise must survive stands after the change (field term: persistence layer). The last two are
 * named only where such a service runs on the node.
 */
export const PersistenceLayer = stored({
  layer: z.enum([
    'running-kernel',
    'sysctl.d',
    'module-load-order',
    'hashsize',
    'kube-proxy',
    'node-replacement',
    'tuned',
    'bpftune',
  ]),
  /** `unknown` where what decides was not read; records of before say `not-covered` there. */
  state: z.enum(['covered', 'not-covered', 'unknown', 'not-applicable']),
  /** One short clause on how it is covered, or what undoes it: `/etc/sysctl.conf:12 sets 131072`. */
  how: z.string(),
});
export type PersistenceLayer = z.infer<typeof PersistenceLayer>;

/** What every plan for one node carries. */
const COMMON = {
  instanceId: z.string(),
  /** The steps that led to the numbers in order, one short line each, ready to be shown. */
  arithmetic: z.array(z.string()),
  layers: z.array(PersistenceLayer),
  /** Say-so lines such as `clamped by memory: below the estimated demand`. */
  warnings: z.array(z.string()),
};

const Move = { from: z.number().int(), to: z.number().int() };

/** What must change in the cluster's kube-proxy configuration; what is absent stays as it is. */
export const KubeProxyPlan = stored({
  maxPerCore: z.number().int().optional(),
  min: z.number().int(),
  /** Whether it is configured as the EKS add-on configures it. */
  isEks: z.boolean(),
});
export type KubeProxyPlan = z.infer<typeof KubeProxyPlan>;

/** What a forecast rests on: connections that want an entry each second, and the mean seconds that an entry exists. */
const Arriving = { perSecond: z.number(), lifetimeSeconds: z.number() };

/** Where a table ends up under a limit, with what that rests on. */
export const Forecast = z.discriminatedUnion('kind', [
  /** As many entries end as come once it holds so many, which the limit has room for. */
  stored({ kind: z.literal('settles'), entries: z.number().int(), ...Arriving }),
  /** The same, above the limit: it is reached on the way. */
  stored({
    kind: z.literal('fills'),
    entries: z.number().int(),
    fullInSeconds: z.number().int(),
    ...Arriving,
  }),
  /** Entries come and next to none ends. */
  stored({
    kind: z.literal('unbounded'),
    fullInSeconds: z.number().int(),
    perSecond: Arriving.perSecond,
  }),
]);
export type Forecast = z.infer<typeof Forecast>;

/** The raise of nf_conntrack_max on one node, buckets with it. */
export const RaisePlan = stored({
  kind: z.literal('raise-max'),
  ...COMMON,
  max: stored(Move),
  buckets: stored(Move),
  /** Bytes if the table filled to `max.to`, bucket array included. */
  memoryBytes: z.number().int(),
  /** MemTotal of the node in bytes. */
  memoryTotalBytes: z.number().int(),
  /** Average chain length if the table filled: 2 × max ÷ buckets. */
  chainWhenFull: z.number(),
  /** Where the table ends up under `max.to`; absent where nothing is known of what arrives. */
  forecast: Forecast.optional(),
  /** Only in records from before there was a forecast, and not shown: seconds until `max.to` if nothing ever ended. */
  secondsToFull: z.number().int().optional(),
  /** Absent where kube-proxy does not run or does not undo the raise. */
  kubeProxy: KubeProxyPlan.optional(),
  /** Whether the node runs Bottlerocket, whose settings are no files. */
  isBottlerocket: z.boolean().optional(),
});
export type RaisePlan = z.infer<typeof RaisePlan>;

/** The settings that may be changed besides nf_conntrack_max, by their full sysctl names. */
export const SettingKey = z.enum([
  'net.netfilter.nf_conntrack_buckets',
  'net.netfilter.nf_conntrack_tcp_timeout_established',
  'net.netfilter.nf_conntrack_tcp_timeout_close_wait',
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait',
  'net.ipv4.neigh.default.gc_thresh1',
  'net.ipv4.neigh.default.gc_thresh2',
  'net.ipv4.neigh.default.gc_thresh3',
  'net.ipv6.neigh.default.gc_thresh1',
  'net.ipv6.neigh.default.gc_thresh2',
  'net.ipv6.neigh.default.gc_thresh3',
]);
export type SettingKey = z.infer<typeof SettingKey>;

/** One setting's way from its running value to another: entries, seconds or buckets, as the setting counts. */
export const SettingChange = stored({ key: SettingKey, ...Move });
export type SettingChange = z.infer<typeof SettingChange>;

/** At most so many settings travel in one command. */
const MAX_CHANGES = 6;

const ofSettings = <K extends string>(kind: K) =>
  stored({
    kind: z.literal(kind),
    ...COMMON,
    /** In the order in which they are written. */
    changes: z.array(SettingChange).min(1).max(MAX_CHANGES),
  });

/** The deletion of the UDP entries of one service that go to one backend. It can not be taken back. */
const DeletionPlan = stored({
  kind: z.literal('delete-udp-entries'),
  ...COMMON,
  /** Address and port as the client addresses them. */
  destination: z.string(),
  port: z.number().int().min(1).max(65_535),
  /** Address of the backend that is gone: the reply's source. */
  target: z.string(),
});

/** The change planned for one node, with what led to it kept for display. */
export const NodePlan = z.discriminatedUnion('kind', [
  RaisePlan,
  ofSettings('raise-buckets'),
  ofSettings('shorten-timeouts'),
  ofSettings('raise-neighbour-thresholds'),
  DeletionPlan,
]);
export type NodePlan = z.infer<typeof NodePlan>;

/** What a plan does to a node. */
export type RemediationKind = NodePlan['kind'];

/** The plan of one kind. */
export type PlanOf<K extends RemediationKind> = Extract<NodePlan, { readonly kind: K }>;

/** Every kind, in no order that means anything. */
export const REMEDIATION_KINDS: readonly RemediationKind[] = NodePlan.options.map(
  ({ shape }) => shape.kind.value,
);

/** What a click approves: exactly these nodes with exactly these numbers. */
export const Plan = stored({
  schema: z.literal('medic.plan/1'),
  /** First 32 hex digits of SHA-256 over the canonical form of incident, collection and nodes. */
  digest: z.string().regex(/^[0-9a-f]{32}$/),
  /** Number of the collection whose evidence the plan rests on. */
  collection: z.number().int().min(1),
  /** Canary first: the worst node leads. All are of one kind. */
  nodes: z.array(NodePlan).min(1),
});
export type Plan = z.infer<typeof Plan>;
