import * as z from 'zod';
import { Diagnosis } from './diagnosis.ts';
import { NodePlan, SettingKey } from './plan.ts';

/** The numbers that the card shows and verification compares; absent means unknown. */
export const Figures = z.strictObject({
  count: z.number().optional(),
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
  /** Seconds since kube-proxy was started, at the collection; absent when it does not run or was not found. */
  kubeProxyAgeSeconds: z.number().optional(),
  /** Its version as the tag of its image has it; absent when it does not run or was not found. */
  kubeProxyVersion: z.string().optional(),
  /** Lines of others' configuration files that set nf_conntrack_max, with the value that they set. */
  limitLines: z
    .array(z.strictObject({ file: z.string(), line: z.number().int(), value: z.number().int() }))
    .optional(),
  /** Packets refused for a chain that was too long, during the window. */
  chainTooLong: z.number().optional(),
  /** Entries of the neighbour table of IPv4, and allocations that it refused during the window. */
  neighbours: z.number().optional(),
  neighbourFulls: z.number().optional(),
  /** Busiest destination ports of the table by share of its entries, each with the error of the share. */
  ports: z
    .array(
      z.strictObject({
        protocol: z.string().max(20),
        port: z.number().int().min(0).max(65_535),
        share: z.number(),
        error: z.number(),
        isLeast: z.boolean(),
      }),
    )
    .max(3)
    .optional(),
});
export type Figures = z.infer<typeof Figures>;

/** What a node that could be read gave. */
export const Diagnosed = z.strictObject({
  kind: z.literal('diagnosed'),
  diagnosis: Diagnosis,
  /** The node's own plan when a change is offered. */
  plan: NodePlan.optional(),
  figures: Figures,
  /** True when nodes/collect.sh found an unfinished raise or rollback. */
  halfApplied: z.boolean(),
});
export type Diagnosed = z.infer<typeof Diagnosed>;

/** What one collection on one node gave: a diagnosis, or one sentence on why there is none. */
export const NodeCollection = z.strictObject({
  instanceId: z.string(),
  collection: z.number().int().min(1),
  collectedAt: z.iso.datetime({ precision: 3 }),
  /** Address of the raw text in the evidence store. */
  evidence: z.string().optional(),
  /** Hex SHA-256 of that text in UTF-8, so that an audit can prove that the stored text is the one that was judged. */
  evidenceHash: z.string().optional(),
  /** SSM command that collected it, with the hex SHA-256 of the document that ran; absent when none was sent. */
  command: z.strictObject({ id: z.string(), documentHash: z.string() }).optional(),
  outcome: z.discriminatedUnion('kind', [
    Diagnosed,
    z.strictObject({ kind: z.literal('failed'), why: z.string() }),
  ]),
});
export type NodeCollection = z.infer<typeof NodeCollection>;
