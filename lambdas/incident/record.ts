import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { auditOf } from '../../src/core/audit/audit.ts';
import {
  ChannelBusyError,
  IncidentGoneError,
  messageOf,
  RecordRefusedError,
  RecordUnavailableError,
} from '../../src/core/errors.ts';
import { begunBefore } from '../../src/core/incident/begun-before.ts';
import { withAftermath } from '../../src/core/incident/execution.ts';
import { dismiss } from '../../src/core/incident/quiet.ts';
import { type Miss, made, missed, type TextOf } from '../../src/core/incident/shown/owed-words.ts';
import { showIncident } from '../../src/core/incident/shown/show-incident.ts';
import type { Saying } from '../../src/core/notifier.ts';
import type { HeadChange } from '../../src/core/ports.ts';
import {
  type Actor,
  type Incident,
  type IncidentHead,
  type IncidentState,
  WORKFLOW,
} from '../../src/core/record/incident.ts';
import type { SideRecord } from '../../src/core/record/said/missing.ts';
import { isClosed, transition } from '../../src/core/record/transitions.ts';
import { sha256 } from '../../src/core/sha256.ts';
import { log } from '../log.ts';
import type { EndHow } from './ends.ts';
import type { IncidentParts } from './parts.ts';
import { RETRIES } from './retries.ts';

/** How often buttons and ends are tried here, and the longest pause; then the reconciler has them. */
const SHOW_TRIES = 4;
const SHOW_PAUSE_SECONDS = 20;

/** Characters that tell the executions of one incident apart. */
const KEY_CHARS = 16;

/** The record of one incident and its card, in durable steps. Whatever is not in a step runs again at each replay. */
export class IncidentRecord {
  readonly id: string;
  private readonly ctx: DurableContext;
  private readonly parts: IncidentParts;
  /** How much was said beside the card so far; the same at every replay. */
  private sayings = 0;

  constructor(ctx: DurableContext, parts: IncidentParts, id: string) {
    this.ctx = ctx;
    this.parts = parts;
    this.id = id;
  }

  /** Reads something small out of the record. */
  async read<T>(name: string, select: (head: IncidentHead) => T): Promise<T> {
    return await this.step(name, async () => select(await this.head()));
  }

  /** Moves the incident on and draws the card; once there, moving again changes nothing. */
  async move(to: IncidentState, actor: Actor = WORKFLOW): Promise<void> {
    await this.step(`move to ${to}`, async () => {
      await this.update((head) => (head.state === to ? head : transition(head, to, actor, this.now())));
      log('incident-moved', { incidentId: this.id, to });
    });
    await this.show();
  }

  /** Ends the incident and frees its alarm for the next one. @returns its state; what has ended stays as it is */
  async end(to: IncidentState, why?: string, { unlessGrown, kept }: EndHow = {}): Promise<IncidentState> {
    return await this.close(`end as ${to}`, (head) => {
      if (unlessGrown === true && head.unread !== undefined) return head;
      return { ...withAftermath(head, transition(head, to, WORKFLOW, this.now(), why)), ...kept };
    });
  }

  /** Ends the incident by a click that leaves things as they are; its alarm stays quiet for a while. */
  async dismiss(actor: Actor): Promise<IncidentState> {
    const { clock, dismissalHoldSeconds: hold } = this.parts;
    return await this.close('end as dismissed', (head) => dismiss(head, actor, clock.now(), hold));
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

  /**
   * Draws the card. What Slack does not take stops nothing: it is owed, the next drawing shows everything, and the reconciler
   * draws when nobody else does.
   * @param isPatient whether it is tried some times here: where people wait for what it shows, and the workflow for them
   */
  async show({ isPatient } = { isPatient: false }): Promise<void> {
    const tries = isPatient ? SHOW_TRIES : 1;
    for (let attempt = 1; attempt <= tries; attempt++) {
      const wait = await this.step('show card', async () => {
        try {
          await showIncident(
            this.parts.store,
            this.parts.notifier,
            this.id,
            this.ctx.executionContext.durableExecutionArn,
          );
          return null;
        } catch (error) {
          if (error instanceof RecordUnavailableError) throw error;
          log('slack-failed', { incidentId: this.id, step: 'show card', error: messageOf(error) });
          return error instanceof ChannelBusyError ? error.waitSeconds : 0;
        }
      });
      if (wait === null || attempt === tries) return;
      await this.ctx.wait('Slack', { seconds: Math.min(Math.max(wait, 2 ** attempt), SHOW_PAUSE_SECONDS) });
    }
  }

  /**
   * Makes a side record in a step of its own, once the card shows what it is about. What fails is tried again some times,
   * logged and shown on the card as missing; it stops nothing.
   */
  async side(what: SideRecord, name: string, make: () => Promise<void>): Promise<void> {
    try {
      await this.step(name, async () => {
        await make();
        await this.noteMade(what);
      });
    } catch (error) {
      await this.miss({ what, why: messageOf(error) });
    }
  }

  /**
   * Says something beside the card, once, because Slack has tried already; what it does not take stops nothing. A step that
   * died after it was said is repeated with the same key, and nothing is said twice.
   * @param told.textOf what it says, where that is a note: it is owed until it was said
   * @param told.once names what an incident says once at most, whichever of its executions does
   */
  async tell(
    what: SideRecord,
    name: string,
    say: (saying: Saying) => Promise<void>,
    { textOf, once }: { readonly textOf?: TextOf; readonly once?: string } = {},
  ): Promise<void> {
    this.sayings += 1;
    const { durableExecutionArn: arn } = this.ctx.executionContext;
    const key = once ?? `${this.sayings}-${sha256(arn).slice(0, KEY_CHARS)}`;
    let why: string;
    try {
      why = await this.step(name, () =>
        this.attempt(what, async () => {
          await say({ key, isRepeat: begunBefore(this.parts.store, this.id, `saying-${key}`) });
        }),
      );
    } catch (error) {
      why = messageOf(error);
    }
    if (why !== '') await this.miss({ what, why, key }, textOf);
  }

  /** Notes that a side record is missing and shows it. */
  async miss(miss: Miss, textOf?: TextOf): Promise<void> {
    await this.ctx.step(`note that ${miss.what} is missing`, () => this.noteMissing(miss, textOf));
    await this.show();
  }

  /**
   * Makes a side record within a step, where what follows must not wait for it. @returns why it could not be made, for the
   * log and the card; empty when it was
   * @throws RecordUnavailableError when the table was away before it was made: then the step is repeated
   * @throws ChannelBusyError when there was no turn to speak, in the same way
   */
  async attempt(what: SideRecord, make: () => Promise<void>): Promise<string> {
    try {
      await make();
    } catch (error) {
      if (error instanceof RecordUnavailableError || error instanceof ChannelBusyError) throw error;
      return messageOf(error);
    }
    try {
      await this.noteMade(what);
    } catch (error) {
      // It is made: a repeat would say it twice.
      log('side-record-not-noted', { incidentId: this.id, what, error: messageOf(error) });
    }
    return '';
  }

  /** The same where nobody can look at the reason afterwards: the card that follows shows what is missing. */
  async attemptHere(what: SideRecord, make: () => Promise<void>): Promise<void> {
    const why = await this.attempt(what, make);
    if (why !== '') await this.noteMissing({ what, why });
  }

  private async noteMade(what: SideRecord): Promise<void> {
    const head = await this.head();
    if (made(head, what) !== head) await this.update((now) => made(now, what));
  }

  private async noteMissing(miss: Miss, textOf?: TextOf): Promise<void> {
    const { what, why } = miss;
    log('side-record-missing', { incidentId: this.id, what, error: why });
    try {
      await this.update((head) => {
        const text = textOf?.(head);
        const isNothing = textOf !== undefined && text === undefined;
        return isNothing ? head : missed(head, { ...miss, text }, this.parts.clock.now());
      });
    } catch (error) {
      log('side-record-not-noted', { incidentId: this.id, what, error: String(error) });
    }
  }

  /** Does something with an effect once, also when the workflow is replayed; an error is tried again some times. */
  async step<T>(name: string, body: () => Promise<T>, ctx = this.ctx): Promise<T> {
    return await ctx.step<T>(name, body, RETRIES);
  }

  /**
   * Reads everything that is known, inside a step: every collection of every node is among it.
   * @throws IncidentGoneError when the record is gone
   */
  async load(): Promise<Incident> {
    return this.there(await this.parts.store.load(this.id));
  }

  /**
   * Reads the head alone, inside a step.
   * @throws IncidentGoneError when the record is gone
   */
  async head(): Promise<IncidentHead> {
    return this.there(await this.parts.store.head(this.id));
  }

  private there<T>(found: T | undefined): T {
    if (found === undefined)
      throw new IncidentGoneError(`${this.id} is not in the table any more; nothing was changed.`);
    return found;
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
  async keepAudit(): Promise<void> {
    await this.side('audit', 'keep audit', async () => {
      const history = await this.parts.store.history(this.id);
      if (history === undefined) return;
      const audit = auditOf(history);
      const key = `${this.id}/audit-${String(audit.revision).padStart(6, '0')}.json`;
      await this.parts.evidence.putOnce(key, `${JSON.stringify(audit, null, 2)}\n`);
    });
  }

  private async close(name: string, change: (head: IncidentHead) => IncidentHead): Promise<IncidentState> {
    const state = await this.step(name, async () => {
      const head = await this.update((now) => (isClosed(now.state) ? now : change(now)));
      if (isClosed(head.state)) {
        await this.freeAlarm(head);
        const why = head.transitions.at(-1)?.why ?? '';
        log('incident-ended', { incidentId: this.id, state: head.state, why });
      }
      return head.state;
    });
    await this.show({ isPatient: true });
    if (isClosed(state)) await this.keepAudit();
    return state;
  }

  /** A lock that stays is passed over by the next firing, because its incident has ended. */
  private async freeAlarm(head: IncidentHead): Promise<void> {
    try {
      await this.parts.store.close(head);
    } catch (error) {
      log('alarm-not-freed', { incidentId: this.id, error: String(error) });
    }
  }
}
