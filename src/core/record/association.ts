import * as z from 'zod';
import { stored } from './stored.ts';

/** A tag that every node of a group carries, as State Manager targets it. */
export const GroupTag = stored({
  key: z.string().min(1).max(128),
  value: z.string().min(1).max(256),
});
export type GroupTag = z.infer<typeof GroupTag>;

/**
 * The State Manager association that keeps a raise on every node of a group: nodes that join get it, and what was moved
 * back is raised again.
 */
export const Association = stored({
  /** Number of the decision that ordered it. */
  decision: z.number().int().min(1),
  /** The group in words: `node group checkout of cluster shop`. */
  group: z.string(),
  /** Tags that a node must all carry. */
  tags: z.array(GroupTag).min(1).max(5),
  /** What each node is kept at, at least; bounded on each node by its own memory. */
  max: z.number().int(),
  buckets: z.number().int(),
  claimedAt: z.iso.datetime({ precision: 3 }),
  /**
   * `ordered`: nothing was sent yet. `sent`: sent, the answer is not here yet. `in-force`: it exists. `refused`: it was
   * certainly not created. `unknown`: no answer came back. `deleted`: it does not exist any more.
   */
  state: z.enum(['ordered', 'sent', 'in-force', 'refused', 'unknown', 'deleted']),
  /** Identity in State Manager, with the document and its version that it runs. */
  associationId: z.string().optional(),
  documentHash: z.string().optional(),
  documentVersion: z.string().optional(),
  /** One sentence on what was refused or is not known. */
  detail: z.string().optional(),
  changedAt: z.iso.datetime({ precision: 3 }).optional(),
});
export type Association = z.infer<typeof Association>;

/** Name in State Manager (3 to 128 of a-z, A-Z, 0-9, `_`, `-`, `.`); by it the association is found when its id was lost. */
export const associationName = (incidentId: string): string => `conntrack-medic-${incidentId}`;

/** Tag of every association that the service makes; its role can delete those with it and no other. */
export const ASSOCIATION_TAG: GroupTag = { key: 'medic:service', value: 'conntrack-medic' };

/** Whether an association may exist and would act on nodes. */
export const isLive = (association: Association | undefined): boolean =>
  association !== undefined && association.state !== 'refused' && association.state !== 'deleted';
