import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { messageOf } from '../../src/core/errors.ts';
import { MAY_ARRIVE_SECONDS } from '../../src/core/keep/manage-association.ts';
import { stepName } from '../../src/core/plan/kinds.ts';
import type { Remediation } from '../../src/core/record/incident.ts';
import type { RemediationOrder } from '../../src/core/remediation/authorise.ts';
import { stepsOf, updateRemediation } from '../../src/core/remediation/claim.ts';
import { isUnanswered } from '../../src/core/remediation/steps.ts';
import { log } from '../log.ts';
import type { IncidentParts } from './parts.ts';
import type { IncidentRecord } from './record.ts';

/** Between two looks whether a function that may have died has said something after all. */
const LOOK_SECONDS = 60;

/** Whether no answer came to the sending of a step, so that nobody can follow its command. */
export const mayArrive = ({ outcome, commandId, finishedAt, differs }: Remediation): boolean =>
  outcome === 'unknown' && commandId === undefined && finishedAt !== undefined && differs !== true;

/** Whether a step was claimed by a function that has said nothing since: it may still be about to send it, or has died. */
export const isWithoutEnd = (step: Remediation): boolean =>
  isUnanswered(step) && step.commandId === undefined && step.finishedAt === undefined;

/** Brings claims to an end whose function is not there any more to do it, each as durable steps. */
export class IncidentClaims {
  private readonly ctx: DurableContext;
  private readonly parts: Pick<IncidentParts, 'store' | 'clock'>;
  private readonly record: IncidentRecord;

  constructor(ctx: DurableContext, parts: Pick<IncidentParts, 'store' | 'clock'>, record: IncidentRecord) {
    this.ctx = ctx;
    this.parts = parts;
    this.record = record;
  }

  /** Waits until the function that claimed these steps has said what came of them, or can not live any more. */
  async awaitEnds(order: RemediationOrder): Promise<void> {
    const { store, clock } = this.parts;
    await this.ctx.waitForCondition(
      'wait for who claimed it',
      async () => {
        try {
          const head = await store.head(this.record.id);
          const left = head === undefined ? [] : stepsOf(head, order).filter(isWithoutEnd);
          const isOver = ({ claimedAt }: Remediation) =>
            clock.now() - Date.parse(claimedAt) > MAY_ARRIVE_SECONDS * 1000;
          return left.every(isOver);
        } catch (error) {
          log('look-failed', { incidentId: this.record.id, error: messageOf(error) });
          return false;
        }
      },
      {
        initialState: false,
        waitStrategy: (isOver) =>
          isOver ? { shouldContinue: false } : { shouldContinue: true, delay: { seconds: LOOK_SECONDS } },
      },
    );
    await this.noteInterrupted(order);
  }

  /** The function has ended, so what it claimed and is not known to have sent was sent by now, or never will be. */
  async noteInterrupted(order: RemediationOrder, ctx = this.ctx): Promise<void> {
    await this.record.step(
      'note the interruption',
      async () => {
        const finishedAt = this.record.now();
        await this.record.update((head) =>
          updateRemediation(head, order, (step) => {
            const { instanceId, kind, detail } = step;
            const cutOff = `${instanceId}: the function that was to send the ${stepName(kind)} was cut off`;
            return isWithoutEnd(step) ? { outcome: 'unknown', finishedAt, detail: detail ?? cutOff } : {};
          }),
        );
      },
      ctx,
    );
  }
}
