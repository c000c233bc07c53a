import { type DurableContext, InvokeError } from '@aws/durable-execution-sdk-js';
import { messageOf } from '../../src/core/errors.ts';
import { showIncident } from '../../src/core/incident/shown/show-incident.ts';
import { stepName } from '../../src/core/plan/kinds.ts';
import { placeOfNodes } from '../../src/core/record/place.ts';
import type { RemediationOrder } from '../../src/core/remediation/authorise.ts';
import { stepsOf } from '../../src/core/remediation/claim.ts';
import { unlockNodes } from '../../src/core/remediation/locks.ts';
import { isOutcomeOpen } from '../../src/core/remediation/outcome.ts';
import type { RemediateAnswer } from '../../src/core/remediation/remediate-nodes.ts';
import { isUnanswered } from '../../src/core/remediation/steps.ts';
import {
  isDone,
  needsReading,
  type OrderResult,
  orderResultOf,
  reasonOf,
  verifyRemediation,
} from '../../src/core/remediation/verify.ts';
import { log } from '../log.ts';
import type { RemediateEvent } from '../remediate.ts';
import { IncidentClaims, isWithoutEnd, mayArrive } from './claims.ts';
import type { IncidentEvidence } from './evidence.ts';
import type { IncidentParts } from './parts.ts';
import type { IncidentRecord } from './record.ts';

/** What is known after an order was given: whether all went well, and which nodes have to be read. */
export interface Ordered {
  readonly isDone: boolean;
  /** Whether a step of it is on record; otherwise it was refused as a whole. */
  readonly isClaimed: boolean;
  readonly toRead: readonly string[];
  /** Nodes on which the command has certainly ended. */
  readonly over: readonly string[];
  /** Whether only reading can tell what became of a node. */
  readonly isOpen: boolean;
  /** Why it did not go well. */
  readonly why: string;
}

/** What was seen of a command on several nodes. */
interface Followed {
  /** How many nodes had ended it when the card was drawn last. */
  readonly shown: number;
  readonly hasBegun: boolean;
  readonly hasEnded: boolean;
}

/** Looks after which an order that claims no step is taken for one that was refused. */
const LOOKS_FOR_A_BEGINNING = 3;

/** Has decisions carried out on nodes and holds them against what the nodes show, each as durable steps. */
export class IncidentOrders {
  private readonly ctx: DurableContext;
  private readonly parts: IncidentParts;
  private readonly record: IncidentRecord;
  private readonly evidence: IncidentEvidence;
  private readonly claims: IncidentClaims;

  constructor(ctx: DurableContext, parts: IncidentParts, record: IncidentRecord, evidence: IncidentEvidence) {
    this.ctx = ctx;
    this.parts = parts;
    this.record = record;
    this.evidence = evidence;
    this.claims = new IncidentClaims(ctx, parts, record);
  }

  /** Has an order carried out by the remediate function, once, and reads from the record what came of it. */
  async order(order: RemediationOrder): Promise<Ordered> {
    return await this.outcomeOf(order, await this.carryOut(order));
  }

  /**
   * Reads from the record what came of an order, and waits for a command that nobody waits for any more.
   * @param refusal why nothing was sent, where that is known
   */
  async outcomeOf(order: RemediationOrder, refusal = ''): Promise<Ordered> {
    const lost = await this.record.read('look for lost answers', (head) =>
      stepsOf(head, order)
        .filter(isUnanswered)
        .flatMap(({ commandId, instanceId }) =>
          commandId === undefined ? [] : [{ commandId, instanceId, place: placeOfNodes(head, [instanceId]) }],
        ),
    );
    const lostIds = lost.map(({ instanceId }) => instanceId);
    const isOver = lost.length > 0 && (await this.evidence.waitForCommands(byCommand(lost)));
    return await this.record.read('read outcome', (head) => {
      const steps = stepsOf(head, order);
      const bad = steps.find((step) => !isDone(step));
      const failed = steps.filter(({ outcome }) => outcome === 'failed').map(({ instanceId }) => instanceId);
      return {
        isClaimed: steps.length > 0,
        isDone: steps.length === order.instanceIds.length && bad === undefined,
        toRead: steps.filter(needsReading).map(({ instanceId }) => instanceId),
        over: isOver ? [...failed, ...lostIds] : failed,
        isOpen: steps.some(isOutcomeOpen),
        why: bad === undefined ? refusal : reasonOf(bad),
      };
    });
  }

  /** One rollback after the other: a node that refuses stops none, a lost answer stops those after it. */
  async orderRollbacks(orders: readonly RemediationOrder[]): Promise<Ordered> {
    let all: Ordered = { isDone: true, isClaimed: false, toRead: [], over: [], isOpen: false, why: '' };
    for (const order of orders) {
      if (order.instanceIds.length === 0) continue;
      const one = await this.order(order);
      all = {
        isDone: all.isDone && one.isDone,
        isClaimed: all.isClaimed || one.isClaimed,
        toRead: [...all.toRead, ...one.toRead],
        over: [...all.over, ...one.over],
        isOpen: all.isOpen || one.isOpen,
        why: one.isDone ? all.why : one.why,
      };
      if (one.isOpen) break;
    }
    return all;
  }

  /**
   * Reads the nodes of a rollback after a while, so that the card's numbers are those of now. Where every answer is known
   * this changes nothing of how the rollback ends: a reading that fails is logged, and the card says how old its numbers are.
   */
  async readBack(order: RemediationOrder, ordered: Ordered): Promise<void> {
    if (ordered.toRead.length === 0) return;
    await this.record.show();
    try {
      await this.verify(order, ordered);
    } catch (error) {
      if (ordered.isOpen) throw error;
      await this.record.miss({ what: 'read-back', why: messageOf(error) });
    }
  }

  /**
   * Holds an order against what its nodes show after a while; `others` are read along with them. Where no answer came to the
   * sending and a node does not show the change, it is read again once nothing of that can arrive any more.
   */
  async verify(
    order: RemediationOrder,
    { toRead, over }: Pick<Ordered, 'toRead' | 'over'>,
    others: readonly string[] = [],
  ): Promise<OrderResult> {
    let result = await this.verifyOnce(order, { toRead, over, seconds: this.parts.settleSeconds }, others);
    const unended = await this.record.read('look for claims without an end', (head) =>
      stepsOf(head, order)
        .filter(isWithoutEnd)
        .map((step) => step.instanceId),
    );
    if (unended.length > 0) {
      await this.record.show();
      await this.claims.awaitEnds({ ...order, instanceIds: unended });
      result = await this.verifyEnded({ ...order, instanceIds: unended }, order);
    }
    const { instanceIds, seconds } = await this.record.read('look for what may arrive', (head) => {
      const arriving = stepsOf(head, order).filter(mayArrive);
      const sentBy = Math.max(...arriving.map(({ finishedAt }) => Date.parse(finishedAt ?? '')));
      const until = sentBy + this.parts.patienceSeconds * 1000;
      return {
        instanceIds: arriving.map(({ instanceId }) => instanceId),
        seconds: arriving.length === 0 ? 0 : Math.max(1, Math.ceil((until - this.parts.clock.now()) / 1000)),
      };
    });
    if (instanceIds.length === 0) return result;
    await this.record.show();
    await this.verifyOnce({ ...order, instanceIds }, { toRead: instanceIds, over: instanceIds, seconds });
    return await this.record.read('read result', (head) => orderResultOf(head, order));
  }

  /** Reads those of the nodes whose function has said something after all. */
  private async verifyEnded(order: RemediationOrder, whole: RemediationOrder): Promise<OrderResult> {
    const answered = await this.record.read('look for answers', (head) =>
      stepsOf(head, order).flatMap((step) => (mayArrive(step) ? [] : [step.instanceId])),
    );
    if (answered.length > 0) {
      const late = { ...order, instanceIds: answered };
      const { toRead, over } = await this.outcomeOf(late);
      if (toRead.length > 0) await this.verifyOnce(late, { toRead, over, seconds: this.parts.settleSeconds });
    }
    return await this.record.read('read result', (head) => orderResultOf(head, whole));
  }

  private async verifyOnce(
    order: RemediationOrder,
    {
      toRead,
      over,
      seconds,
    }: Pick<Ordered, 'toRead' | 'over'> & {
      /** Until then nothing is read. */
      readonly seconds: number;
    },
    others: readonly string[] = [],
  ): Promise<OrderResult> {
    await this.ctx.wait('settle', { seconds });
    await this.evidence.collect([...toRead, ...others], { isFresh: true });
    return await this.record.step('verify', async () => {
      const ended = await verifyRemediation(
        this.parts.store,
        this.parts.catalogue,
        this.record.id,
        order,
        over,
      );
      await unlockNodes(this.parts, this.record.id, order.decision, ended);
      return orderResultOf(await this.record.head(), order);
    });
  }

  /** Has an order carried out, and of one for several nodes shows how far it has come. */
  private async carryOut(order: RemediationOrder): Promise<string> {
    if (order.instanceIds.length < 2) return await this.invokeRemediate(this.ctx, order);
    const both = await this.ctx.parallel<string>('carry out', [
      { name: 'command', func: (ctx) => this.invokeRemediate(ctx, order) },
      { name: 'progress', func: (ctx) => this.followProgress(ctx, order) },
    ]);
    both.throwIfError();
    return both.getResults().join('');
  }

  /**
   * Draws the card as nodes answer: once a poll at most and only when the count has changed, so a channel sees far fewer
   * edits than the one a second that Slack takes.
   */
  private async followProgress(ctx: DurableContext, order: RemediationOrder): Promise<string> {
    const { store, notifier, pollSeconds, patienceSeconds } = this.parts;
    const looks = Math.ceil(patienceSeconds / pollSeconds);
    await ctx.waitForCondition<Followed>(
      'follow progress',
      async (seen) => {
        try {
          const head = await store.head(this.record.id);
          const steps = head === undefined ? [] : stepsOf(head, order);
          const shown = head?.progress?.finished ?? seen.shown;
          if (shown !== seen.shown) await showIncident(store, notifier, this.record.id);
          const hasEnded = steps.length > 0 && steps.every(({ finishedAt }) => finishedAt !== undefined);
          return { shown, hasBegun: steps.length > 0, hasEnded };
        } catch (error) {
          log('progress-not-shown', { incidentId: this.record.id, error: String(error) });
          return seen;
        }
      },
      {
        initialState: { shown: 0, hasBegun: false, hasEnded: false },
        waitStrategy: ({ hasBegun, hasEnded }, attempt) =>
          hasEnded || attempt >= (hasBegun ? looks : LOOKS_FOR_A_BEGINNING)
            ? { shouldContinue: false }
            : { shouldContinue: true, delay: { seconds: pollSeconds } },
      },
    );
    return '';
  }

  /** @returns why nothing was sent, or that the function was interrupted; empty when the record says everything */
  private async invokeRemediate(ctx: DurableContext, order: RemediationOrder): Promise<string> {
    const event: RemediateEvent = {
      incidentId: this.record.id,
      ...order,
      instanceIds: [...order.instanceIds],
    };
    try {
      const answer = await ctx.invoke<RemediateEvent, RemediateAnswer>(
        order.kind,
        this.parts.remediateFunction,
        event,
      );
      return answer.kind === 'refused' ? answer.why : '';
    } catch (error) {
      if (!(error instanceof InvokeError)) throw error;
      log('remediation-interrupted', { incidentId: this.record.id, kind: order.kind, error: error.message });
      await this.claims.noteInterrupted(order, ctx);
      return `The ${stepName(order.kind)} was interrupted, and nothing is known of it.`;
    }
  }
}

/** Nodes whose answer is lost, by the command that they were sent. */
function byCommand<T extends { readonly commandId: string; readonly instanceId: string }>(
  lost: readonly T[],
): readonly (T & { readonly instanceIds: readonly string[] })[] {
  const firsts = new Map(lost.toReversed().map((one) => [one.commandId, one]));
  return [...firsts.values()].map((one) => ({
    ...one,
    instanceIds: lost.flatMap(({ commandId, instanceId }) =>
      commandId === one.commandId ? [instanceId] : [],
    ),
  }));
}
