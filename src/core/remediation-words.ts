import type { Remediation } from './incident.ts';
import type { RemediationKind } from './plan.ts';

/** How a kind of change is spoken of. */
export interface RemediationWords {
  /** As a noun in a clause: `the raise could not be sent`. */
  readonly noun: string;
  /** As an order: `Raise`. */
  readonly order: string;
  /** While it goes on: `raising`. */
  readonly doing: string;
  /** Once it is done: `raised`. */
  readonly done: string;
  /** What it is done to: `nf_conntrack_max`. */
  readonly thing: string;
  /** What a rollback brings back: `limit`; absent where nothing can be brought back. */
  readonly previous?: string;
}

/** The words for each kind. */
export const REMEDIATION_WORDS: Readonly<Record<RemediationKind, RemediationWords>> = {
  'raise-max': {
    noun: 'raise',
    order: 'Raise',
    doing: 'raising',
    done: 'raised',
    thing: 'nf_conntrack_max',
    previous: 'limit',
  },
  'raise-buckets': {
    noun: 'raise of buckets',
    order: 'Raise',
    doing: 'raising',
    done: 'raised',
    thing: 'nf_conntrack_buckets',
    previous: 'number of buckets',
  },
  'shorten-timeouts': {
    noun: 'shortening of timeouts',
    order: 'Shorten',
    doing: 'shortening',
    done: 'shortened',
    thing: 'connection-tracking timeouts',
    previous: 'timeouts',
  },
  'raise-neighbour-thresholds': {
    noun: 'raise of neighbour thresholds',
    order: 'Raise',
    doing: 'raising',
    done: 'raised',
    thing: 'neighbour thresholds',
    previous: 'thresholds',
  },
  'delete-udp-entries': {
    noun: 'deletion',
    order: 'Delete',
    doing: 'deleting',
    done: 'deleted',
    thing: 'stale UDP entries',
  },
};

/** `raise`, `deletion`, `rollback`: a step as a noun. */
export function stepName(kind: Remediation['kind']): string {
  return kind === 'rollback' ? kind : REMEDIATION_WORDS[kind].noun;
}
