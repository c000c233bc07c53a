import type { IncidentHead } from '../../src/core/record/incident.ts';

/** What is asked of an end. */
export interface EndHow {
  /** Nothing ends that has nodes which were not judged yet. */
  readonly unlessGrown?: boolean;
  /** What keeps firings that follow soon from opening another incident. */
  readonly kept?: Pick<IncidentHead, 'quiet'>;
}
