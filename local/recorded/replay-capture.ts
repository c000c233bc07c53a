import { sumColumn } from '../kernel/drop-watch.ts';

/** What of a recorded capture is replaced when it is replayed: the run's own mark and what the node is set to by now. */
export interface ReplayedValues {
  readonly nonce: string;
  readonly max: number;
  readonly buckets: number;
  /** Incident on top of the node's own file, or empty. */
  readonly incident: string;
  /** Entries, where they have to follow the limit (a table that is full at another limit). */
  readonly count?: number;
}

const HEADER = /^=== medic\/1 [a-z0-9]{16} (\S+) /;

/** A recorded capture as the node would print it now. Only section headers and the node's own settings change. */
export function replayCapture(recorded: string, values: ReplayedValues): string {
  let source = '';
  return recorded
    .split('\n')
    .map((line) => {
      const header = HEADER.exec(line);
      if (header !== null) {
        source = header[1] ?? '';
        return line.replace(/^=== medic\/1 [a-z0-9]{16}/, `=== medic/1 ${values.nonce}`);
      }
      if (source === 'conntrack') return setting(line, values);
      if (source === 'state') return line.replace(/^incident=.*/, `incident=${values.incident}`);
      return line;
    })
    .join('\n');
}

function setting(line: string, { max, buckets, count }: ReplayedValues): string {
  if (line.startsWith('nf_conntrack_max=')) return `nf_conntrack_max=${max}`;
  if (line.startsWith('nf_conntrack_buckets=')) return `nf_conntrack_buckets=${buckets}`;
  if (line.startsWith('nf_conntrack_count=') && count !== undefined) return `nf_conntrack_count=${count}`;
  return line;
}

/** The last value of a `key=number` line of a recorded text. @throws Error when there is none */
export function recordedNumber(recorded: string, key: string): number {
  const value = [...recorded.matchAll(new RegExp(`^${key}=(\\d+)$`, 'gm'))].at(-1)?.[1];
  if (value === undefined)
    throw new Error(`The recorded text holds no ${key}; record it again with npm run record.`);
  return Number(value);
}

/** Packets that the recorded node dropped for conntrack's sake between its two samples. */
export function recordedDrops(recorded: string): number {
  const [first, second] = [0, 1].map((sample) => {
    const body = new RegExp(`^=== medic/1 \\w+ stat-nf_conntrack ${sample} ok .*\\n([^=]+)`, 'm').exec(
      recorded,
    )?.[1];
    if (body === undefined)
      throw new Error('The recorded text holds no counters; record it again with npm run record.');
    return sumColumn(body, 'drop');
  });
  return (second ?? 0) - (first ?? 0);
}
