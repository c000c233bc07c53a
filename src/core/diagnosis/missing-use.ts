import { valueOf } from '../snapshot/fact.ts';
import type { ConntrackFacts } from '../snapshot/snapshot.ts';
import { counted, show } from '../words.ts';

/** What is missing for the use of the table where that is not known: what was read of it is told, not asked for again. */
export function missingUse({ count, max }: ConntrackFacts): string {
  const [entries, limit] = [valueOf(count), valueOf(max)];
  if (entries !== undefined && limit === undefined)
    return `nf_conntrack_max beside ${counted(entries, 'entry')} in use`;
  if (limit !== undefined && entries === undefined)
    return `nf_conntrack_count beside a limit of ${show(limit)}`;
  return 'nf_conntrack_count and nf_conntrack_max';
}
