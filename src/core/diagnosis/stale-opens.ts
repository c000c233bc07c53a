import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { show } from '../words.ts';

/** Seconds for which the VPC CNI plugin gives a pod's address to no other, unless it is told otherwise (amazon-vpc-cni-k8s, IP_COOLDOWN_PERIOD). */
const COOLDOWN_SECONDS = 30;

/**
 * What has to be said of unanswered opens where a pod's address may be another pod's before they are forgotten. A client
 * that repeats its SYN from the same port follows the entry of its first one, translation included, to whoever has the
 * address by then (net/netfilter/nf_nat_core.c, nf_nat_inet_fn: translation is set up for new flows only). The entry of such
 * an open is that of any open which is not answered: address and port lead to a pod that lives, and when the address changed
 * hands is not on the node.
 *
 * @returns one sentence for the list of what could not be seen; `undefined` where it can not happen or no such entry is there
 */
export function staleOpensGap({ usesVpcCni, conntrack, entries }: Snapshot): string | undefined {
  const seconds = valueOf(conntrack.timeouts)?.get('nf_conntrack_tcp_timeout_syn_sent');
  if (valueOf(usesVpcCni) !== true || seconds === undefined || seconds <= COOLDOWN_SECONDS) return undefined;
  const isWaiting = valueOf(entries)?.states.some(
    ({ protocol, state, share }) => protocol === 'tcp' && state === 'SYN_SENT' && share > 0,
  );
  if (isWaiting !== true) return undefined;
  return `TCP opens that follow an entry to a pod's former address: their entries look like any other's → for ${show(seconds)} s a repeated SYN may reach another pod, since the VPC CNI plugin gives an address away after ${COOLDOWN_SECONDS} s`;
}
