import * as z from 'zod';

/** Connections of one client that were begun in one stretch of time. */
const ClientSample = z.strictObject({
  /** Middle of the stretch, ISO 8601 in UTC with milliseconds. */
  at: z.iso.datetime({ precision: 3 }),
  attempts: z.number().int().min(0),
  failures: z.number().int().min(0),
  /** Milliseconds to open a connection, over those that were answered; absent when none was. */
  medianMs: z.number().min(0).optional(),
  p99Ms: z.number().min(0).optional(),
});
export type ClientSample = z.infer<typeof ClientSample>;

/** What a client felt while an incident went on; kept where one measures, as the demo on a real kernel does. */
export const ClientLatency = z.strictObject({
  schema: z.literal('medic.client-latency/1'),
  /** Who measured what, as a clause: `new connections from another network namespace`. */
  what: z.string().min(1).max(200),
  /** Oldest first. */
  samples: z.array(ClientSample).max(2000),
});
export type ClientLatency = z.infer<typeof ClientLatency>;
