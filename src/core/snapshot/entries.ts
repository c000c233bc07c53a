import { type Capture, newest, sectionOf, textAt } from '../capture/capture.ts';
import { parseEntries } from '../parse/entries/entries.ts';
import type { EntryFacts, Talker } from '../parse/entries/facts.ts';
import { isHalfOpen } from '../parse/entries/facts.ts';
import { detailsOf, type EntryDetails } from '../parse/entries/groups.ts';
import { parseBusiestPairs, parseStateCounts } from '../parse/entries/lists.ts';
import { parseEntrySummary } from '../parse/entries/summary.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { TableUse } from './snapshot.ts';

/**
 * Reads what the table's entries look like: from the collector's own summary, from counted lists with a few lines of
 * the table, or from the lines alone.
 */
export function entryFacts(
  capture: Capture,
  use: Fact<TableUse>,
  timeouts: Fact<ReadonlyMap<string, number>>,
): Fact<EntryFacts> {
  const count = use.known ? use.value.last : undefined;
  if (use.known && use.value.highest === 0) return known(NONE, 'nf_conntrack_count');
  const established = timeouts.known ? timeouts.value.get('nf_conntrack_tcp_timeout_established') : undefined;
  return (
    fromSummary(capture, count) ?? fromLists(capture, established) ?? fromLines(capture, count, established)
  );
}

/**
 * The same where only some entries were pasted: what stands in them is there, but shares of them are none of the table's.
 * As {@link entryFacts} where the table or a fair sample of it was read.
 */
export function listedEntryFacts(
  capture: Capture,
  entries: Fact<EntryFacts>,
  timeouts: Fact<ReadonlyMap<string, number>>,
): Fact<EntryFacts> {
  const excerpt = newest(capture, 'ct-excerpt')?.text;
  if (entries.known || excerpt === undefined) return entries;
  const established = timeouts.known ? timeouts.value.get('nf_conntrack_tcp_timeout_established') : undefined;
  const details = detailsOf(parseEntries(excerpt), established);
  if (details.looked === 0) return entries;
  const error = errorOf(details.looked);
  return known(
    {
      ...details,
      total: details.looked,
      isComplete: false,
      totalAtFirst: undefined,
      stateError: error,
      groupError: error,
    },
    'conntrack -L',
  );
}

/** An empty table: nothing to look at, and nothing is unknown about it. */
const NONE: EntryFacts = {
  looked: 0,
  total: 0,
  isComplete: true,
  totalAtFirst: 0,
  stateError: 0,
  groupError: 0,
  states: [],
  halfOpen: { share: 0, busiestSource: undefined, busiestDestination: undefined },
  destinations: [],
  ports: [],
  sources: [],
  translated: [],
  udpBackends: [],
  unlistedBackends: 0,
  idle: undefined,
};

/** Error of a share found in n of a fair sample: at most one standard deviation is 0.5/√n, two are taken. */
function errorOf(looked: number): number {
  return looked === 0 ? 1 : Math.min(1, 1 / Math.sqrt(looked));
}

function fromSummary(capture: Capture, count: number | undefined): Fact<EntryFacts> | undefined {
  const section = sectionOf(capture, 'entries');
  if (section === undefined) return undefined;
  const source = 'a sample of the table';
  const summary = parseEntrySummary(textAt(capture, 'entries') ?? '');
  if (summary === undefined) return unknown(`entries of the table: ${section.status}`, source);
  const { details, isComplete } = summary;
  const { looked, ...rest } = details;
  const error = isComplete ? 0 : errorOf(looked);
  return known(
    {
      ...rest,
      looked,
      total: isComplete ? looked : Math.max(looked, count ?? 0),
      isComplete,
      totalAtFirst: undefined,
      stateError: error + unlistedShare(rest.states),
      groupError: error,
    },
    source,
  );
}

/** What the listed states leave of all entries: any one state may have that much more. */
function unlistedShare(states: EntryFacts['states']): number {
  const rest = 1 - states.reduce((sum, { share }) => sum + share, 0);
  return rest < ROUNDING ? 0 : rest;
}

/** Sums of shares that miss 1 by less were only rounded. */
const ROUNDING = 1e-9;

function fromLists(capture: Capture, established: number | undefined): Fact<EntryFacts> | undefined {
  const list = parseStateCounts(newest(capture, 'ct-states')?.text ?? '');
  if (list === undefined) return undefined;
  const { total, rows } = list;
  const details = detailsOf(linesOf(capture), established);
  const states = rows.map(({ count, ...state }) => ({ ...state, share: count / total }));
  const pairs = parseBusiestPairs(newest(capture, 'ct-top')?.text ?? '');
  const isWhole = details.looked >= total;
  return known(
    {
      ...details,
      ...busiestOf(details, pairs, total),
      looked: total,
      total,
      isComplete: true,
      totalAtFirst: parseStateCounts(textAt(capture, 'ct-states', 0) ?? '')?.total,
      stateError: 0,
      groupError: isWhole ? 0 : errorOf(details.looked),
      states,
      halfOpen: {
        ...details.halfOpen,
        share: states.filter(isHalfOpen).reduce((sum, { share }) => sum + share, 0),
      },
    },
    'conntrack -L',
  );
}

/** Share of the counted entries from which a list that was filtered is the table. Our choice. */
const NEARLY_ALL = 0.9;

function fromLines(
  capture: Capture,
  count: number | undefined,
  established: number | undefined,
): Fact<EntryFacts> {
  const source = 'conntrack -L';
  const excerpt = newest(capture, 'ct-excerpt')?.text;
  const listed = linesOf(capture);
  const picked = excerpt === undefined || listed.length > 0 ? [] : parseEntries(excerpt);
  // What was picked out is the table after all where it is nearly all that is counted.
  const isNearlyAll = count !== undefined && count > 0 && picked.length >= count * NEARLY_ALL;
  const details = detailsOf(isNearlyAll ? picked : listed, established);
  const { looked } = details;
  if (looked === 0)
    return unknown(
      excerpt === undefined
        ? 'entries of the table: not read'
        : 'entries of the table: only some were pasted',
      source,
    );
  const error = errorOf(looked);
  const facts = {
    total: Math.max(looked, count ?? 0),
    isComplete: false,
    totalAtFirst: undefined,
    stateError: error + unlistedShare(details.states),
    groupError: error,
  };
  return known({ ...details, ...facts }, source);
}

function linesOf(capture: Capture) {
  return parseEntries(newest(capture, 'ct-sample')?.text ?? '');
}

/** A counted list of pairs holds the busiest ones exactly; what it leaves out makes its sums lower bounds. */
function busiestOf(
  details: EntryDetails,
  pairs: ReturnType<typeof parseBusiestPairs>,
  total: number,
): Pick<EntryFacts, 'destinations' | 'sources'> {
  const destinations = new Map(details.destinations.map((one) => [keyOf(one), one]));
  const sources = new Map(details.sources.map((one) => [one.address, one]));
  const raise = (map: Map<string, Talker>, key: string, one: Talker, counted: number) => {
    const share = counted / total;
    const there = map.get(key);
    if (share > (there?.share ?? 0)) map.set(key, { ...(there ?? one), share });
  };
  for (const [key, { first, count }] of sums(pairs, ({ destination }) => keyOf(destination)))
    raise(destinations, key, { ...first.destination, share: 0 }, count);
  for (const [key, { count }] of sums(pairs, ({ source }) => source))
    raise(sources, key, { protocol: undefined, address: key, port: undefined, share: 0 }, count);
  const sorted = (map: Map<string, Talker>) => [...map.values()].sort((a, b) => b.share - a.share);
  return { destinations: sorted(destinations), sources: sorted(sources) };
}

function keyOf({ address, port }: { readonly address: string; readonly port: number | undefined }): string {
  return `${address} ${port ?? '-'}`;
}

function sums<T extends { readonly count: number }>(rows: readonly T[], key: (row: T) => string) {
  const found = new Map<string, { first: T; count: number }>();
  for (const row of rows) {
    const there = found.get(key(row));
    found.set(key(row), { first: there?.first ?? row, count: (there?.count ?? 0) + row.count });
  }
  return found;
}
