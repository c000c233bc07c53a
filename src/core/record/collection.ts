import * as z from 'zod';
import { Diagnosis } from './diagnosis.ts';
import { NodePlan, SettingKey } from './plan.ts';
import { PodSocketsFigures } from './pod-sockets.ts';
import { stored } from './stored.ts';

/** Settings that only a person changes, by hand and with a runbook, by their full sysctl names. */
export const HandSettingKey = z.enum([
  'net.core.netdev_max_backlog',
  'net.netfilter.nf_conntrack_expect_max',
  'net.netfilter.nf_conntrack_tcp_be_liberal',
  'net.netfilter.nf_conntrack_tcp_timeout_syn_recv',
  'net.netfilter.nf_conntrack_tcp_timeout_syn_sent',
  'net.netfilter.nf_conntrack_udp_timeout',
]);
export type HandSettingKey = z.infer<typeof HandSettingKey>;

/**
 * Name of a network interface as it may stand in a command: the kernel allows nearly every character (net/core/dev.c,
 * dev_valid_name), the shell does not. It never begins with a dash, so it is never an option.
 */
export const InterfaceName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/);

/** Address of an entry of the table, of IPv4 or IPv6. */
export const EntryAddress = z.string().regex(/^[0-9A-Fa-f:.]{2,45}$/);

/** EC2's limits of an instance, by the ENA driver's counters without `_allowance_exceeded`. */
export const ALLOWANCES = ['bw_in', 'bw_out', 'pps', 'conntrack', 'linklocal'] as const;

/** How busy the node's network was in the window; what was not read is absent. */
export const Traffic = stored({
  /** IPv4 that passed the node's network namespace, in bits a second: no interface of it carried more. */
  receivedBits: z.number().min(0).optional(),
  sentBits: z.number().min(0).optional(),
  /** Packets a second, as the wire had them. */
  receivedPackets: z.number().min(0).optional(),
  /** Packets that EC2 queued or dropped at its limits. */
  allowances: z.partialRecord(z.enum(ALLOWANCES), z.number().min(0)).optional(),
  /** Packets that receive rings and the backlogs of CPUs refused. */
  queueDrops: z.number().min(0).optional(),
});
export type Traffic = z.infer<typeof Traffic>;

/** The numbers that the card shows and verification compares; absent means unknown. */
export const Figures = stored({
  /** Entries of the node's table in the last sample. */
  count: z.number().optional(),
  /** The same in the fuller of both samples, of which the verdict speaks; absent where that is the last. */
  highest: z.number().optional(),
  max: z.number().optional(),
  buckets: z.number().optional(),
  windowSeconds: z.number().optional(),
  /** Packets dropped because the table was full, during the window (field guide §1.5, F). */
  fullDrops: z.number().optional(),
  earlyDrops: z.number().optional(),
  kernel: z.string().optional(),
  bootId: z.string().optional(),
  /** Running values of the settings that may be changed, by their full sysctl names. */
  settings: z.partialRecord(SettingKey, z.number()).optional(),
  /** Running values of the settings that a runbook changes by hand, by their full sysctl names. */
  handSettings: z.partialRecord(HandSettingKey, z.number().int().min(0)).optional(),
  /** The machine's own network interfaces, those of pods not among them. */
  interfaces: z.array(InterfaceName).max(8).optional(),
  /** Inode number of another network namespace whose table the kernel called full. */
  fullNetns: z
    .string()
    .regex(/^\d{1,12}$/)
    .optional(),
  /** Destination port of the busiest connections whose source is translated; their address is no one's business here. */
  translatedPort: stored({
    protocol: z.enum(['tcp', 'udp']),
    port: z.number().int().min(1).max(65_535),
  }).optional(),
  /** Seconds since kube-proxy was started, at the collection; absent when it does not run or was not found. */
  kubeProxyAgeSeconds: z.number().optional(),
  /** Its version as the tag of its image has it; absent when it does not run or was not found. */
  kubeProxyVersion: z.string().optional(),
  /** Lines of others' configuration files that set nf_conntrack_max, with the value that they set. */
  limitLines: z
    .array(stored({ file: z.string(), line: z.number().int(), value: z.number().int() }))
    .optional(),
  /** Packets refused for a chain that was too long, during the window. */
  chainTooLong: z.number().optional(),
  /** Entries of the neighbour table of IPv4, and allocations that it refused during the window. */
  neighbours: z.number().optional(),
  neighbourFulls: z.number().optional(),
  traffic: Traffic.optional(),
  /** TCP sockets of the node's own network namespace; orphaned ones are those of all. */
  sockets: stored({
    inUse: z.number().int().min(0),
    timeWait: z.number().int().min(0),
    orphans: z.number().int().min(0),
    established: z.number().int().min(0).optional(),
  }).optional(),
  /** TCP sockets inside pods; absent in records from before they were read. */
  podSockets: PodSocketsFigures.optional(),
  /** Busiest destination ports of the table by share of its entries, each with the error of the share. */
  ports: z
    .array(
      stored({
        protocol: z.string().max(20),
        port: z.number().int().min(0).max(65_535),
        share: z.number(),
        error: z.number(),
        isLeast: z.boolean(),
      }),
    )
    .max(3)
    .optional(),
  /** What the table's entries are, the largest shares first, each with its error; absent in records from before it was kept. */
  states: z
    .array(
      stored({
        protocol: z.string().max(20),
        /** State of a TCP, SCTP or DCCP entry as the kernel names it; other protocols have none. */
        state: z.string().max(20).optional(),
        isUnreplied: z.boolean(),
        share: z.number(),
        error: z.number(),
      }),
    )
    .max(8)
    .optional(),
  /** Busiest destinations as clients address them, by share of the entries; never the address of a client. */
  destinations: z
    .array(
      stored({
        protocol: z.string().max(20),
        address: EntryAddress,
        port: z.number().int().min(0).max(65_535).optional(),
        share: z.number(),
        error: z.number(),
      }),
    )
    .max(5)
    .optional(),
});
export type Figures = z.infer<typeof Figures>;

/** What a node that could be read gave. */
export const Diagnosed = stored({
  kind: z.literal('diagnosed'),
  diagnosis: Diagnosis,
  /** The node's own plan when a change is offered. */
  plan: NodePlan.optional(),
  figures: Figures,
  /** True when nodes/collect.sh found an unfinished raise or rollback. */
  halfApplied: z.boolean(),
  /** That could not be read: then `halfApplied` says nothing. Absent in old records, of which nobody knows. */
  halfAppliedUnread: z.literal(true).optional(),
});
export type Diagnosed = z.infer<typeof Diagnosed>;

/** What one collection on one node gave: a diagnosis, or one sentence on why there is none. */
export const NodeCollection = stored({
  instanceId: z.string(),
  collection: z.number().int().min(1),
  collectedAt: z.iso.datetime({ precision: 3 }),
  /** Address of the raw text in the evidence store. */
  evidence: z.string().optional(),
  /** Hex SHA-256 of that text in UTF-8, so that an audit can prove that the stored text is the one that was judged. */
  evidenceHash: z.string().optional(),
  /** SSM command that collected it, with the hex SHA-256 of the document that ran; absent when none was sent. */
  command: stored({ id: z.string(), documentHash: z.string() }).optional(),
  /** Incident whose collection this reading is of, where another one had asked the node less than a minute before. */
  askedBy: z.string().optional(),
  outcome: z.discriminatedUnion('kind', [Diagnosed, stored({ kind: z.literal('failed'), why: z.string() })]),
});
export type NodeCollection = z.infer<typeof NodeCollection>;
