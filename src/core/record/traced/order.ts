import * as z from 'zod';
import { stored } from '../stored.ts';
import { NodeTrace } from './found.ts';

const TIME = z.iso.datetime({ precision: 3 });

/** Most nodes that one trace looks at. */
export const TRACED_NODES_MOST = 3;

/** That a person had it looked for where new connections are lost, on which nodes, and what each showed. */
export const SynTrace = stored({
  /** 1, 2, … within the incident; also the number of its execution. */
  number: z.number().int().min(1),
  /** When it was ordered. */
  at: TIME,
  actor: stored({ kind: z.literal('slack-user'), id: z.string(), name: z.string() }),
  /** Nodes that are looked at, the worst first. */
  instanceIds: z.array(z.string()).min(1).max(TRACED_NODES_MOST),
  /** For how long. */
  seconds: z.number().int().min(5).max(60),
  /** Destination port that alone counts at the uplinks; absent where every one does. */
  port: z.number().int().min(1).max(65_535).optional(),
  /** When it was over, whatever came of it; absent while it runs. */
  endedAt: TIME.optional(),
  /** What each node showed; absent until then. */
  nodes: z.array(NodeTrace).max(TRACED_NODES_MOST).optional(),
});
export type SynTrace = z.infer<typeof SynTrace>;
