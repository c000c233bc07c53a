import * as z from 'zod';
import { stored } from './stored.ts';

const Count = z.number().int().min(0);

/** States of TCP sockets as the kernel calls them (include/net/tcp_states.h), without that of no connection. */
const SocketState = z.enum([
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
]);
export type SocketState = z.infer<typeof SocketState>;

/** How many TCP sockets there are: established, in TIME_WAIT, and all others with the listening ones. */
const Counts = { established: Count, timeWait: Count, inUse: Count };

/** TCP sockets of one pod's network namespace. */
export const PodSocketFigures = stored({
  /** Inode number of the namespace. */
  netns: z.string().regex(/^\d{1,20}$/),
  /** `namespace/name`; absent where the node did not tell. */
  pod: z.string().max(317).optional(),
  ...Counts,
  /** By state as the kernel calls them, none that has no socket; absent where states were not counted. */
  states: z.partialRecord(SocketState, Count).optional(),
  /** There were more than were counted by state. */
  isLeast: z.literal(true).optional(),
});
export type PodSocketFigures = z.infer<typeof PodSocketFigures>;

/** TCP sockets inside the network namespaces of pods. */
export const PodSocketsFigures = stored({
  /** The namespaces with most sockets, the most first; those without any are left out. */
  pods: z.array(PodSocketFigures).max(8),
  /** The sum of all other namespaces that were read. */
  others: stored({ namespaces: Count, ...Counts }).optional(),
  /** Namespaces that were found and not read, and processes that hid theirs. */
  unread: Count.optional(),
});
export type PodSocketsFigures = z.infer<typeof PodSocketsFigures>;
