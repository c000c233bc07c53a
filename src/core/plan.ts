import * as z from 'zod';

/** How one of the six layers that a raise must survive stands after the change (field term: persistence layer). */
export const PersistenceLayer = z.strictObject({
  layer: z.enum([
    'running-kernel',
    'sysctl.d',
    'module-load-order',
    'hashsize',
    'kube-proxy',
    'node-replacement',
  ]),
  state: z.enum(['covered', 'not-covered', 'not-applicable']),
  /** One short clause on how it is covered, or what undoes it: `/etc/sysctl.conf:12 sets 131072`. */
  how: z.string(),
});
export type PersistenceLayer = z.infer<typeof PersistenceLayer>;

/** The change planned for one node, with the arithmetic that led to it kept for display. */
export const NodePlan = z.strictObject({
  instanceId: z.string(),
  max: z.strictObject({ from: z.number().int(), to: z.number().int() }),
  buckets: z.strictObject({ from: z.number().int(), to: z.number().int() }),
  /** Bytes if the table filled to `max.to`, bucket array included. */
  memoryBytes: z.number().int(),
  /** MemTotal of the node in bytes. */
  memoryTotalBytes: z.number().int(),
  /** The steps of the sizing in order, one short line each, ready to be shown. */
  arithmetic: z.array(z.string()),
  /** Average chain length if the table filled: 2 × max ÷ buckets. */
  chainWhenFull: z.number(),
  layers: z.array(PersistenceLayer),
  /** Say-so lines such as `clamped by memory: below the estimated demand`. */
  warnings: z.array(z.string()),
});
export type NodePlan = z.infer<typeof NodePlan>;

/** What a click approves: exactly these nodes with exactly these numbers. */
export const Plan = z.strictObject({
  schema: z.literal('medic.plan/1'),
  /** First 32 hex digits of SHA-256 over the canonical form of incident, collection and nodes. */
  digest: z.string().regex(/^[0-9a-f]{32}$/),
  /** Number of the collection whose evidence the plan rests on. */
  collection: z.number().int().min(1),
  /** Canary first: the worst node leads. */
  nodes: z.array(NodePlan).min(1),
});
export type Plan = z.infer<typeof Plan>;
