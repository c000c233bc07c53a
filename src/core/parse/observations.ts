import * as z from 'zod';
import { linesOf } from '../lines.ts';

/**
 * What a piece of pasted text shows that no counter of a node does: the symptom at a client, a packet that was seen lost,
 * part of a table. It proves what it says and no cause.
 */
const Observation = z.object({
  /** `nothing`: no output that is known here; `loss`: something says where packets were lost; `symptom`: connections waited; `note`: worth a line, not a headline. */
  kind: z.enum(['nothing', 'loss', 'symptom', 'note']),
  /** One sentence with its numbers and a full stop. */
  says: z.string(),
  /** Local ports ran out at the client: told apart from everything that the table does. */
  portsUsedUp: z.boolean().optional(),
  /** Share of the connection-tracking table that was in use, 0 to 1, where only the share is told and no count. */
  tableUse: z.number().optional(),
  /** What CloudWatch added up for one of EC2's allowances over the periods that are listed: `conntrack_allowance_exceeded`. */
  summed: z.object({ name: z.string(), packets: z.number() }).optional(),
  /** Connections or packets that a cloud's address translation refused for want of a port, and what it is called there. */
  refused: z
    .object({ by: z.string(), count: z.number(), what: z.enum(['connection', 'packet']), source: z.string() })
    .optional(),
  /** How fast a counter rose when a monitoring system looked at it, by its kernel's name: `TcpExtListenOverflows`. */
  rate: z.object({ name: z.string(), perSecond: z.number() }).optional(),
});
export type Observation = z.infer<typeof Observation>;

/** An observation as it stands on a line of its section. */
export function observationLine(observation: Observation): string {
  return JSON.stringify(observation);
}

/** Reads a section of observations; a line that is none is passed over. */
export function parseObservations(text: string): readonly Observation[] {
  return linesOf(text).flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const observation = Observation.safeParse(asJson(line)).data;
    return observation === undefined ? [] : [observation];
  });
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
