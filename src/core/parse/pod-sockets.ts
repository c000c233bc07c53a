import { POD_NAME } from '../pod-name.ts';
import type { SocketState } from '../record/pod-sockets.ts';

/** States by the codes in which /proc/net/tcp has them (include/net/tcp_states.h), that of no connection left out. */
const STATES = {
  '01': 'ESTABLISHED',
  '02': 'SYN_SENT',
  '03': 'SYN_RECV',
  '04': 'FIN_WAIT1',
  '05': 'FIN_WAIT2',
  '06': 'TIME_WAIT',
  '08': 'CLOSE_WAIT',
  '09': 'LAST_ACK',
  '0A': 'LISTEN',
  '0B': 'CLOSING',
} as const satisfies Readonly<Record<string, SocketState>>;

/** How many TCP sockets there are, of both families. */
export interface SocketCounts {
  /** TcpCurrEstab; from Linux 6.10 on, and where that change was carried back to, it has those in CLOSE_WAIT as well. */
  readonly established: number;
  /** With those in FIN_WAIT2 that no process holds any more (net/ipv4/tcp_minisocks.c, tcp_time_wait). */
  readonly timeWait: number;
  /** All others, listening ones among them; half-open ones are in neither. */
  readonly inUse: number;
}

/** TCP sockets of one network namespace. */
export interface NamespaceSockets extends SocketCounts {
  /** Inode number of the namespace. */
  readonly netns: string;
  /** `namespace/name` of the pod that it belongs to; `undefined` where the node does not tell. */
  readonly pod: string | undefined;
  /** Whether all sockets were looked at for their state, the first ones, or none. */
  readonly counted: 'all' | 'first' | 'none';
  readonly states: ReadonlyMap<SocketState, number>;
}

/** TCP sockets of network namespaces other than the collector's. */
export interface PodSockets {
  /** Namespaces that were found; those that are neither listed nor among the others were not read. */
  readonly found: number;
  /** Processes that did not tell their namespace. */
  readonly hidden: number;
  /** Those with most sockets, the most first. */
  readonly namespaces: readonly NamespaceSockets[];
  /** The sum of all that were read and are not listed. */
  readonly others: (SocketCounts & { readonly namespaces: number }) | undefined;
}

/**
 * Reads the `pod_sockets` section: `namespaces=<n> hidden=<h>`, then a line a namespace,
 * `netns <inode> <established> <time-wait> <in use> <pod or -> <all|first|none> <code>=<count> …`, and
 * `others <n> <established> <time-wait> <in use>`.
 *
 * @returns `undefined` without the first line
 */
export function parsePodSockets(text: string): PodSockets | undefined {
  const [, found, hidden] = /^namespaces=(\d{1,7}) hidden=(\d{1,7})$/m.exec(text) ?? [];
  if (found === undefined) return undefined;
  const namespaces = Array.from(
    text.matchAll(
      /^netns (\d{1,20}) (\d{1,10}) (\d{1,10}) (\d{1,10}) (\S{1,317}) (all|first|none)((?: [0-9A-F]{2}=\d{1,10}){0,16})$/gm,
    ),
    ([, netns = '', established, timeWait, inUse, pod = '-', counted, states = '']): NamespaceSockets => ({
      netns,
      established: Number(established),
      timeWait: Number(timeWait),
      inUse: Number(inUse),
      pod: POD_NAME.test(pod) ? pod : undefined,
      counted: counted === 'all' || counted === 'first' ? counted : 'none',
      states: statesIn(states),
    }),
  );
  const isFirst = ({ netns }: NamespaceSockets, index: number) =>
    namespaces.findIndex((one) => one.netns === netns) === index;
  const [, many, ...sum] = /^others (\d{1,7}) (\d{1,10}) (\d{1,10}) (\d{1,10})$/m.exec(text) ?? [];
  const [established = 0, timeWait = 0, inUse = 0] = sum.map(Number);
  return {
    found: Number(found),
    hidden: Number(hidden),
    namespaces: namespaces.filter(isFirst),
    others: many === undefined ? undefined : { namespaces: Number(many), established, timeWait, inUse },
  };
}

const isCode = (code: string): code is keyof typeof STATES => code in STATES;

function statesIn(text: string): ReadonlyMap<SocketState, number> {
  return new Map(
    text.split(' ').flatMap((cell) => {
      const [code = '', count] = cell.split('=');
      return isCode(code) ? [[STATES[code], Number(count)] as const] : [];
    }),
  );
}
