import * as z from 'zod';
import { FailureModeId } from '../diagnosis.ts';
import { stored } from '../stored.ts';

const Place = z.enum(['uplink', 'veth', 'pod']);
const Count = z.number().int().min(0);

/** Rows of the flow table that a head has room for; the whole table is in the evidence store. */
export const FLOW_ROWS_MOST = 12;

/**
 * One connection that had trouble. Addresses are pseudonyms which keep the prefixes that two of them share, under a key of the
 * incident that stands in no store; a pod that is looked at goes by its number.
 */
const FlowRow = stored({
  /** Seconds from the first SYN of the table to the first of this connection. */
  begin: z.number().min(0),
  from: z.string().max(45),
  to: z.string().max(45),
  /** Destination port where it was seen first. */
  port: z.number().int().min(0).max(65_535),
  /** Number of the pod that saw it. */
  pod: z.number().int().min(1).max(9).optional(),
  /** SYNs that were sent. */
  attempts: z.number().int().min(1),
  /** Seconds from the first to the second. */
  gap: z.number().min(0).optional(),
  /** Seconds from the first SYN to its answer; absent where none came. */
  answeredAfter: z.number().min(0).optional(),
  packet: z.enum(['SYN', 'answer']).optional(),
  /** The last place that saw the packet that went missing, and the next on its way. */
  last: Place.optional(),
  missing: Place.optional(),
});

/** A file of the evidence store. */
const Kept = stored({ address: z.string(), hash: z.string().regex(/^[0-9a-f]{64}$/) });

/** What one node showed where new connections are lost. */
export const NodeTraced = stored({
  kind: z.literal('traced'),
  /** How it looked: by packets with the first two, by what the kernel freed, or by counters alone. */
  rung: z.enum(['tcpdump', 'python', 'kfree_skb', 'counters']),
  seconds: Count,
  /** One connection in so many was looked at. */
  thin: z.number().int().min(1),
  /** Connections; absent where no packet could be looked at. */
  counts: stored({ connections: Count, delayed: Count, troubled: Count, refused: Count }).optional(),
  /** Where packets went missing, most connections first. */
  lost: z
    .array(
      stored({
        edge: z.enum(['outside', 'node', 'link', 'inside']),
        packet: z.enum(['SYN', 'answer']),
        last: Place,
        missing: Place.optional(),
        count: Count,
      }),
    )
    .max(8),
  /** Packets that were dropped in these seconds because the table was full; absent where that was not read. */
  tableDrops: Count.optional(),
  /** The answer in words, with names of interfaces and without an address. */
  sentences: z.array(z.string().max(800)).max(12),
  /** What follows for verdicts. */
  consequences: z
    .array(stored({ mode: FailureModeId, speaks: z.enum(['for', 'against']), why: z.string() }))
    .max(4),
  /**
   * What that does to the verdict which the node had then: it speaks against it, or, as `elsewhere`, shows that what is lost is lost
   * where no change of ours reaches; absent where it does neither.
   */
  bearing: stored({
    kind: z.enum(['contradicts', 'elsewhere']),
    verdict: FailureModeId,
    /** A clause, of counts alone. */
    why: z.string(),
  }).optional(),
  /** How many first SYNs got to each place, and how many were answered there; absent where no packet could be looked at. */
  path: stored({ uplink: Count, veth: Count, pod: Count, answered: Count }).optional(),
  /** How long connections took, to the second, the shortest first. */
  connectTimes: z.array(stored({ label: z.string().max(20), count: Count })).max(24),
  /** Pods whose names the node told, `namespace/name`. */
  pods: z
    .array(stored({ number: z.number().int().min(1).max(9), name: z.string().max(317) }))
    .max(5)
    .optional(),
  /** The first connections that had trouble; absent of a trace that another one has followed. */
  flows: z.array(FlowRow).max(FLOW_ROWS_MOST).optional(),
  /** The whole table of them, which holds no address. */
  flowTable: Kept.optional(),
  /** Headers of the packets as a file for Wireshark: as they were captured, or built again from what the output says of them. */
  packets: stored({ ...Kept.shape, are: z.enum(['captured', 'rebuilt']) }).optional(),
});
export type NodeTraced = z.infer<typeof NodeTraced>;

/** What came of a trace on one node: what it showed, or one sentence on why nothing is known. */
export const NodeTrace = stored({
  instanceId: z.string(),
  /** SSM command that traced it, with the hex SHA-256 of the document that ran; absent when none was sent. */
  command: stored({ id: z.string(), documentHash: z.string() }).optional(),
  /** What it printed, word for word, with addresses; absent where it could not be kept. */
  output: Kept.optional(),
  outcome: z.discriminatedUnion('kind', [NodeTraced, stored({ kind: z.literal('failed'), why: z.string() })]),
});
export type NodeTrace = z.infer<typeof NodeTrace>;
