import type { Remediation } from '../record/incident.ts';
import type { RemediationKind } from '../record/plan.ts';

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
  /** What a rollback does, for the dialog in front of the change. */
  readonly wayBack: string;
  /** The same while it goes on. */
  readonly goingBack: string;
  /** What is true once it is done, as a clause. */
  readonly wentBack: string;
}

/** The words for each kind. */
export const REMEDIATION_WORDS: Readonly<Record<RemediationKind, RemediationWords>> = {
  'raise-max': {
    noun: 'raise',
    order: 'Raise',
    doing: 'raising',
    done: 'raised',
    thing: 'nf_conntrack_max',
    wayBack: 'Roll back restores the old limit and files.',
    goingBack: 'Each node gets back its previous limit and files.',
    wentBack: 'the previous limit is in force',
  },
  'raise-buckets': {
    noun: 'raise of buckets',
    order: 'Raise',
    doing: 'raising',
    done: 'raised',
    thing: 'nf_conntrack_buckets',
    wayBack: 'Roll back restores the old files; the buckets stay, shrinking them would pause traffic again.',
    goingBack: 'Each node gets back its previous files; its buckets stay.',
    wentBack: 'the previous files are in force, the buckets stay',
  },
  'shorten-timeouts': {
    noun: 'shortening of timeouts',
    order: 'Shorten',
    doing: 'shortening',
    done: 'shortened',
    thing: 'connection-tracking timeouts',
    wayBack: 'Roll back restores the old timeouts and files.',
    goingBack: 'Each node gets back its previous timeouts and files.',
    wentBack: 'the previous timeouts are in force',
  },
  'raise-neighbour-thresholds': {
    noun: 'raise of neighbour thresholds',
    order: 'Raise',
    doing: 'raising',
    done: 'raised',
    thing: 'neighbour thresholds',
    wayBack: 'Roll back restores the old thresholds and files.',
    goingBack: 'Each node gets back its previous thresholds and files.',
    wentBack: 'the previous thresholds are in force',
  },
  'delete-udp-entries': {
    noun: 'deletion',
    order: 'Delete',
    doing: 'deleting',
    done: 'deleted',
    thing: 'stale UDP entries',
    wayBack: 'A deletion can not be rolled back: the next packet of each flow makes a new entry.',
    goingBack: 'A deletion can not be rolled back.',
    wentBack: 'a deletion can not be rolled back',
  },
};

/** `raise`, `deletion`, `rollback`: a step as a noun. */
export function stepName(kind: Remediation['kind']): string {
  return kind === 'rollback' ? kind : REMEDIATION_WORDS[kind].noun;
}
