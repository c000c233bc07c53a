/** Name of the one nft table of the lab; removing it removes every rule the lab ever added. */
export const LAB_TABLE = 'conntrack_medic_demo';

/**
 * Addresses from 198.18.0.0/15, which RFC 2544 sets aside for benchmarks: they collide with no real network. Several
 * clients and pods, because one pair of addresses has ports for 64,512 connections only.
 */
export const LAB_ADDRESSES = {
  clients: ['198.18.0.2', '198.18.0.3', '198.18.0.4', '198.18.0.5'],
  /** The node's address on the clients' link; the NodePort is reached here. */
  node: '198.18.0.1',
  podGateway: '198.18.1.1',
  pods: ['198.18.1.2', '198.18.1.3', '198.18.1.4', '198.18.1.5'],
} as const;

/** Port on the node, and the pod's port behind it. */
export const NODE_PORT = 30080;
export const POD_PORT = 8080;

/** The two ends of the lab's links that stay on the node. */
export interface LabInterfaces {
  readonly client: string;
  readonly pod: string;
}

/**
 * NOTRACK for everything but the lab's two interfaces. Without it a full table refuses loopback connections of this
 * machine too, because they need an entry as well. In force before {@link translationRules} and until after them: it is
 * those that make the kernel track connections at all.
 */
export function untrackedRules(interfaces: LabInterfaces): string {
  const ours = `{ "${interfaces.client}", "${interfaces.pod}" }`;
  return `table inet ${LAB_TABLE} {
  chain untracked_in {
    type filter hook prerouting priority raw; policy accept;
    iifname != ${ours} notrack
  }
  chain untracked_out {
    type filter hook output priority raw; policy accept;
    oifname != ${ours} notrack
  }
}
`;
}

/** Chains of {@link translationRules}. */
export const TRANSLATION_CHAINS = ['node_port', 'source_nat'] as const;

/** NodePort-like DNAT and MASQUERADE between the lab's two interfaces. */
export function translationRules(interfaces: LabInterfaces): string {
  const pods = LAB_ADDRESSES.pods.map((address, index) => `${index} : ${address} . ${POD_PORT}`);
  const choice = `numgen inc mod ${pods.length} map { ${pods.join(', ')} }`;
  return `table inet ${LAB_TABLE} {
  chain node_port {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "${interfaces.client}" tcp dport ${NODE_PORT} dnat ip addr . port to ${choice}
  }
  chain source_nat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "${interfaces.pod}" masquerade
  }
}
`;
}
