import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentStore } from '../../src/core/ports.ts';
import type { IncidentHead, IncidentState, Transition } from '../../src/core/record/incident.ts';

const POLL_MS = 200;

/** States in which nothing goes on by itself any more. */
const RESTING: ReadonlySet<IncidentState> = new Set([
  'awaiting-approval',
  'applied-one',
  'resolved',
  'partially-applied',
  'rolled-back',
  'no-fix-offered',
  'dismissed',
  'expired',
  'failed',
  'joined',
]);

/** Follows the record of one incident, as any other reader of the table could. */
export class IncidentFollower {
  private readonly store: IncidentStore;
  private readonly arn: string;
  private readonly onTransition: (transition: Transition, head: IncidentHead) => void;
  private id: string | undefined;
  /** Transitions that were told of so far. */
  seen = 0;

  constructor(
    store: IncidentStore,
    alarmArn: string,
    onTransition: (transition: Transition, head: IncidentHead) => void = () => {},
  ) {
    this.store = store;
    this.arn = alarmArn;
    this.onTransition = onTransition;
  }

  /** Id of the incident; unknown until it was found. */
  get incident(): string | undefined {
    return this.id;
  }

  /** Reads the record once and tells of every transition that is new. */
  async look(): Promise<IncidentHead | undefined> {
    const head = await (this.id === undefined
      ? this.store.openIncidentOf(this.arn)
      : this.store.head(this.id));
    if (head === undefined) return undefined;
    this.id = head.id;
    for (const transition of head.transitions.slice(this.seen)) this.onTransition(transition, head);
    this.seen = head.transitions.length;
    return head;
  }

  /**
   * Waits until the incident rests in a state that it reached after `transitions` transitions.
   * @throws one sentence when that does not happen in time
   */
  async rest(timeoutMs: number, transitions = 0): Promise<IncidentHead> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const head = await this.look();
      if (head !== undefined && head.transitions.length > transitions && RESTING.has(head.state)) return head;
      if (Date.now() > deadline) {
        throw new Error(`The incident is still ${head?.state ?? 'not open'} after ${timeoutMs / 1000} s.`);
      }
      await sleep(POLL_MS);
    }
  }
}
