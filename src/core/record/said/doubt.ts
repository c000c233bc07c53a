import * as z from 'zod';
import { stored } from '../stored.ts';

/** That a person called the verdicts wrong which the incident showed then. */
export const Doubt = stored({
  at: z.iso.datetime({ precision: 3 }),
  actor: stored({ kind: z.literal('slack-user'), id: z.string(), name: z.string() }),
  /** What they rest on: by node and number its collection holds the address of its raw output. */
  readings: z.array(
    stored({ instanceId: z.string(), collection: z.number().int().min(1), verdict: z.string() }),
  ),
});
export type Doubt = z.infer<typeof Doubt>;
