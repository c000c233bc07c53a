import type { Figures } from '../record/collection.ts';
import { BUCKETS_KEY, MAX_KEY, runningValue } from '../record/settings.ts';
import { show } from '../words.ts';

/** Largest value of a setting that the kernel keeps in an int (kernel/sysctl.c, proc_dointvec). */
const INT_MAX = 2_147_483_647;

/** A backlog beyond this holds packets for seconds, and latency replaces loss. Our choice. */
const BACKLOG_MAX = 100_000;

/** What a runbook writes to a setting by hand. */
interface HandSetting {
  /** Name of its slots, as {@link handSettingSlots} gives them. */
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

/** What a node showed of its settings, and when. */
export interface SettingReadings {
  /** The newest, from which a change starts. */
  readonly current: Figures;
  /** All of them, oldest first: the first that shows a setting is from before any change of it. */
  readonly all: readonly Figures[];
  /** The settings that the node's plan moves, by full sysctl names. */
  readonly planned: ReadonlySet<string>;
}

/**
 * Slots of the settings that a runbook changes, by hand or by the plan: `now` is what a setting has and `to` what it is to
 * get, `before` what it had before the incident changed anything, and `back` the same where a runbook or the plan moves it
 * from there. Each has a twin that ends in `.digits`, without separators. A value that was not read has none of them, so no
 * runbook can write a number that might be less than what is there.
 */
export function handSettingSlots({
  current,
  all,
  planned,
}: SettingReadings): readonly (readonly [string, string | undefined])[] {
  const before = (key: string) =>
    all.map((figures) => runningValue(figures, key)).find((value) => value !== undefined);
  const slots = HAND_SETTINGS.flatMap(({ slot, key, to }) => {
    const now = runningValue(current, key);
    const next = now === undefined ? undefined : to(now);
    const was = before(key);
    const isMoved = was !== undefined && (planned.has(key) || to(was) !== undefined);
    return [
      ...both(`${slot}.now`, now),
      ...both(`${slot}.to`, next === undefined || next > INT_MAX ? undefined : next),
      ...both(`${slot}.before`, was),
      ...both(`${slot}.back`, isMoved ? was : undefined),
    ];
  });
  return [
    ...slots,
    ...both('max.before', before(MAX_KEY)),
    ...both('buckets.before', before(BUCKETS_KEY)),
    ['buckets.to.digits', digits(bucketsFor(current))],
  ];
}

/** A number as people read it, and as a command takes it. */
const both = (
  name: string,
  value: number | undefined,
): readonly (readonly [string, string | undefined])[] => [
  [name, value === undefined ? undefined : show(value)],
  [`${name}.digits`, digits(value)],
];

const digits = (value: number | undefined) => (value === undefined ? undefined : String(value));

/** One bucket for each entry of the limit, the kernel's own ratio; nothing where there are that many, or no limit. */
function bucketsFor(figures: Figures): number | undefined {
  const buckets = runningValue(figures, BUCKETS_KEY);
  return buckets === undefined || figures.max === undefined || figures.max <= buckets
    ? undefined
    : figures.max;
}
