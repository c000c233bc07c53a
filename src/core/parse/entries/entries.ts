import { linesOf } from '../../lines.ts';
import { canonicalAddress } from '../address.ts';

/** One end-to-end direction of an entry. */
export interface Tuple {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
}

/** One entry of the connection-tracking table. */
export interface Entry {
  readonly protocol: string;
  /** TCP (and SCTP, DCCP) state such as `ESTABLISHED`; `undefined` for protocols without one. */
  readonly state: string | undefined;
  /** Seconds until it expires, unless a packet refreshes it. */
  readonly remainingSeconds: number | undefined;
  readonly original: Tuple;
  /** As answers are expected: its source is the real backend, its destination the translated source. */
  readonly reply: Tuple;
  readonly isAssured: boolean;
  readonly isUnreplied: boolean;
}

/** Entries that are looked at, at most; a longer list is a sample by its first lines. */
const MOST_ENTRIES = 50_000;

const ADDRESS = '[0-9a-fA-F:.]{2,45}';

/**
 * Reads lines of `conntrack -L` and /proc/net/nf_conntrack (which begins each line with the family):
 * `tcp 6 119 SYN_SENT src=… dst=… sport=… dport=… [UNREPLIED] src=… dst=… …` (net/netfilter/nf_conntrack_standalone.c,
 * ct_seq_show). Other lines are passed over.
 */
export function parseEntries(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const line of linesOf(text)) {
    if (entries.length >= MOST_ENTRIES) break;
    const entry = parseEntry(line);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function parseEntry(line: string): Entry | undefined {
  const head =
    /^\s*(?:ipv[46]\s+\d{1,3}\s+)?([a-z][a-z0-9-]{1,10})\s+(\d{1,3})\s+(?:(\d{1,10})\s+)?(?:([A-Z_]{3,20})\s+)?src=/.exec(
      line.slice(0, 120),
    );
  const tuples = tuplesOf(line.slice(0, 1_000));
  const [original, reply] = tuples;
  if (head === null || original === undefined || reply === undefined) return undefined;
  const [, protocol = '', , remaining, state] = head;
  return {
    protocol,
    state,
    remainingSeconds: remaining === undefined ? undefined : Number(remaining),
    original,
    reply,
    isAssured: line.includes('[ASSURED]'),
    isUnreplied: line.includes('[UNREPLIED]'),
  };
}

function tuplesOf(line: string): Tuple[] {
  const pattern = new RegExp(`src=(${ADDRESS}) dst=(${ADDRESS})(?: sport=(\\d{1,5}) dport=(\\d{1,5}))?`, 'g');
  return Array.from(line.matchAll(pattern), ([, source = '', destination = '', from, to]) => ({
    source: canonicalAddress(source),
    destination: canonicalAddress(destination),
    sourcePort: from === undefined ? undefined : Number(from),
    destinationPort: to === undefined ? undefined : Number(to),
  }));
}
