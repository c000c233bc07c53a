import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { awaitDecision, decideUnattended, pendingDecision } from '../../src/core/incident/decide.ts';
import { okSince } from '../../src/core/incident/joining/alarms-ok.ts';
import { noteAlarmOk } from '../../src/core/incident/open-incident.ts';
import type { Decision, IncidentState } from '../../src/core/record/incident.ts';
import { isClosed } from '../../src/core/record/transitions.ts';
import { decisionLifeOver, type LifeOver } from '../../src/core/remediation/decision-life.ts';
import type { IncidentParts } from './parts.ts';
import type { IncidentRecord } from './record.ts';

/** Waits for somebody to decide and says what the decision allows, each as durable steps. */
export class IncidentDecisions {
  private readonly ctx: DurableContext;
  private readonly parts: IncidentParts;
  private readonly record: IncidentRecord;

  constructor(ctx: DurableContext, parts: IncidentParts, record: IncidentRecord) {
    this.ctx = ctx;
    this.parts = parts;
    this.record = record;
  }

  /**
   * Opens a callback, shows the buttons and waits. What counts is the decision on record, not what woke the workflow.
   * @param why shown on the card when the wait follows a refusal
   * @param meanwhile what is to be said beside the card once it shows the buttons
   * @returns nothing when somebody woke the workflow without a decision; the state of an early warning that an alarm has taken over
   */
  async waitForDecision(
    why?: string,
    meanwhile?: () => Promise<void>,
  ): Promise<Decision | IncidentState | undefined> {
    const timeout = { seconds: this.parts.decisionTimeoutSeconds };
    const [answer, id] = await this.ctx.createCallback('decision', { timeout });
    const decided = await this.record.step('offer', async () => {
      const expiresAt = new Date(this.parts.clock.now() + timeout.seconds * 1000).toISOString();
      const okAt = await okSince(this.parts.store, await this.record.head());
      const head = await this.record.update((now) => {
        // Buttons that nobody needs are not offered, also where whoever was to note the OK has died.
        if (isClosed(now.state)) return now;
        const settled = okAt === undefined ? now : noteAlarmOk(now, okAt, this.parts.clock.now());
        return awaitDecision(settled, { id, expiresAt }, this.record.now(), why);
      });
      return isClosed(head.state) ? head.state : (pendingDecision(head)?.kind ?? null);
    });
    // What Slack does not take is owed: a click is waited for all the same, and the buttons come when they can.
    await this.record.show({ isPatient: true });
    // With more nodes another plan comes, and its runbooks with it.
    if (decided !== 'new-nodes') await meanwhile?.();
    const isWoken =
      decided !== null ||
      (await answer.then(
        () => true,
        () => false,
      ));
    return await this.record.step('read decision', async () => {
      const head = await this.record.update((now) =>
        isWoken || pendingDecision(now) !== undefined || isClosed(now.state)
          ? now
          : decideUnattended(now, 'timeout', this.parts.clock.now()),
      );
      return isClosed(head.state) ? head.state : pendingDecision(head);
    });
  }

  /** Why nothing may be sent on a decision any more; null while something may. */
  async lifeOver({ number }: Pick<Decision, 'number'>): Promise<LifeOver | null> {
    const lifeSeconds = this.parts.decisionLifeSeconds;
    return await this.record.read(
      'judge decision',
      (head) => decisionLifeOver(head, number, { now: this.parts.clock.now(), lifeSeconds }) ?? null,
    );
  }
}
