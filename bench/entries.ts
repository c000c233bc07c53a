import type { Entry } from '../src/core/parse/entries/entries.ts';
import { detailsOf } from '../src/core/parse/entries/groups.ts';
import { measure } from './measure.ts';

/** Backends that the flows of a node's DNS and other UDP services go to. */
const BACKENDS = 5_000;

function flow(index: number): Entry {
  const client = `10.0.${index & 255}.${(index >> 8) & 255}`;
  const backend = index % BACKENDS;
  const port = 1024 + (index % 60_000);
  return {
    protocol: 'udp',
    state: undefined,
    remainingSeconds: index % 180,
    isAssured: true,
    isUnreplied: false,
    original: { source: client, sourcePort: port, destination: '172.20.0.10', destinationPort: 53 },
    reply: {
      source: `10.1.${backend & 255}.${backend >> 8}`,
      sourcePort: 53,
      destination: client,
      destinationPort: port,
    },
  };
}

/** Entries of services with many backends, as they are grouped for the failure modes. */
export async function benchEntries(): Promise<void> {
  await measure(`entries to ${BACKENDS} backends`, [7_500, 15_000, 30_000, 60_000], (count) => {
    const entries = Array.from({ length: count }, (_, index) => flow(index));
    return () => detailsOf(entries, 432_000);
  });
}
