import { entries } from '../../unit/support/node-output.ts';
import type { Illness } from './kind-node.ts';

const BUCKETS = 'net.netfilter.nf_conntrack_buckets';
const CLOSE_WAIT = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';
const threshold = (level: number) => `net.ipv4.neigh.default.gc_thresh${level}`;
const SERVICE = '10.96.0.10';
const DEAD = '10.1.1.5';
const STALE_FLOWS = 3;

const arp = (entriesNow: number, fulls: number) =>
  `entries allocs destroys res_failed table_fulls\n${[entriesNow, 4_000, 0, 0, fulls]
    .map((value) => value.toString(16).padStart(8, '0'))
    .join(' ')}`;

/** A node for each change besides the raise, by the kind of its change: sick with the old values, well with the new. */
export const ILLNESSES = {
  'raise-buckets': {
    settings: { [BUCKETS]: 1_024 },
    evidence: (settings) => {
      const buckets = settings[BUCKETS] ?? 0;
      const refused = buckets < 28_000 ? 310 : 0;
      return {
        count: 28_000,
        buckets,
        counters: { chainlength: refused, insert_failed: refused },
        sections: { 'slabinfo 1': 'nf_conntrack 28000 28032 256 16 1' },
      };
    },
  },
  'shorten-timeouts': {
    settings: {
      [CLOSE_WAIT]: 3_600,
      'net.netfilter.nf_conntrack_tcp_timeout_established': 86_400,
      'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 120,
    },
    evidence: (settings) => ({
      count: 112_000,
      sections: {
        'timeouts -': Object.entries(settings)
          .map(([key, value]) => `${key.slice(key.lastIndexOf('.') + 1)}=${value}`)
          .join('\n'),
        'entries -': entries([
          'state 620 tcp CLOSE_WAIT assured',
          'state 380 tcp ESTABLISHED assured',
          'established 380 0',
        ]),
        'kube-proxy -': 'running=yes\nversion=1.31.2\nconfig_file=yes\nkube_ipvs0=no\ninterfaces=',
      },
    }),
  },
  'raise-neighbour-thresholds': {
    settings: { [threshold(1)]: 128, [threshold(2)]: 512, [threshold(3)]: 1_024 },
    evidence: (settings) => {
      const limit = settings[threshold(3)] ?? 0;
      const isFull = limit < 2_000;
      return {
        sections: {
          'neighbours -': [1, 2, 3]
            .map((level) => `gc_thresh${level}=${settings[threshold(level)]}`)
            .concat(`entries=${isFull ? limit : 1_190}`)
            .join('\n'),
          'arp_cache 0': arp(limit, 0),
          'arp_cache 1': arp(limit, isFull ? 640 : 0),
        },
      };
    },
  },
  'delete-udp-entries': {
    settings: {},
    entries: Array.from(
      { length: STALE_FLOWS },
      (_, index) =>
        `conntrack -I -p udp -t 60 -s 10.0.0.1 -d ${SERVICE} --sport ${2_001 + index} --dport 53 -r ${DEAD} -q 10.0.0.1 --reply-port-src 53 --reply-port-dst ${2_001 + index}`,
    ),
    evidence: (_settings, stale) => ({
      count: 1_000,
      sections: {
        'entries -': entries([
          'state 900 tcp TIME_WAIT assured',
          'state 100 udp - assured',
          ...(stale > 0
            ? ['backends 1', `backend ${stale} 53 ${DEAD} 53 assured ${SERVICE} 119`]
            : ['backends 1', `backend ${STALE_FLOWS} 53 10.1.1.6 53 assured ${SERVICE} 119`]),
        ]),
        'udp-rules -': 'udp_targets=1 unread=0 complete=yes\nudp - 10.1.1.6 53',
      },
    }),
  },
} as const satisfies Record<string, Illness>;
