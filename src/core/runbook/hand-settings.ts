import type { Figures } from '../record/collection.ts';
import { BUCKETS_KEY, runningValue } from '../record/settings.ts';
import { show } from '../words.ts';

/** Largest value of a setting that the kernel keeps in an int (kernel/sysctl.c, proc_dointvec). */
const INT_MAX = 2_147_483_647;

/** A backlog beyond this holds packets for seconds, and latency replaces loss. Our choice. */
const BACKLOG_MAX = 100_000;

/** What a runbook writes to a setting by hand. */
interface HandSetting {
  /** Name of its slots: `<slot>.now`, `<slot>.now.digits` and `<slot>.to.digits`. */
  readonly slot: string;
  readonly key: string;
  /** The new value from the running one; `undefined` where writing it would not help. */
  readonly to: (now: number) => number | undefined;
}

const twice = (now: number) => now * 2;
const downTo = (seconds: number) => (now: number) => (now > seconds ? seconds : undefined);

const HAND_SETTINGS: readonly HandSetting[] = [
  { slot: 'expect-max', key: 'net.netfilter.nf_conntrack_expect_max', to: twice },
  {
    slot: 'backlog',
    key: 'net.core.netdev_max_backlog',
    to: (now) => (twice(now) <= BACKLOG_MAX ? twice(now) : undefined),
  },
  {
    slot: 'be-liberal',
    key: 'net.netfilter.nf_conntrack_tcp_be_liberal',
    to: (now) => (now === 0 ? 1 : undefined),
  },
  { slot: 'syn-sent', key: 'net.netfilter.nf_conntrack_tcp_timeout_syn_sent', to: downTo(20) },
  { slot: 'syn-recv', key: 'net.netfilter.nf_conntrack_tcp_timeout_syn_recv', to: downTo(20) },
  { slot: 'time-wait', key: 'net.netfilter.nf_conntrack_tcp_timeout_time_wait', to: downTo(30) },
  { slot: 'established', key: 'net.netfilter.nf_conntrack_tcp_timeout_established', to: downTo(86_400) },
  { slot: 'close-wait', key: 'net.netfilter.nf_conntrack_tcp_timeout_close_wait', to: downTo(60) },
  { slot: 'udp', key: 'net.netfilter.nf_conntrack_udp_timeout', to: downTo(15) },
  { slot: 'gc3', key: 'net.ipv4.neigh.default.gc_thresh3', to: twice },
  { slot: 'gc2', key: 'net.ipv4.neigh.default.gc_thresh2', to: twice },
  { slot: 'gc1', key: 'net.ipv4.neigh.default.gc_thresh1', to: twice },
];

/**
 * Slots of the settings that a runbook changes by hand: what each has and what it is to get, computed from this node. A
 * value that was not read has neither, so no runbook can write a number that might be less than what is there.
 */
export function handSettingSlots(figures: Figures): readonly (readonly [string, string | undefined])[] {
  const slots = HAND_SETTINGS.flatMap(({ slot, key, to }) => {
    const now = runningValue(figures, key);
    const next = now === undefined ? undefined : to(now);
    return [
      [`${slot}.now`, now === undefined ? undefined : show(now)],
      [`${slot}.now.digits`, digits(now)],
      [`${slot}.to`, next === undefined || next > INT_MAX ? undefined : show(next)],
      [`${slot}.to.digits`, next === undefined || next > INT_MAX ? undefined : digits(next)],
    ] as const;
  });
  return [...slots, ['buckets.to.digits', digits(bucketsFor(figures))]];
}

const digits = (value: number | undefined) => (value === undefined ? undefined : String(value));

/** One bucket for each entry of the limit, the kernel's own ratio; nothing where there are that many, or no limit. */
function bucketsFor(figures: Figures): number | undefined {
  const buckets = runningValue(figures, BUCKETS_KEY);
  return buckets === undefined || figures.max === undefined || figures.max <= buckets
    ? undefined
    : figures.max;
}
