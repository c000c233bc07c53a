import { counted } from '../words.ts';
import type { Edge } from './fate.ts';
import type { Trace } from './output.ts';

/** Why packets went missing at one edge, as far as counters and the kernel's tracing tell. */
export interface Cause {
  readonly id: CauseId;
  /** Packets that were dropped for it in these seconds. */
  readonly dropped: number;
  /** A clause: `12 packets were dropped because the table was full`. */
  readonly clause: string;
}

/** What can be told apart. */
export type CauseId =
  | 'full-table'
  | 'no-entry'
  | 'insert-failed'
  | 'reverse-path'
  | 'nftables-rule'
  | 'iptables-rule'
  | 'netfilter-rule'
  | 'queueing'
  | 'listen-queue';

type Facts = Pick<Trace, 'counters' | 'drops'> & Partial<Pick<Trace, 'kernel'>>;

/** How full a table is that is called full: an entry or two may have gone since it was. */
const FULL = 0.95;

/** How much a counter rose; 0 where it was not read. */
const rise = ({ counters }: Facts, where: RegExp, name: string): number =>
  counters
    .filter((counter) => where.test(counter.where) && counter.name === name)
    .reduce((sum, { before, after }) => sum + Math.max(0, after - before), 0);

/**
 * Packets that were dropped in these seconds because the table was full, or nearly so: `undefined` where the counter was not
 * read.
 */
export function fullTableDrops(facts: Pick<Trace, 'counters'>): number | undefined {
  const isRead = facts.counters.some(({ where, name }) => where === 'table' && name === 'drop');
  return isRead ? rise({ ...facts, drops: undefined }, /^table$/, 'drop') : undefined;
}

/** Packets that the kernel freed in functions and for reasons that match. */
const freed = ({ drops }: Facts, place: RegExp, reason: RegExp): number =>
  (drops ?? [])
    .filter((drop) => place.test(drop.place) && reason.test(drop.reason))
    .reduce((sum, { count }) => sum + count, 0);

/** Queueing disciplines, netem among them, of whatever namespace. */
const queuedIn = (facts: Facts): number => freed(facts, /./, /^QDISC_/);
const QUEUED = 'by a queue of an interface';

function isFull({ counters }: Facts): boolean {
  const [count, max] = ['count', 'max'].map((name) =>
    counters.find((counter) => counter.where === 'table' && counter.name === name),
  );
  if (count === undefined || max === undefined || max.after === 0) return false;
  return Math.max(count.before, count.after) >= FULL * max.after;
}

/**
 * What was dropped on the way between uplink and pod, or inside a pod, most packets first.
 *
 * A full table, NAT and a rule of legacy iptables are all freed in nf_hook_slow with the reason NETFILTER_DROP, a rule of
 * nftables in nft_do_chain (net/netfilter of Linux 6.7 to 7.3): counters of the same seconds tell the first three apart. Before 6.7
 * a rule of nftables is freed in nf_hook_slow as well, so there no rule can be told from the other kind.
 */
export function causesOf(facts: Facts, edge: Edge): readonly Cause[] {
  const all = edge === 'inside' ? insideThePod(facts) : edge === 'outside' ? [] : onTheNode(facts);
  return all.filter(({ dropped }) => dropped > 0).toSorted((a, b) => b.dropped - a.dropped);
}

/** Whether a kernel frees what a rule of nftables drops in a place of its own (`NF_DROP_REASON` in nft_do_chain, Linux 6.7). */
function tellsNftables(kernel: string | undefined): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel ?? '') ?? [];
  return Number(major) > 6 || (major === '6' && Number(minor) >= 7);
}

function onTheNode(facts: Facts): readonly Cause[] {
  const dropped = rise(facts, /^table$/, 'drop');
  const notInserted = rise(facts, /^table$/, 'insert_failed');
  const inLongChains = rise(facts, /^table$/, 'chaintoolong');
  // An entry that clashes counts in both, one of a chain that is too long in insert_failed alone (snapshot/conntrack.ts).
  const refused = Math.max(0, dropped - Math.max(0, notInserted - inLongChains));
  const wasFull = isFull(facts);
  const inHooks = freed(facts, /^nf_hook_slow/, /^NETFILTER_DROP$/);
  const byRules = freed(facts, /^nft_do_chain/, /^NETFILTER_DROP$/);
  const reverse = Math.max(rise(facts, /^node$/, 'IPReversePathFilter'), freed(facts, /./, /^IP_RPFILTER$/));
  // What neither the table nor NAT has counted.
  const others = inHooks - dropped - inLongChains;
  const isMuch = others > 0.02 * inHooks;
  const tellsRules = tellsNftables(facts.kernel);
  return [
    cause('full-table', wasFull ? refused : 0, `because the table was full`),
    cause(
      'no-entry',
      wasFull ? 0 : refused,
      `because no new entry could be had: the table was full for a moment in between, or the kernel had no memory`,
    ),
    cause(
      'insert-failed',
      notInserted,
      `because no entry could be inserted (insert_failed): two had the same addresses and ports after NAT, or NAT had no port left`,
    ),
    cause('nftables-rule', byRules, `by a rule of nftables`),
    cause(
      tellsRules ? 'iptables-rule' : 'netfilter-rule',
      isMuch ? others : 0,
      `by netfilter without a count in the table: a rule of ${tellsRules ? 'legacy iptables, most likely' : 'nftables or iptables, most likely (a kernel before 6.7 does not say of which)'}`,
    ),
    cause('reverse-path', reverse, `by the reverse path filter (rp_filter)`),
    cause('queueing', queuedIn(facts), QUEUED),
  ];
}

function insideThePod(facts: Facts): readonly Cause[] {
  // The node has listeners of its own, which say nothing about a pod's.
  const where = facts.counters.some((counter) => /^pod\d$/.test(counter.where)) ? /^pod\d$/ : /^node$/;
  const overflows = Math.max(rise(facts, where, 'ListenOverflows'), rise(facts, where, 'TCPReqQFullDrop'));
  const byRules = freed(facts, /^nft_do_chain/, /^NETFILTER_DROP$/);
  const inHooks = freed(facts, /^nf_hook_slow/, /^NETFILTER_DROP$/);
  return [
    cause('listen-queue', overflows, `because the listener's queue was full`),
    cause('nftables-rule', byRules, `by a rule of nftables`),
    cause('iptables-rule', inHooks, `by netfilter`),
    // Of which namespace a queue was is not told, and those of the node drop as well: a pod's own counter says more.
    cause('queueing', overflows > 0 ? 0 : queuedIn(facts), QUEUED),
  ];
}

/** @param why what follows `12 packets were dropped` */
function cause(id: CauseId, dropped: number, why: string): Cause {
  const were = dropped === 1 ? 'was' : 'were';
  return { id, dropped, clause: `${counted(dropped, 'packet')} ${were} dropped ${why}` };
}
