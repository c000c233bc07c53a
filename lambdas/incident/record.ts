import type { DurableContext, StepConfig } from '@aws/durable-execution-sdk-js';
import { auditOf } from '../../src/core/audit/audit.ts';
import { IncidentGoneError, RecordRefusedError } from '../../src/core/errors.ts';
import { showIncident } from '../../src/core/incident/show-incident.ts';
import type { HeadChange } from '../../src/core/ports.ts';
import {
  type Actor,
  type Incident,
  type IncidentHead,
  type IncidentState,
  WORKFLOW,
} from '../../src/core/record/incident.ts';
import { isClosed, transition } from '../../src/core/record/transitions.ts';
import { log } from '../log.ts';
import type { IncidentParts } from './parts.ts';

/** Reads and record changes may be repeated; the last error ends the incident with its sentence. */
const RETRIES: Pick<StepConfig<unknown>, 'retryStrategy'> = {
  retryStrategy: (_error, attempt) =>
    attempt < 4 ? { shouldRetry: true, delay: { seconds: 2 ** attempt } } : { shouldRetry: false },
};

/** The record of one incident and its card, in durable steps. Whatever is not in a step runs again at each replay. */
export class IncidentRecord {
  readonly id: string;
  private readonly ctx: DurableContext;
  private readonly parts: IncidentParts;

  constructor(ctx: DurableContext, parts: IncidentParts, id: string) {
    this.ctx = ctx;
    this.parts = parts;
    this.id = id;
  }

  /** Reads something small out of the record. */
  async read<T>(name: string, select: (head: IncidentHead) => T): Promise<T> {
    return await this.step(name, async () => select((await this.load()).head));
  }

  /** Moves the incident on and draws the card; once there, moving again changes nothing. */
  async move(to: IncidentState, actor: Actor = WORKFLOW): Promise<void> {
    await this.step(`move to ${to}`, async () => {
      await this.update((head) => (head.state === to ? head : transition(head, to, actor, this.now())));
      log('incident-moved', { incidentId: this.id, to });
    });
    await this.show();
  }

  /**
   * Ends the incident and frees its alarm for the next one.
   * @returns the state it ended in: one that has ended already stays as it is
   */
  async end(to: IncidentState, why?: string, actor: Actor = WORKFLOW): Promise<IncidentState> {
    return await this.close(`end as ${to}`, (head) => transition(head, to, actor, this.now(), why));
  }

  /** Ends the incident because its alarm is OK, unless the alarm has fired again since. */
  async endIfAlarmIsOk(): Promise<boolean> {
    const why = 'The alarm went back to OK before anybody clicked; nothing was changed.';
    const state = await this.close('end as alarm is OK', (head) =>
      head.alarmOkAt === undefined ? head : transition(head, 'resolved', { kind: 'alarm' }, this.now(), why),
    );
    return isClosed(state);
  }

  /** Goes back to where a rollback began that changed nothing. */
  async endAsBefore(why: string): Promise<IncidentState> {
    return await this.close('end as before', (head) => {
      const before = head.transitions.findLast(({ to }) => to === 'rolling-back')?.from ?? 'failed';
      return transition(head, before, WORKFLOW, this.now(), why);
    });
  }

  /** Draws the card. Slack being down must not stop a change half-way: the next drawing shows everything. */
  async show(): Promise<boolean> {
    return await this.tell('show card', () => showIncident(this.parts.store, this.parts.notifier, this.id));
  }

  /** Says something in Slack. @returns whether Slack took it: what it does not take is logged and stops nothing */
  async tell(name: string, say: () => Promise<void>): Promise<boolean> {
    return await this.step(name, async () => {
      try {
        await say();
        return true;
      } catch (error) {
        log('slack-failed', { incidentId: this.id, step: name, error: String(error) });
        return false;
      }
    });
  }

  /** Does something with an effect once, also when the workflow is replayed; an error is tried again some times. */
  async step<T>(name: string, body: () => Promise<T>): Promise<T> {
    return await this.ctx.step<T>(name, body, RETRIES);
  }

  /**
   * Reads everything that is known, inside a step.
   * @throws IncidentGoneError when the record is gone
   */
  async load(): Promise<Incident> {
    const incident = await this.parts.store.load(this.id);
    if (incident === undefined)
      throw new IncidentGoneError(`${this.id} is not in the table any more; nothing was changed.`);
    return incident;
  }

  /**
   * Changes the record, inside a step.
   * @throws RecordRefusedError with the sentence of a refusal
   */
  async update(change: HeadChange): Promise<IncidentHead> {
    const updated = await this.parts.store.update(this.id, change);
    if (!updated.ok) throw new RecordRefusedError(updated.refusal);
    return updated.head;
  }

  /** The time in ISO 8601, inside a step. */
  now(): string {
    return new Date(this.parts.clock.now()).toISOString();
  }

  /** What the record says at this moment goes beside the raw evidence, where nothing ever replaces it. */
  private async keepAudit(): Promise<void> {
    const history = await this.parts.store.history(this.id);
    if (history === undefined) return;
    const audit = auditOf(history);
    const key = `${this.id}/audit-${String(audit.revision).padStart(6, '0')}.json`;
    await this.parts.evidence.putOnce(key, `${JSON.stringify(audit, null, 2)}\n`);
  }

  private async close(name: string, change: (head: IncidentHead) => IncidentHead): Promise<IncidentState> {
    const state = await this.step(name, async () => {
      const head = await this.update((now) => (isClosed(now.state) ? now : change(now)));
      if (isClosed(head.state)) {
        await this.parts.store.close(head);
        await this.keepAudit();
        log('incident-ended', {
          incidentId: this.id,
          state: head.state,
          why: head.transitions.at(-1)?.why ?? '',
        });
      }
      return head.state;
    });
    await this.show();
    return state;
  }
}
