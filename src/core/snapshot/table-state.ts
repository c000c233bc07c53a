import { type Fact, valueOf } from './fact.ts';
import type { LogMessage, Losses, Snapshot, TableUse } from './snapshot.ts';

/**
 * Use from which a full-table event counts as explained by the table: after a failed insert expiry and the garbage
 * collector, which starts evicting at 95 % (nf_conntrack_core.c, gc_worker: nf_conntrack_max95), pull the count down
 * before it is sampled.
 */
export const FULL_USE = 0.95;

/** Use at which a log line of a full table is believed without a rising drop counter; also node-problem-detector's line. */
export const NEARLY_FULL_USE = 0.9;

/** Use below which a table is not under pressure, so a full table must have been another one or another time. */
export const CALM_USE = 0.8;

/** What the three witnesses of a full table say: the limit, the counters and the kernel log. */
export interface TableState {
  readonly use: TableUse | undefined;
  readonly losses: Losses | undefined;
  /** Full-table lines that are, or must be, about this network namespace. */
  readonly ownLines: readonly LogMessage[];
  /** Full-table lines that name another namespace. */
  readonly foreignLines: readonly LogMessage[];
  /** Full-table lines that can't be attributed: no namespace named and the table calm. */
  readonly unattributedLines: readonly LogMessage[];
}

/** Reads the three witnesses and attributes each log line to a namespace. */
export function tableStateOf(snapshot: Snapshot): TableState {
  const use = valueOf(snapshot.conntrack.use);
  const losses = valueOf(snapshot.conntrack.losses);
  const lines = snapshot.log.known
    ? snapshot.log.value.messages.filter((message) => message.kind === 'table-full')
    : [];
  const areOthersNamed = lines.length > 0 && namesOthers(snapshot);
  const owned = lines.map((line) => ({ line, owner: ownerOf(line, snapshot, areOthersNamed, use, losses) }));
  const of = (owner: Owner) => owned.filter((one) => one.owner === owner).map((one) => one.line);
  return { use, losses, ownLines: of('own'), foreignLines: of('foreign'), unattributedLines: of('unknown') };
}

type Owner = 'own' | 'foreign' | 'unknown';

function ownerOf(
  line: LogMessage,
  snapshot: Snapshot,
  areOthersNamed: boolean,
  use: TableUse | undefined,
  losses: Losses | undefined,
): Owner {
  const isUnderPressure =
    (use !== undefined && use.ratio >= CALM_USE) || (losses !== undefined && losses.full.low > 0n);
  if (line.netns === undefined) {
    if (areOthersNamed) return 'own';
    // Before 6.18 the line never names a namespace, so a calm table leaves open whose it was.
    return isUnderPressure || use === undefined ? 'own' : 'unknown';
  }
  const own: Fact<string> = snapshot.identity.netns;
  if (own.known) return own.value === line.netns ? 'own' : 'foreign';
  return isUnderPressure ? 'own' : 'foreign';
}

/** From 6.18 on the line names every namespace but the initial one, so there an unnamed line is about the node's own table. */
export function namesOthers({ identity }: Snapshot): boolean {
  const [, major = '0', minor = '0'] = /^(\d{1,3})\.(\d{1,4})/.exec(valueOf(identity.kernel) ?? '') ?? [];
  const isFrom618 = Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 18);
  return isFrom618 && valueOf(identity.isInitialNetns) === true;
}

/** What of the table's count is alive. */
export interface LivingUse {
  /** Living entries ÷ nf_conntrack_max. */
  readonly ratio: number;
  /** Whether they grew between the samples by more than chance (three standard deviations of a count). */
  readonly isGrowing: boolean;
}

/**
 * Use of the table by living entries, where both samples list all of them. nf_conntrack_count includes entries that have
 * expired and wait for the collector, which may come once a minute (nf_conntrack_core.c, gc_worker), so a busy and healthy
 * table counts far more than it holds.
 */
export function livingUse({ entries, conntrack }: Snapshot): LivingUse | undefined {
  const [facts, use] = [valueOf(entries), valueOf(conntrack.use)];
  if (facts?.totalAtFirst === undefined || !facts.isComplete || use === undefined || use.max === 0)
    return undefined;
  const growth = facts.total - facts.totalAtFirst;
  return { ratio: facts.total / use.max, isGrowing: growth > 3 * Math.sqrt(facts.total) };
}

/**
 * Whether the table has room: less than 80 % counted, or less than 80 % alive and not growing. At 95 % of the limit the
 * kernel itself begins to evict, whatever is alive.
 */
export function isTableCalm(snapshot: Snapshot): boolean {
  const use = valueOf(snapshot.conntrack.use);
  if (use === undefined) return false;
  const living = livingUse(snapshot);
  return (
    use.ratio < CALM_USE ||
    (use.ratio < FULL_USE && living !== undefined && living.ratio < CALM_USE && !living.isGrowing)
  );
}

/** Full-table lines from before the samples, which counted no drop: the table was full and is not now. */
export function pastLines({
  losses,
  ownLines,
  foreignLines,
  unattributedLines,
}: TableState): readonly LogMessage[] {
  if (losses === undefined || losses.full.high > 0n) return [];
  return [...ownLines, ...foreignLines, ...unattributedLines].filter(({ isDuringWindow }) => !isDuringWindow);
}

/** Full-table lines that are too old to be evidence of now, of whichever namespace. */
export function earlierFullLines({ log }: Snapshot): readonly LogMessage[] {
  return log.known
    ? [...log.value.earlier, ...log.value.older].filter(({ kind }) => kind === 'table-full')
    : [];
}

/** Whether the counters say that packets were dropped, in the window, for want of an entry. */
export function isDroppingNow({ losses }: TableState): boolean {
  return losses !== undefined && losses.full.high > 0n;
}

/** Whether this namespace's table was full and cost packets; `confidence` counts the witnesses that agree. */
export function fullTable(state: TableState): { readonly isFull: boolean; readonly witnesses: number } {
  const { use, losses, ownLines } = state;
  const isAtLimit = use !== undefined && use.ratio >= FULL_USE;
  const isDropping = losses !== undefined && losses.full.low > 0n;
  const mayDrop = losses !== undefined && losses.full.high > 0n;
  // Where both samples count no drop, a line from before them is of the past.
  const isLogged = ownLines.some((line) => mayDrop || losses === undefined || line.isDuringWindow);
  const isLoggedOnly = isLogged && use === undefined && losses === undefined;
  const isFull =
    (isLogged && (mayDrop || (use !== undefined && use.ratio >= NEARLY_FULL_USE))) ||
    (mayDrop && isAtLimit) ||
    (isDropping && use !== undefined && use.ratio >= CALM_USE) ||
    isLoggedOnly;
  return { isFull, witnesses: [isAtLimit, isDropping, isLogged].filter(Boolean).length };
}

/**
 * Share of evictions among all that a full table did: near 1 the table is full of entries that the kernel may evict
 * (half-open, one-way), near 0 of assured ones (nf_conntrack_core.c, early_drop_list skips assured entries).
 * `undefined` when nothing was evicted or dropped.
 */
export function evictionShare({ losses }: TableState): number | undefined {
  if (losses === undefined) return undefined;
  const [evicted, dropped] = [Number(losses.earlyDrop), Number(losses.full.low)];
  return evicted + dropped === 0 ? undefined : evicted / (evicted + dropped);
}

/** Eviction share above which the table is taken to be filled by half-open or one-way entries. */
export const FLOOD_EVICTION_SHARE = 0.8;
