import type { Evidence } from '../record/diagnosis.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { evidence } from './signature.ts';

/**
 * Bytes of a SYN as tools craft it: headers of IPv4 and TCP, with at most one option of four bytes; a reset has 40. The
 * operating systems of clients put several options into a SYN, so it has 52 to 64 (net/ipv4/tcp_output.c,
 * tcp_syn_options), and 50 to 52 on average with the reset that answers it.
 */
const CRAFTED_BYTES = 44;

/** Packets that have to be counted before their mean says anything. Our choice. */
const LEAST_PACKETS = 100;

/** Mean size of the packets that the node received in the window. */
export interface PacketSize {
  /** Whether they are SYNs without the options of an operating system, and the resets that answer them. */
  readonly isCrafted: boolean;
  readonly evidence: Evidence;
}

/** Reads it from the node's counters; `undefined` where they were not read or counted too little. */
export function packetSizeOf(snapshot: Snapshot): PacketSize | undefined {
  const deltas = valueOf(snapshot.protocol);
  const [octets, packets] = [deltas?.get('IpExtInOctets'), deltas?.get('IpInReceives')];
  if (octets === undefined || packets === undefined || packets < LEAST_PACKETS) return undefined;
  const bytes = Number(octets) / Number(packets);
  return {
    isCrafted: bytes <= CRAFTED_BYTES,
    evidence: evidence(
      'mean packet',
      bytes.toFixed(1),
      'bytes',
      CRAFTED_BYTES,
      'IpExtInOctets ÷ IpInReceives',
    ),
  };
}
