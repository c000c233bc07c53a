import * as z from 'zod';
import { stored } from './stored.ts';

/** Every failure mode's id: the folder name under `runbooks/`, the verdict, the metric dimension and the test title. */
export const FailureModeId = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
export type FailureModeId = z.infer<typeof FailureModeId>;

export const Confidence = z.enum(['high', 'medium', 'low']);
export type Confidence = z.infer<typeof Confidence>;

/** `drops`: packets are being lost now. `pressure`: nothing is lost yet. */
export const Impact = z.enum(['drops', 'pressure']);
export type Impact = z.infer<typeof Impact>;

/** One observed fact with its number, its unit, the line it was held against and the tool or file it was read from. */
export const Evidence = stored({
  fact: z.string(),
  value: z.string(),
  unit: z.string(),
  threshold: z.string(),
  source: z.string(),
});
export type Evidence = z.infer<typeof Evidence>;

/** What one failure mode's signature found on this node. */
export const Finding = stored({
  mode: FailureModeId,
  state: z.enum(['present', 'absent', 'unknown']),
  because: z.array(Evidence),
  /** Names of the sources that were needed and not readable; empty unless `state` is `unknown`. */
  missing: z.array(z.string()).optional(),
});
export type Finding = z.infer<typeof Finding>;

/** One change that is offered, of any kind, with the running value it starts from. */
export const OfferedRemediation = stored({
  kind: z.string(),
  changes: z.array(stored({ key: z.string(), from: z.number().int(), to: z.number().int() })),
  /** The UDP entries that would be deleted: towards this service, going to this backend. */
  entries: stored({ destination: z.string(), port: z.number().int(), target: z.string() }).optional(),
  why: z.string(),
});
export type OfferedRemediation = z.infer<typeof OfferedRemediation>;

const Change = stored({ from: z.number().int(), to: z.number().int() });

/** Whether a raise is offered on this node and why; `raise: false` always carries its reason. */
export const Offer = stored({
  raise: z.boolean(),
  why: z.string(),
  nf_conntrack_max: Change.optional(),
  nf_conntrack_buckets: Change.optional(),
  /** Memory in bytes if the table filled to the new limit, the bucket array included. */
  memoryBytes: z.number().int().optional(),
  remediations: z.array(OfferedRemediation),
});
export type Offer = z.infer<typeof Offer>;

/** The verdict on one node over one window: the stable public contract of `medic diagnose --json`. */
export const Diagnosis = stored({
  schema: z.literal('medic.diagnosis/1'),
  node: z.string().optional(),
  verdict: FailureModeId,
  /** What the verdict does to packets; absent in records from before it was kept. */
  impact: Impact.optional(),
  confidence: Confidence,
  contributing: z.array(FailureModeId),
  offer: Offer,
  findings: z.array(Finding),
  /** Sentences on what could not be seen: `ethtool -S: not installed → ENA limits unknown`. */
  gaps: z.array(z.string()),
  /** One sentence for the on-call engineer. */
  headline: z.string(),
  /** What was recognised in pasted text, a source each with its telling numbers; absent for captures. */
  seen: z.array(z.string()).optional(),
});
export type Diagnosis = z.infer<typeof Diagnosis>;
