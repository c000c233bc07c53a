import * as z from 'zod';
import { stored } from './stored.ts';

/** Who moved a value back, as far as the node shows it. */
export const Mover = z.enum(['reboot', 'kube-proxy', 'tuned', 'sysctl-file', 'not-known']);
export type Mover = z.infer<typeof Mover>;

/** What a later look found of one changed node. */
export const NodeDrift = stored({
  instanceId: z.string(),
  /**
   * `held`: the changed values are in force. `moved`: one has gone back. `refilled`: the raised limit holds and the table is nearly full
   * again, so demand has no bound that a raise would reach. `unread`: the node or its limit could not be read.
   */
  state: z.enum(['held', 'moved', 'refilled', 'unread']),
  /** Only with `moved`. */
  by: Mover.optional(),
  /** One sentence with the node, the numbers and what to do. */
  why: z.string(),
});
export type NodeDrift = z.infer<typeof NodeDrift>;

/** One look at the raised nodes some time after the incident has ended. */
export const DriftCheck = stored({
  at: z.iso.datetime({ precision: 3 }),
  /** Number of the collection that it rests on. */
  collection: z.number().int().min(1),
  nodes: z.array(NodeDrift).min(1),
});
export type DriftCheck = z.infer<typeof DriftCheck>;
