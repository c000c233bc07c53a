import type { EntryState, Talker } from './facts.ts';

/** Counted lists that a human makes of the table: states, and busiest pairs of source and destination. */
export interface EntryList<T> {
  readonly total: number;
  readonly rows: readonly (T & { readonly count: number })[];
}

/** Rows that are read, at most. */
const MOST_ROWS = 1_000;

/** Reads `uniq -c` rows of states: `  3976 tcp SYN_SENT UNREPLIED`, `21103 udp -`, `  20 udp - ASSURED`. */
export function parseStateCounts(text: string): EntryList<Omit<EntryState, 'share'>> | undefined {
  const rows = Array.from(
    text.matchAll(
      /^[ \t]*(\d{1,9})[ \t]+([a-z][a-z0-9-]{1,10})[ \t]+([A-Z_0-9]{3,20}|-)(?:[ \t]+(ASSURED|UNREPLIED))?[ \t]*$/gm,
    ),
    ([, count, protocol = '', state = '', mark]) => ({
      count: Number(count),
      protocol,
      state: state === '-' ? undefined : state,
      isAssured: mark === 'ASSURED',
      isUnreplied: mark === 'UNREPLIED',
    }),
  ).slice(0, MOST_ROWS);
  return rows.length === 0 ? undefined : { total: rows.reduce((sum, { count }) => sum + count, 0), rows };
}

/** Reads `uniq -c` rows of the busiest pairs: `  298 src=10.10.0.2 dst=10.10.0.1 dport=30080`. */
export function parseBusiestPairs(text: string): readonly {
  readonly source: string;
  readonly destination: Omit<Talker, 'share'>;
  readonly count: number;
}[] {
  return Array.from(
    text.matchAll(
      /^[ \t]*(\d{1,9})[ \t]+src=([0-9a-fA-F:.]{2,45})[ \t]+dst=([0-9a-fA-F:.]{2,45})[ \t]+dport=(\d{1,5})[ \t]*$/gm,
    ),
    ([, count, source = '', address = '', port]) => ({
      count: Number(count),
      source,
      destination: { protocol: undefined, address, port: Number(port) },
    }),
  ).slice(0, MOST_ROWS);
}
