import { allowances, type BuiltNode, entries, protocolLines } from './node-output.ts';

/** Entries of a table that half-open connections fill; `busiestSource` is how many of the 900 one source has. */
export const flood = (busiestSource: number) =>
  entries(
    [
      'state 900 tcp SYN_SENT unreplied',
      'state 100 tcp ESTABLISHED assured',
      `halfopen 900 ${busiestSource} 900`,
      'established 100 0',
    ],
    'no',
  );

/** Protocol counters of connections that are refused, at the mean size in bytes of all packets received. */
export const refusals = (resets: number, bytes: number) => ({
  'snmp 1': [
    protocolLines('Ip', { InReceives: 2 * resets }),
    protocolLines('Tcp', {
      EstabResets: 0,
      InSegs: resets + 2_000,
      OutSegs: resets + 2_000,
      RetransSegs: 0,
      OutRsts: resets,
    }),
  ].join('\n'),
  'netstat 1': [
    protocolLines('TcpExt', { ListenOverflows: 0, ListenDrops: 0, TCPAbortOnMemory: 0 }),
    protocolLines('IpExt', { InOctets: 2 * resets * bytes }),
  ].join('\n'),
});

/** Nodes of the modes that the kernel lab can't record, and of those that only show next to another one. */
export const BUILT: readonly { mode: string; node: BuiltNode; contributes?: true }[] = [
  { mode: 'not-the-node', node: {} },
  { mode: 'ena-conntrack-allowance', node: { sections: { 'ethtool 1': allowances({ conntrack: 12_000 }) } } },
  { mode: 'ena-link-local-allowance', node: { sections: { 'ethtool 1': allowances({ linklocal: 40 }) } } },
  { mode: 'ena-throughput-allowance', node: { sections: { 'ethtool 1': allowances({ bw_in: 900 }) } } },
  { mode: 'not-the-node', node: { sections: { 'ethtool 1': allowances({ bw_in: 3 }) } } },
  {
    mode: 'memory-pressure',
    node: {
      counters: { drop: 300 },
      sections: {
        'kernel-log -':
          'window_seconds=900\nring_start=3\n[  105.000001] kswapd0: page allocation failure: order:0',
      },
    },
  },
  {
    mode: 'memory-pressure',
    node: {
      sections: {
        'kernel-log -':
          'window_seconds=900\nring_start=3\n[  105.000001] TCP: out of memory -- consider tuning tcp_mem',
      },
    },
  },
  {
    mode: 'expectation-table-full',
    node: {
      sections: {
        'kernel-log -':
          'window_seconds=900\nring_start=3\n[  105.000001] nf_conntrack: expectation table full',
      },
    },
  },
  {
    mode: 'cilium-map-full',
    node: {
      sections: {
        'cilium-metrics 1': 'cilium_bpf_map_pressure{map_name="ct4_global"} 0.97',
      },
    },
  },
  {
    mode: 'ipvs-port-reuse',
    node: {
      sections: {
        'identity -':
          'boot_id=0f0f0f0f-0000-4000-8000-000000000001\nnetns=4026531840\ninitial_netns=yes\nkernel=4.19.108\ncores=4',
        'kube-proxy -': 'running=yes\nkube_ipvs0=yes\ninterfaces=kube-ipvs0',
      },
    },
  },
  {
    mode: 'half-open-flood',
    node: {
      count: 131_000,
      counters: { early_drop: 9_000 },
      sections: { 'entries -': flood(3) },
    },
  },
  {
    mode: 'near-full',
    node: {
      count: 131_000,
      counters: { early_drop: 9_000 },
      sections: {
        'entries -': flood(900),
      },
    },
  },
  {
    mode: 'timeout-bloat',
    contributes: true,
    node: {
      count: 130_000,
      sections: {
        'entries -': entries(['state 1000 tcp ESTABLISHED assured', 'established 1000 900'], 'no'),
      },
    },
  },
  {
    mode: 'connection-leak',
    contributes: true,
    node: {
      count: 130_000,
      sections: {
        'entries -': entries(
          ['state 1000 tcp ESTABLISHED assured', 'established 1000 0', 'source 900 10.0.0.7'],
          'no',
        ),
      },
    },
  },
  {
    mode: 'udp-flood',
    contributes: true,
    node: {
      count: 130_000,
      sections: {
        'entries -': entries(['state 1000 udp - -', 'destination 990 udp 10.96.0.10 53'], 'no'),
      },
    },
  },
  {
    mode: 'conntrack-not-in-use',
    node: { count: 0 },
  },
  {
    mode: 'insufficient-evidence',
    node: { sections: { 'stat-nf_conntrack 1': undefined, 'conntrack-S 1': undefined } },
  },
  {
    mode: 'snat-ports-exhausted',
    node: {
      count: 70_000,
      max: 262_144,
      counters: { drop: 40, insert_failed: 40 },
      sections: {
        'entries -': entries(
          ['state 5000 tcp TIME_WAIT assured', 'translated 4600 tcp 10.0.0.1 10.9.9.9 5432'],
          'no',
        ),
      },
    },
  },
  {
    mode: 'snat-race',
    node: {
      count: 70_000,
      max: 262_144,
      counters: { drop: 40, insert_failed: 40 },
      sections: {
        'entries -': entries(
          ['state 5000 tcp TIME_WAIT assured', 'translated 900 tcp 10.0.0.1 10.9.9.9 5432'],
          'no',
        ),
      },
    },
  },
  {
    mode: 'dns-race',
    node: {
      count: 9_000,
      counters: { drop: 40, insert_failed: 40, clashres: 900 },
      sections: { 'entries -': entries(['state 1000 udp - -'], 'no') },
    },
  },
  { mode: 'not-the-node', node: { counters: { clashres: 9_000 } } },
  { mode: 'not-the-node', node: { counters: { invalid: 2_000 } } },
  {
    mode: 'invalid-reset',
    node: {
      counters: { invalid: 9_000 },
      sections: { 'entries -': entries(['state 900 tcp SYN_SENT unreplied']) },
    },
  },
  {
    mode: 'softnet-drops',
    node: { sections: { 'softnet_stat 1': '00000020 00000009 00000000' } },
  },
  {
    mode: 'neighbour-overflow',
    node: {
      sections: { 'arp_cache 1': 'entries allocs destroys table_fulls\n00000400 00000000 00000000 00000007' },
    },
  },
  {
    mode: 'listen-overflow',
    node: {
      sections: {
        'pods 0': 'namespaces=3 read=3 hidden=0\nnames TcpExtListenOverflows\nnetns 4026532178 5',
        'pods 1': 'namespaces=3 read=3 hidden=0\nnames TcpExtListenOverflows\nnetns 4026532178 45',
      },
    },
  },
  { mode: 'hash-chains-long', node: { counters: { insert_failed: 700, chainlength: 700 } } },
  { mode: 'table-full', node: { count: 131_072, counters: { drop: 900 } } },
  {
    mode: 'stale-udp-entry',
    node: {
      sections: {
        'entries -': entries(['state 20 udp - assured', 'backend 20 53 10.0.0.9 53 assured 119']),
        'iptables-save 1': '*nat\n-A KUBE-SEP-A -p udp -m udp -j DNAT --to-destination 10.0.0.5:53\nCOMMIT',
      },
    },
  },
  {
    mode: 'half-open-flood',
    node: {
      sections: {
        ...refusals(88_000, 40),
      },
    },
  },
];
